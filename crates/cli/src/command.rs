//! What can be typed: every verb by its name; what it does is in a file of its own.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    audit, auth, cluster, completion, events,
    failure::{self, Done},
    host, org,
    output::{self, Format},
    session::Session,
    share, task, timeline, token, webhook, why, with, workspace,
};

/// Disposable Kubernetes clusters for people and pipelines
#[derive(Parser)]
#[command(name = "labyard", version, after_help = failure::EXIT_CODES)]
pub(crate) struct Cli {
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

impl Cli {
    pub(crate) async fn run(self) -> Done {
        let server = self.server.and_then(|Server(address)| address);
        let mut session = Session::new(server, self.output);
        self.command.run(&mut session).await
    }
}

impl Command {
    async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Auth(verb) => verb.run(session).await,
            Self::Cluster(verb) => verb.run(session).await,
            Self::Task(verb) => verb.run(session).await,
            Self::Why(why) => why.run(session).await,
            Self::With(with) => with.run(session).await,
            Self::Timeline(timeline) => timeline.run(session).await,
            Self::Events(events) => events.run(session).await,
            Self::Org(verb) => verb.run(session).await,
            Self::Workspace(verb) => verb.run(session).await,
            Self::Share(verb) => verb.run(session).await,
            Self::Webhook(verb) => verb.run(session).await,
            Self::Token(verb) => verb.run(session).await,
            Self::Audit(audit) => audit.run(session).await,
            Self::Host(verb) => verb.run(session).await,
            Self::Completion(shell) => shell.run(&mut Cli::command()),
            Self::Man(man) => man.run(Cli::command()),
            Self::Version => version(),
        }
    }
}

fn version() -> Done {
    output::print(concat!("labyard ", env!("CARGO_PKG_VERSION")))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verbs_are_well_formed() {
        Cli::command().debug_assert();
    }
}
