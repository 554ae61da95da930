//! Running programs and looking at what they said.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// # Panics
    /// When the program failed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }
}

/// Runs a program to its end with nothing on its standard input.
pub fn run(command: &mut Command) -> Said {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    said(output)
}

/// Runs a program to its end with this text on its standard input.
pub fn run_given(command: &mut Command, text: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut input = child.stdin.take().unwrap();
    // Who has not read it says at its end why.
    let _ = input.write_all(format!("{text}\n").as_bytes());
    drop(input);
    said(child.wait_with_output().unwrap())
}

/// What a program that has ended said.
pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// `docker` with these arguments.
pub fn docker(arguments: &[&str]) -> Said {
    run(Command::new("docker").args(arguments))
}

/// A real kubectl: the one on the PATH, else the node image's own, copied out once.
pub fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> Said {
    run(Command::new(kubectl_program())
        .env("KUBECONFIG", kubeconfig)
        .args(arguments))
}

/// The same with this on its standard input.
pub fn kubectl_given(kubeconfig: &Path, arguments: &[&str], text: &str) -> Said {
    run_given(
        Command::new(kubectl_program())
            .env("KUBECONFIG", kubeconfig)
            .args(arguments),
        text,
    )
}

/// The program itself: where none is on the PATH and none was copied yet, a lab must run.
pub fn kubectl_program() -> std::path::PathBuf {
    if run(Command::new("sh").args(["-c", "command -v kubectl"])).code == 0 {
        return "kubectl".into();
    }
    let path = crate::home().join("run/kubectl");
    if !path.exists() {
        let node = docker(&["ps", "-q", "--filter", "label=labyard.dev/role=node"]).ok();
        let node = node
            .lines()
            .next()
            .expect("a lab runs, so that its kubectl can be copied")
            .to_owned();
        let inside = docker(&[
            "exec",
            &node,
            "sh",
            "-c",
            "readlink -f $(command -v kubectl)",
        ])
        .ok();
        let text = format!("{node}:{}", inside.trim());
        let part = path.with_extension("part");
        docker(&["cp", &text, part.to_str().unwrap()]).ok();
        // The image may hold one program under many names; it runs by the name it is called.
        std::fs::rename(part, &path).unwrap();
    }
    path
}
