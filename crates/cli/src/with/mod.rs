//! `labyard with`: a cluster for one command, deleted whatever happens.

mod child;
mod cleanup;
mod creation;
mod ended;
mod kubeconfig;
mod lab;
mod signals;

use std::{ffi::OsString, process::ExitCode, time::Duration};

use crate::{
    failure::{Done, Failure},
    output,
    session::Session,
    span,
};
use ended::Ended;
use lab::Lab;
use signals::Signals;

#[derive(clap::Args)]
pub(crate) struct With {
    /// The cluster's name; a random one by default
    #[arg(long)]
    name: Option<String>,
    /// The Kubernetes version, like v1.34.4
    #[arg(long)]
    version: Option<String>,
    /// When the cluster expires if it can't be deleted before, 15m to 7d
    #[arg(long, value_parser = span::ttl, default_value = "1h")]
    ttl: Duration,
    /// Give up if the cluster doesn't run after this long
    #[arg(long, value_parser = span::parse, default_value = "15m")]
    timeout: Duration,
    /// Keep the cluster if it or the command fails
    #[arg(long)]
    keep_on_failure: bool,
    /// The command and its arguments; it gets KUBECONFIG and LABYARD_CLUSTER
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

impl With {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let mut signals = Signals::listen()?;
        let made_up = self.name.is_none();
        let lab = match creation::make(session, self.wanted(), made_up, &mut signals).await? {
            Ok(lab) => lab,
            Err(interrupted) => return Ok(ExitCode::from(interrupted.exit_code())),
        };
        let ended = match signals.first {
            Some(signal) => Ok(Ended::Interrupted(signal)),
            None => self.use_it(session, &lab, &mut signals).await,
        };
        let failed = !matches!(ended, Ok(Ended::Exit(0)));
        if self.keep_on_failure && failed && signals.first.is_none() {
            lab.print_kept();
        } else {
            cleanup::delete(session, &lab, &mut signals).await;
        }
        Ok(ExitCode::from(ended?.exit_code()))
    }

    /// Until the command has ended. The kubeconfig is gone when this is over, however it is.
    async fn use_it(
        &self,
        session: &mut Session,
        lab: &Lab,
        signals: &mut Signals,
    ) -> Result<Ended, Failure> {
        let made = tokio::select! {
            biased;
            signal = signals.next() => return Ok(Ended::Interrupted(signal)),
            made = lab.until_it_runs(session, self.timeout) => made,
        };
        made?;
        let config = tokio::select! {
            biased;
            signal = signals.next() => return Ok(Ended::Interrupted(signal)),
            config = kubeconfig::File::fetch(session, lab.id) => config?,
        };
        output::complain(&format!("The cluster {} is running.", lab.name));
        child::run(&self.command, session, lab, &config, signals).await
    }

    fn wanted(&self) -> api::cluster::CreateCluster {
        let name = self.name.clone().unwrap_or_else(creation::made_up_name);
        api::cluster::CreateCluster {
            ttl_hours: Some(span::hours(self.ttl)),
            k8s_version: self.version.clone(),
            ..api::cluster::CreateCluster::named(name)
        }
    }
}
