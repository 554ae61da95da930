//! Fills a host's warm pool, after people's work and never before it; the key is the host.

use std::collections::HashMap;

use api::event::kind;
use domain::{ClusterId, ClusterStatus, HostId, Resources, TaskKind, Verb, limits};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    clusters::{
        placement, pool,
        transition::{self, Cause},
    },
    kernel::{
        due::{self, Outcome, Rule, kind::Kind},
        error::Error,
    },
};

/// How soon it is looked at again while something is wanted.
const AGAIN_SECS: u32 = 5;
/// Memory that stays free for people's clusters.
const KEPT_MIB: i64 = 2048;

pub(crate) const RULE: Rule = Rule::new(Kind::Pool, |_, txn, key| Box::pin(act(txn, key)));

/// Makes at most one warm cluster a round, and lets those go that are not wanted or failed.
async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(host) = key.parse::<HostId>() else {
        return Ok(Outcome::Done);
    };
    let Some(wish) = pool::sql::wish(txn, &host, limits::HOST_SILENT_SECS).await? else {
        return Ok(Outcome::Done);
    };
    let warm = pool::sql::of_host(txn, &host).await?;
    if wish.wanted == 0 && warm.is_empty() {
        return Ok(Outcome::Done);
    }
    let wanted = usize::try_from(wish.wanted).unwrap_or_default();
    let mut have: HashMap<&str, usize> = HashMap::new();
    let mut changed = false;
    for cluster in &warm {
        let of_version = have.entry(&cluster.version).or_default();
        let failed = cluster.status == ClusterStatus::Error;
        if failed || *of_version >= wanted || !wish.versions.contains(&cluster.version) {
            transition::apply(txn, cluster.id, Verb::Delete, Cause::default()).await?;
            tracing::info!(cluster = %cluster.id, %host, failed, "a warm cluster goes");
            changed = true;
        } else {
            *of_version += 1;
        }
    }
    let short = wish
        .versions
        .iter()
        .find(|version| have.get(version.as_str()).copied().unwrap_or_default() < wanted);
    if let Some(version) = short
        && !wish.held
        && wish.memory_free_mib >= KEPT_MIB
        && !changed
    {
        let id = ClusterId::from_uuid(Uuid::now_v7());
        let resources = Resources::default();
        pool::sql::insert(txn, id, &host, &wish.driver, version, resources).await?;
        placement::sql::reserve(txn, &host, resources).await?;
        let asked = Cause::default();
        transition::open(txn, id, TaskKind::Create, asked, kind::CLUSTER_CREATED).await?;
        tracing::info!(cluster = %id, %host, version, "warming up a cluster");
        changed = true;
    }
    due::sql::after(txn, Kind::Pool, key, AGAIN_SECS).await?;
    Ok(if changed {
        Outcome::PlannedAndRing(host)
    } else {
        Outcome::Planned
    })
}
