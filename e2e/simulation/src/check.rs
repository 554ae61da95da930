//! What must be so at any time, and what must come to be once nothing fails any more.

use std::{collections::BTreeSet, time::Duration};

use domain::ClusterStatus;
use tokio::time::{Instant, sleep};

use crate::{gateway::Seen, run::World};

/// How long everything may take to come right once nothing fails any more.
const CALM: Duration = Duration::from_secs(900);
const LOOK: Duration = Duration::from_secs(5);

impl World {
    /// I2: what a cluster has is on one host.
    pub(crate) fn nowhere_twice(&self) {
        for seen in self.db.clusters() {
            let hosts = self
                .hosts
                .iter()
                .filter(|host| host.count(seen.cluster) > 0)
                .count();
            if hosts > 1 {
                self.audit
                    .violation(format!("I2: {} is on {hosts} hosts", seen.cluster));
            }
        }
    }

    /// What is not yet as it should be.
    fn amiss(&self) -> Option<String> {
        let clusters = self.db.clusters();
        let amiss = |seen: &Seen| {
            let host = seen.host.and_then(|host| self.hosts.get(host));
            match seen.status {
                _ if seen.open.is_some() => Some("has an open task"),
                ClusterStatus::Running if !host.is_some_and(|host| host.runs(seen.cluster)) => {
                    Some("does not run")
                }
                ClusterStatus::Deleted if host.is_some_and(|host| host.count(seen.cluster) > 0) => {
                    Some("is deleted and left something")
                }
                ClusterStatus::Stopped if host.is_some_and(|host| host.runs(seen.cluster)) => {
                    Some("is stopped and runs")
                }
                ClusterStatus::Running
                | ClusterStatus::Stopped
                | ClusterStatus::Error
                | ClusterStatus::Deleted => None,
                _ => Some("is in no settled status"),
            }
        };
        let known: BTreeSet<String> = clusters.iter().map(|seen| seen.cluster.hex()).collect();
        let strange = self
            .hosts
            .iter()
            .flat_map(|host| host.all())
            .find(|name| !known.iter().any(|hex| name.contains(hex.as_str())));
        if let Some(name) = strange {
            return Some(format!("{name} is nobody's"));
        }
        clusters.iter().find_map(|seen| {
            let why = amiss(seen)?;
            Some(format!("{} {} {why}", seen.cluster, seen.status.as_str()))
        })
    }

    pub(crate) async fn comes_right(&self, when: &str) {
        let began = Instant::now();
        // One look is not enough: a late act may still be under way.
        let mut right = 0;
        while right < 3 {
            sleep(LOOK).await;
            self.nowhere_twice();
            match self.amiss() {
                None => right += 1,
                Some(why) if began.elapsed() > CALM => {
                    return self.audit.violation(format!("{when}: {why}"));
                }
                Some(_) => right = 0,
            }
        }
    }
}
