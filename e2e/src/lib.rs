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

use std::{net::IpAddr, path::PathBuf};

/// Where people open the page: a session by cookie is given and taken under this name alone.
pub fn page() -> String {
    std::env::var("LABYARD_E2E_PAGE").unwrap_or_else(|_| "http://labyard.localhost:3000".into())
}

/// Where the stack's door is, like `http://localhost:3000`.
pub fn url() -> String {
    std::env::var("LABYARD_E2E_URL").expect("LABYARD_E2E_URL names the stack's door")
}

/// Whether an address that the audit names is this machine: the loopback has two.
pub fn is_here(address: Option<&str>) -> bool {
    let address: Option<IpAddr> = address.and_then(|address| address.parse().ok());
    address.is_some_and(|address| address.is_loopback())
}

/// The stack's folder: `bin/` and `run/` are in it.
pub fn home() -> PathBuf {
    std::env::var_os("LABYARD_E2E_HOME")
        .expect("LABYARD_E2E_HOME names the stack's folder")
        .into()
}
