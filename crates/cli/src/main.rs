//! `labyard`: clusters from the terminal.

mod audit;
mod auth;
mod cluster;
mod cluster_view;
mod command;
mod completion;
mod config;
mod confirm;
#[cfg(test)]
mod documents;
mod environment;
mod events;
mod failure;
mod follow;
mod host;
mod link;
mod lookup;
mod names;
mod org;
mod output;
mod pages;
mod report;
mod session;
mod share;
mod span;
mod stream;
mod task;
mod timeline;
mod token;
mod waiting;
mod webhook;
mod why;
mod with;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::{command::Cli, report::report};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let done = Cli::parse().run().await;
    done.unwrap_or_else(|failure| report(&failure))
}
