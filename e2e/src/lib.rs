//! A stack under test from the outside: its door, its command line, its processes, its labs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod command;
pub mod labs;
pub mod machine;
pub mod person;
pub mod process;
pub mod receivers;
pub mod rig;
pub mod standin;
pub mod watch;

use std::path::PathBuf;

/// Where the stack's door is, like `http://localhost:3000`.
pub fn url() -> String {
    std::env::var("LABYARD_E2E_URL").expect("LABYARD_E2E_URL names the stack's door")
}

/// The stack's folder: `bin/` and `run/` are in it.
pub fn home() -> PathBuf {
    std::env::var_os("LABYARD_E2E_HOME")
        .expect("LABYARD_E2E_HOME names the stack's folder")
        .into()
}
