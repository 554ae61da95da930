//! One program of a rig: started with its environment, killed, halted, waited for. It ends with its test.

use std::{
    ffi::{OsStr, OsString},
    fs::OpenOptions,
    io::Write,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use crate::process::signal;

pub struct Program {
    path: PathBuf,
    log: PathBuf,
    environment: Vec<(OsString, OsString)>,
    child: Option<Child>,
}

impl Program {
    pub(super) fn new(path: PathBuf, log: PathBuf) -> Self {
        Self {
            path,
            log,
            environment: Vec::new(),
            child: None,
        }
    }

    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        let pair = (name.as_ref().to_owned(), value.as_ref().to_owned());
        self.environment.push(pair);
    }

    /// Starts it anew, killing what runs; `crash` names the point at which it is to die.
    pub fn start(&mut self, crash: Option<&str>) {
        self.kill();
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .unwrap();
        writeln!(log, "--- starts, {crash:?}").unwrap();
        // The system ends it with the thread that started it.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .arg(&self.path)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        if let Some(point) = crash {
            command.env("LABYARD_CRASH", point);
        }
        self.child = Some(command.spawn().expect("setpriv starts"));
    }

    /// How it ended, if it has; told once.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }

    pub fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// Kills it without warning; false when it did not run.
    pub fn kill(&mut self) -> bool {
        let Some(mut child) = self.child.take() else {
            return false;
        };
        let ran = child.try_wait().unwrap().is_none();
        let _ = child.kill();
        let _ = child.wait();
        ran
    }

    /// Halts it in its tracks, until [`Self::go_on`]; false when it did not run.
    pub fn halt(&mut self) -> bool {
        let runs = self.runs();
        if let Some(child) = self.child.as_ref().filter(|_| runs) {
            signal("-STOP", child.id());
        }
        runs
    }

    pub fn go_on(&mut self) {
        if self.runs()
            && let Some(child) = &self.child
        {
            signal("-CONT", child.id());
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
