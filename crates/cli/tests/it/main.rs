//! The program as it is run, against a server that says what each test needs it to say.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod exec;
mod follow;
mod habits;
mod lists;
mod login;
mod others;
mod people;
mod refusals;
mod server;
mod surroundings;
mod why;
mod with;
mod work;

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Somebody with a home of their own.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Logged in to a server since so long that the access token `old` has run out.
    pub(crate) fn logged_in(server: &str) -> Self {
        let home = Self::empty();
        let file = home.config_file();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = format!("server: {server}\naccess_token: old\nrefresh_token: r1\n");
        std::fs::write(file, text).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.0.path().join("labyard/config.yaml")
    }

    pub(crate) fn labyard(&self, arguments: &[&str]) -> Said {
        said(self.command().args(arguments))
    }

    pub(crate) fn labyard_with_token(&self, arguments: &[&str]) -> Said {
        said(self.command().env("LABYARD_TOKEN", "t").args(arguments))
    }

    /// With this on standard input.
    pub(crate) fn labyard_told(&self, arguments: &[&str], input: &str) -> Said {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(input.as_bytes()).unwrap();
        drop(writer);
        said(self.command().args(arguments).stdin(reader))
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_labyard"));
        command
            .env("XDG_CONFIG_HOME", self.0.path())
            .env("NO_PROXY", "*")
            .env_remove("LABYARD_SERVER")
            .env_remove("LABYARD_TOKEN")
            .env_remove("LABYARD_CI_TOKEN")
            .env_remove("ACTIONS_ID_TOKEN_REQUEST_URL")
            .env_remove("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
            .stdin(Stdio::null());
        command
    }
}

pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
