//! The cluster that `with` makes: known from the first answer on, so that it can be deleted.

use std::{cell::RefCell, time::Duration};

use api::{
    Timestamp,
    client::{AcceptedAt, Error},
    cluster::{Cluster, CreateCluster},
};
use domain::{ClusterId, ClusterStatus, Cursor};
use uuid::Uuid;

use super::{child::Ended, cleanup, signals::Signals};
use crate::{failure::Failure, follow, output, session::Session};

pub(super) struct Lab {
    pub(super) id: ClusterId,
    pub(super) name: String,
    pub(super) expires_at: Timestamp,
    /// As it was accepted, with the place in the log; used up by the one who follows it.
    accepted: RefCell<Option<(Cluster, Option<Cursor>)>>,
    first_words: String,
}

/// Nobody else has this one, so that it can be looked for when the answer was lost.
pub(super) fn made_up_name() -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!("with-{}", &random[..12])
}

impl Lab {
    /// Asks for the cluster. A signal meanwhile is kept until the answer says what to delete; the
    /// second one is the end.
    pub(super) async fn make(
        session: &mut Session,
        wanted: CreateCluster,
        name_made_up: bool,
        signals: &mut Signals,
    ) -> Result<Result<Self, Ended>, Failure> {
        let asked = {
            let mut asking = std::pin::pin!(ask(session, &wanted));
            loop {
                let again = signals.first.is_some();
                tokio::select! {
                    biased;
                    signal = signals.next() => {
                        if again {
                            may_be_left(&wanted.name);
                            return Ok(Err(Ended::Interrupted(signal)));
                        }
                        output::complain("Interrupted. Waiting to learn what to delete.");
                    }
                    asked = &mut asking => break asked,
                }
            }
        };
        match asked {
            Ok(accepted) => Ok(Ok(Self::of(accepted))),
            Err(failure) => {
                // A name that somebody chose may be that of another cluster: it is only named.
                let settled = is_refusal(&failure)
                    || (name_made_up && cleanup::search(session, &wanted.name).await);
                if !settled {
                    may_be_left(&wanted.name);
                }
                Err(failure)
            }
        }
    }

    fn of((accepted, at): AcceptedAt) -> Self {
        let cluster = accepted.cluster;
        Self {
            id: cluster.id,
            name: cluster.name.clone(),
            expires_at: cluster.expires_at,
            first_words: follow::describe(&accepted.task),
            accepted: RefCell::new(Some((cluster, at))),
        }
    }

    pub(super) fn found(cluster: &Cluster) -> Self {
        Self {
            id: cluster.id,
            name: cluster.name.clone(),
            expires_at: cluster.expires_at,
            first_words: String::new(),
            accepted: RefCell::new(None),
        }
    }

    pub(super) async fn until_it_runs(
        &self,
        session: &mut Session,
        within: Duration,
    ) -> Result<(), Failure> {
        let Some((cluster, at)) = self.accepted.take() else {
            return Ok(());
        };
        let settled = |status| status != ClusterStatus::Provisioning;
        let wanted = follow::Cluster::of(&cluster, settled);
        let mut progress = output::Progress::for_everyone();
        progress.show(self.first_words.clone());
        let cluster = follow::until(session, wanted, cluster, at, within, progress).await?;
        if cluster.status == ClusterStatus::Running {
            return Ok(());
        }
        let status = cluster.status.as_str();
        let name = &self.name;
        Err(match &cluster.reason {
            Some(reason) => Failure::failed(
                format!("The cluster {name} is {status}: {}", reason.message),
                &reason.fix,
            ),
            None => Failure::failed(
                format!("The cluster {name} is {status}."),
                format!("See why: labyard why {}", self.id),
            ),
        })
    }

    /// Said when it stays on purpose.
    pub(super) fn kept(&self) {
        output::complain(&format!(
            "The cluster {} is kept until {}.",
            self.name, self.expires_at
        ));
        output::advise(&format!("See how it is: labyard why {}", self.id));
        output::advise(&format!("Delete it: labyard cluster delete {}", self.id));
    }
}

async fn ask(session: &mut Session, wanted: &CreateCluster) -> Result<AcceptedAt, Failure> {
    session
        .call(|client| async move { client.create_cluster_at(wanted).await })
        .await
}

/// The server heard it and did not do it.
fn is_refusal(failure: &Failure) -> bool {
    match failure {
        Failure::Api(Error::Problem(problem)) => problem.status < 500,
        Failure::Api(_) => false,
        _ => true,
    }
}

fn may_be_left(name: &str) {
    output::complain(&format!(
        "The cluster {name} may have been created. If so, it is deleted when it expires."
    ));
    output::advise(&format!("Delete it now: labyard cluster delete {name}"));
}
