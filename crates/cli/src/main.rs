//! `labyard`: clusters from the terminal. This file names the verbs; each has a file of its own.

mod audit;
mod auth;
mod cluster;
mod completion;
mod config;
mod confirm;
#[cfg(test)]
mod documents;
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

use clap::{Parser, Subcommand};

use crate::{failure::Done, output::Format, session::Session};

/// Disposable Kubernetes clusters for people and pipelines
#[derive(Parser)]
#[command(name = "labyard", version, after_help = failure::EXIT_CODES)]
struct Cli {
    /// The address of labyard; by default the one you are logged in to, else http://localhost:3000
    #[arg(long, env = "LABYARD_SERVER", global = true, value_parser = server)]
    server: Option<Server>,
    /// The format of results
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
    /// Create, use and delete clusters
    #[command(subcommand)]
    Cluster(cluster::Verb),
    /// See, watch, cancel and retry tasks
    #[command(subcommand)]
    Task(task::Verb),
    /// Explain why something is waiting, has failed, was refused, will end or can't be reached
    Why(why::Why),
    /// Run a command in a temporary cluster, then delete the cluster
    With(with::With),
    /// Show what happened to a cluster, newest first
    Timeline(timeline::Timeline),
    /// Follow events, one line each
    Events(events::Events),
    /// Organizations, their members and invitations
    #[command(subcommand, alias = "organization")]
    Org(org::Verb),
    /// Workspaces, their use and quotas
    #[command(subcommand)]
    Workspace(workspace::Verb),
    /// Share a cluster with people and by links
    #[command(subcommand)]
    Share(share::Verb),
    /// Send a workspace's events to an address
    #[command(subcommand)]
    Webhook(webhook::Verb),
    /// API tokens, for programs that act for you
    #[command(subcommand)]
    Token(token::Verb),
    /// Show what was done and refused, newest first
    Audit(audit::Audit),
    /// See the hosts; for administrators
    #[command(subcommand)]
    Host(host::Verb),
    /// Print the completion script of a shell
    Completion(completion::Completion),
    /// Write the manual pages
    Man(completion::Man),
    /// Print the version of this program
    Version,
}

/// An address of labyard in its one spelling; an empty variable is none.
#[derive(Debug, Clone)]
struct Server(Option<String>);

fn server(text: &str) -> Result<Server, String> {
    match text.trim() {
        "" => Ok(Server(None)),
        text => api::client::address(text).map(|address| Server(Some(address))),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let server = cli.server.and_then(|Server(address)| address);
    let mut session = Session::new(server, cli.output);
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
        Command::Token(verb) => verb.run(&mut session).await,
        Command::Audit(audit) => audit.run(&mut session).await,
        Command::Host(verb) => verb.run(&mut session).await,
        Command::Completion(shell) => shell.run(),
        Command::Man(man) => man.run(),
        Command::Version => version(),
    };
    match done {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

fn version() -> Done {
    output::say(concat!("labyard ", env!("CARGO_PKG_VERSION")))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_verbs_are_well_formed() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
