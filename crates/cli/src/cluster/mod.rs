//! `labyard cluster …`

mod access;
mod auto_stop;
mod create;
mod delete;
mod exec;
mod extend;
mod get;
mod kubeconfig;
mod list;
mod merge;
mod power;

use clap::Subcommand;

use crate::{failure::Done, session::Session};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Create a cluster and wait until it runs
    Create(create::Create),
    /// List clusters
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show a cluster
    #[command(visible_alias = "show")]
    Get(get::Get),
    /// Delete a cluster and everything in it
    #[command(visible_alias = "rm")]
    Delete(delete::Delete),
    /// Start a stopped cluster and wait until it runs
    Start(power::Power),
    /// Stop a cluster, keep everything in it, and wait until it is stopped
    Stop(power::Power),
    /// Extend a cluster's life
    Extend(extend::Extend),
    /// Stop a cluster when it isn't used
    AutoStop(auto_stop::AutoStop),
    /// Run a command in a cluster's control plane
    Exec(exec::Exec),
    /// Show who has access to a cluster, and why
    Access(access::Access),
    /// Print a kubeconfig, or merge it into yours
    #[command(visible_alias = "get-kubeconfig")]
    Kubeconfig(kubeconfig::Kubeconfig),
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Create(verb) => verb.run(session).await,
            Self::List(verb) => verb.run(session).await,
            Self::Get(verb) => verb.run(session).await,
            Self::Delete(verb) => verb.run(session).await,
            Self::Start(verb) => verb.start(session).await,
            Self::Stop(verb) => verb.stop(session).await,
            Self::Extend(verb) => verb.run(session).await,
            Self::AutoStop(verb) => verb.run(session).await,
            Self::Exec(verb) => verb.run(session).await,
            Self::Access(verb) => verb.run(session).await,
            Self::Kubeconfig(verb) => verb.run(session).await,
        }
    }
}
