//! The cluster that `with` makes: known from the first answer on, so that it can be deleted.

use std::{cell::RefCell, time::Duration};

use api::{Timestamp, client::AcceptedAt, cluster::Cluster};
use domain::{ClusterId, ClusterStatus, Cursor};

use crate::{failure::Failure, follow, output, session::Session};

pub(super) struct Lab {
    pub(super) id: ClusterId,
    pub(super) name: String,
    pub(super) expires_at: Timestamp,
    /// As it was accepted, with the place in the log; used up by the one who follows it.
    accepted: RefCell<Option<(Cluster, Option<Cursor>)>>,
    first_words: String,
}

impl Lab {
    /// The one that was just accepted.
    pub(super) fn of((accepted, at): AcceptedAt) -> Self {
        let cluster = accepted.cluster;
        Self {
            id: cluster.id,
            name: cluster.name.clone(),
            expires_at: cluster.expires_at,
            first_words: follow::describe(&accepted.task),
            accepted: RefCell::new(Some((cluster, at))),
        }
    }

    /// One that was there when it was looked for.
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

    /// Printed when it stays on purpose.
    pub(super) fn print_kept(&self) {
        output::complain(&format!(
            "The cluster {} is kept until {}.",
            self.name, self.expires_at
        ));
        output::advise(&format!("See how it is: labyard why {}", self.id));
        output::advise(&format!("Delete it: labyard cluster delete {}", self.id));
    }
}
