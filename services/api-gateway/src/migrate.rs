//! The database's shape: plain SQL files, each run once, in order, under one lock.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use sha2::{Digest, Sha256};

use crate::db::sql;

const MIGRATIONS: &[(i32, &str, &str)] = &[
    (1, "people", include_str!("../migrations/0001_people.sql")),
    (
        2,
        "clusters",
        include_str!("../migrations/0002_clusters.sql"),
    ),
    (3, "log", include_str!("../migrations/0003_log.sql")),
    (4, "work", include_str!("../migrations/0004_work.sql")),
    (
        5,
        "invariants",
        include_str!("../migrations/0005_invariants.sql"),
    ),
    (
        6,
        "organizations",
        include_str!("../migrations/0006_organizations.sql"),
    ),
    (7, "asks", include_str!("../migrations/0007_asks.sql")),
    (
        8,
        "identity",
        include_str!("../migrations/0008_identity.sql"),
    ),
    (
        9,
        "logins_by_others",
        include_str!("../migrations/0009_logins_by_others.sql"),
    ),
    (10, "keys", include_str!("../migrations/0010_keys.sql")),
    (
        11,
        "webhooks",
        include_str!("../migrations/0011_webhooks.sql"),
    ),
    (12, "traces", include_str!("../migrations/0012_traces.sql")),
    (
        13,
        "components",
        include_str!("../migrations/0013_components.sql"),
    ),
    (14, "taken", include_str!("../migrations/0014_taken.sql")),
    (
        15,
        "asked_again",
        include_str!("../migrations/0015_asked_again.sql"),
    ),
    (16, "text", include_str!("../migrations/0016_text.sql")),
    (
        17,
        "step_generation",
        include_str!("../migrations/0017_step_generation.sql"),
    ),
];
/// Any number, the same in every gateway.
const LOCK: i64 = 0x006c_6162_7961_7264;

/// Why the database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("migration {0} was changed after it ran; changes go into a new one")]
    Changed(&'static str),
    #[error(
        "the database has migration {0}, which this version does not know: install a newer labyard"
    )]
    Newer(i32),
    #[error("a migration failed")]
    Database(#[from] DbErr),
}

/// Runs what has not run yet, in one transaction that others wait for.
pub(crate) async fn run(database: &DatabaseConnection) -> Result<(), Error> {
    let txn = database.begin().await?;
    txn.execute_raw(sql("select pg_advisory_xact_lock($1)", [LOCK.into()]))
        .await?;
    txn.execute_unprepared(
        "create table if not exists migration (
            version integer primary key, name text not null, checksum text not null,
            applied_at timestamptz not null default now())",
    )
    .await?;
    let mut applied = Vec::new();
    for row in txn
        .query_all_raw(sql(
            "select version, checksum from migration order by version",
            [],
        ))
        .await?
    {
        let (version, checksum): (i32, String) =
            (row.try_get("", "version")?, row.try_get("", "checksum")?);
        let known = MIGRATIONS
            .iter()
            .find(|(number, ..)| *number == version)
            .ok_or(Error::Newer(version))?;
        if hash(known.2) != checksum {
            return Err(Error::Changed(known.1));
        }
        applied.push(version);
    }
    let missing = MIGRATIONS
        .iter()
        .filter(|(version, ..)| !applied.contains(version));
    for (version, name, text) in missing {
        txn.execute_unprepared(text).await?;
        let values = [(*version).into(), (*name).into(), hash(text).into()];
        txn.execute_raw(sql(
            "insert into migration (version, name, checksum) values ($1, $2, $3)",
            values,
        ))
        .await?;
        tracing::info!(version, name, "migrated");
    }
    txn.commit().await?;
    Ok(())
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
