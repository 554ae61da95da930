//! `labyard`: clusters from the terminal. This file names the verbs; each has a file of its own.

mod audit;
mod auth;
mod cluster;
mod config;
mod events;
mod failure;
mod follow;
mod host;
mod link;
mod lookup;
mod org;
mod output;
mod pages;
mod session;
mod share;
mod span;
mod stream;
mod task;
mod timeline;
mod waiting;
mod webhook;
mod why;
mod with;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{output::Format, session::Session};

/// Real Kubernetes clusters in seconds.
#[derive(Parser)]
#[command(name = "labyard", version, after_help = failure::EXIT_CODES)]
struct Cli {
    /// Where labyard answers; if absent, the one logged in to, else http://localhost:3000
    #[arg(long, env = "LABYARD_SERVER", global = true, value_parser = server)]
    server: Option<String>,
    /// How results are written
    #[arg(short, long, value_enum, default_value_t = Format::Table, global = true)]
    output: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Log in and out
    #[command(subcommand)]
    Auth(auth::Auth),
    /// Make, use and delete clusters
    #[command(subcommand)]
    Cluster(cluster::Verb),
    /// Look at tasks, follow, cancel and retry them
    #[command(subcommand)]
    Task(task::Verb),
    /// Say why a thing waits, failed, is refused, will end or cannot be reached
    Why(why::Why),
    /// Run a command with a cluster of its own, and delete that whatever happens
    With(with::With),
    /// Show what happened to a cluster, newest first
    Timeline(timeline::Timeline),
    /// Follow what happens, one line an event
    Events(events::Events),
    /// Organizations, who is in them, and invitations
    #[command(subcommand, alias = "organization")]
    Org(org::Verb),
    /// Workspaces, what they hold and may hold
    #[command(subcommand)]
    Workspace(workspace::Verb),
    /// Share a cluster with people and by links
    #[command(subcommand)]
    Share(share::Verb),
    /// Send a workspace's events to an address outside
    #[command(subcommand)]
    Webhook(webhook::Verb),
    /// Show what was done and what was refused, newest first
    Audit(audit::Audit),
    /// Look at the hosts; for administrators
    #[command(subcommand)]
    Host(host::Verb),
}

/// An address somebody could mean; an empty variable is let through as none.
fn server(text: &str) -> Result<String, String> {
    let good = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if text.is_empty() || url::Url::parse(text).is_ok_and(good) {
        return Ok(text.to_owned());
    }
    Err("give http:// or https:// and a host, like http://localhost:3000".into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let mut session = Session::new(cli.server, cli.output);
    let done = match cli.command {
        Command::Auth(verb) => verb.run(&mut session).await,
        Command::Cluster(verb) => verb.run(&mut session).await,
        Command::Task(verb) => verb.run(&mut session).await,
        Command::Why(why) => why.run(&mut session).await,
        Command::With(with) => with.run(&mut session).await,
        Command::Timeline(timeline) => timeline.run(&mut session).await,
        Command::Events(events) => events.run(&mut session).await,
        Command::Org(verb) => verb.run(&mut session).await,
        Command::Workspace(verb) => verb.run(&mut session).await,
        Command::Share(verb) => verb.run(&mut session).await,
        Command::Webhook(verb) => verb.run(&mut session).await,
        Command::Audit(audit) => audit.run(&mut session).await,
        Command::Host(verb) => verb.run(&mut session).await,
    };
    match done {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_verbs_are_well_formed() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
