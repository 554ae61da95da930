//! The database's shape: plain SQL files under one lock. Numbered migrations lay tables and run once each, in order. Repeatable
//! ones hold functions, views and triggers as they are in force, and run again when they changed (ADR 19).

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use sha2::{Digest, Sha256};

use crate::kernel::postgres::sql;

const MIGRATIONS: &[(i32, &str, &str)] = &[
    (
        1,
        "people",
        include_str!("../../migrations/0001_people.sql"),
    ),
    (
        2,
        "clusters",
        include_str!("../../migrations/0002_clusters.sql"),
    ),
    (3, "log", include_str!("../../migrations/0003_log.sql")),
    (4, "work", include_str!("../../migrations/0004_work.sql")),
    (
        5,
        "invariants",
        include_str!("../../migrations/0005_invariants.sql"),
    ),
    (
        6,
        "organizations",
        include_str!("../../migrations/0006_organizations.sql"),
    ),
    (7, "asks", include_str!("../../migrations/0007_asks.sql")),
    (
        8,
        "identity",
        include_str!("../../migrations/0008_identity.sql"),
    ),
    (
        9,
        "logins_by_others",
        include_str!("../../migrations/0009_logins_by_others.sql"),
    ),
    (10, "keys", include_str!("../../migrations/0010_keys.sql")),
    (
        11,
        "webhooks",
        include_str!("../../migrations/0011_webhooks.sql"),
    ),
    (
        12,
        "traces",
        include_str!("../../migrations/0012_traces.sql"),
    ),
    (
        13,
        "components",
        include_str!("../../migrations/0013_components.sql"),
    ),
    (14, "taken", include_str!("../../migrations/0014_taken.sql")),
    (
        15,
        "asked_again",
        include_str!("../../migrations/0015_asked_again.sql"),
    ),
    (16, "text", include_str!("../../migrations/0016_text.sql")),
    (
        17,
        "step_generation",
        include_str!("../../migrations/0017_step_generation.sql"),
    ),
];

/// Migrations that also made functions and views until these moved to `sql/`. What they do to tables is what it was, so
/// databases go on to know them by the checksums of then.
const SHORTENED: [(i32, &str); 6] = [
    (
        3,
        "16fe2fb82975a8e9438af1c9084de84d391e7074a610d799dc3975b2c16b62a2",
    ),
    (
        4,
        "d6a1024d4830be8a7b8f1c6a0e0ed8024cb47c5cc3e8e1caf0ba8f6e35c58f26",
    ),
    (
        5,
        "dcb30e6b58d56670a22fbbf0bf74cbf2564aaccfe590fe17533c228c035df53a",
    ),
    (
        6,
        "aeca12adbaf43abf1555970c6751e697dcb85f78fd9a5b1f4cc355aca2a4d1a5",
    ),
    (
        10,
        "d9da566c28d4ffbd8fa60f50aab85f2f69675c4571dae11d2d401cc75f6a297b",
    ),
    (
        12,
        "3f93fd83509862c3a6e31b90fc8ca3e492f25b5cd8ba1f64f8ef448518cabe4d",
    ),
];

macro_rules! repeatable {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../sql/", $name, ".sql")))),*]
    };
}

/// No file needs another one, so their order does not matter.
const REPEATABLE: &[(&str, &str)] = repeatable! {
    "audit_append_only"
    "broken_deleted"
    "broken_due"
    "broken_expiry"
    "broken_goal"
    "broken_key"
    "broken_lease"
    "broken_log"
    "broken_orphan"
    "broken_outbox"
    "broken_owner"
    "broken_reservation"
    "broken_silence"
    "broken_task_end"
    "broken_task_without_work"
    "broken_unplaced"
    "broken_work_without_task"
    "event_partitions_create"
    "event_partitions_drop"
    "event_position"
    "live_share"
    "queue_order"
    "queue_wait"
    "workspace_used"
};

/// Raised with every change of `sql/` that leaves the house, so that a gateway knows when the database has newer ones than it
/// brings: in a rolling update an older replica may start last. Gateways from before there were repeatable ones run the
/// numbered alone.
const REVISION: i32 = 1;

/// Any number, the same in every gateway.
const LOCK: i64 = 0x006c_6162_7961_7264;

/// What ran, and as what.
const RECORDS: &str = "
    create table if not exists migration (
        version integer primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now());
    create table if not exists repeatable_migration (
        name text primary key, checksum text not null, revision integer not null,
        applied_at timestamptz not null default now())";

/// Why the database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("migration {0} was changed after it ran; changes go into a new one")]
    Changed(&'static str),
    #[error(
        "the database has migration {0}, which this version does not know: install a newer labyard"
    )]
    Newer(i32),
    #[error("{0} failed, and nothing was changed")]
    File(String, #[source] DbErr),
    #[error("a migration failed")]
    Database(#[from] DbErr),
}

/// Runs what has not run yet as it is, in one transaction that others wait for.
pub(crate) async fn run(database: &DatabaseConnection) -> Result<(), Error> {
    let txn = database.begin().await?;
    txn.execute_raw(sql("select pg_advisory_xact_lock($1)", [LOCK.into()]))
        .await?;
    txn.execute_unprepared(RECORDS).await?;
    let tables_changed = run_numbered(&txn).await?;
    run_repeatable(&txn, tables_changed).await?;
    txn.commit().await?;
    Ok(())
}

/// True when there was one to run.
async fn run_numbered(txn: &DatabaseTransaction) -> Result<bool, Error> {
    let mut applied = Vec::new();
    for row in txn
        .query_all_raw(sql(
            "select version, checksum from migration order by version",
            [],
        ))
        .await?
    {
        let (version, known_by): (i32, String) =
            (row.try_get("", "version")?, row.try_get("", "checksum")?);
        let (_, name, text) = MIGRATIONS
            .iter()
            .find(|(number, ..)| *number == version)
            .ok_or(Error::Newer(version))?;
        if checksum(version, text) != known_by {
            return Err(Error::Changed(name));
        }
        applied.push(version);
    }
    for (version, name, text) in MIGRATIONS {
        if applied.contains(version) {
            continue;
        }
        run_file(txn, &format!("migrations/{version:04}_{name}.sql"), text).await?;
        let values = [
            (*version).into(),
            (*name).into(),
            checksum(*version, text).into(),
        ];
        txn.execute_raw(sql(
            "insert into migration (version, name, checksum) values ($1, $2, $3)",
            values,
        ))
        .await?;
    }
    Ok(applied.len() < MIGRATIONS.len())
}

/// Runs those that are not in the database as they are here; all of them when tables changed, as a view of everything in a
/// table takes its columns when it is made, and a numbered migration may drop what is in its way.
async fn run_repeatable(txn: &DatabaseTransaction, tables_changed: bool) -> Result<(), Error> {
    let mut revision = 0;
    let mut applied = HashMap::new();
    for row in txn
        .query_all_raw(sql(
            "select name, checksum, revision from repeatable_migration",
            [],
        ))
        .await?
    {
        revision = revision.max(row.try_get("", "revision")?);
        applied.insert(
            row.try_get::<String>("", "name")?,
            row.try_get::<String>("", "checksum")?,
        );
    }
    if revision > REVISION {
        tracing::info!(revision, "a newer labyard's functions and views stay");
        return Ok(());
    }
    for (name, text) in REPEATABLE {
        let current = hash(text);
        if applied.remove(*name).as_ref() == Some(&current) && !tables_changed {
            continue;
        }
        run_file(txn, &format!("sql/{name}.sql"), text).await?;
        let values = [(*name).into(), current.into(), REVISION.into()];
        txn.execute_raw(sql(
            "insert into repeatable_migration (name, checksum, revision) values ($1, $2, $3)
            on conflict (name) do update set checksum = excluded.checksum, applied_at = now()",
            values,
        ))
        .await?;
    }
    for gone in applied.into_keys() {
        let text = "delete from repeatable_migration where name = $1";
        txn.execute_raw(sql(text, [gone.into()])).await?;
    }
    let text = "update repeatable_migration set revision = $1 where revision < $1";
    txn.execute_raw(sql(text, [REVISION.into()])).await?;
    Ok(())
}

async fn run_file(txn: &DatabaseTransaction, file: &str, text: &str) -> Result<(), Error> {
    txn.execute_unprepared(text)
        .await
        .map_err(|error| Error::File(file.to_owned(), error))?;
    tracing::info!(file, "migrated");
    Ok(())
}

/// What a database knows a numbered migration by.
fn checksum(version: i32, text: &str) -> String {
    SHORTENED
        .iter()
        .find(|(shortened, _)| *shortened == version)
        .map_or_else(|| hash(text), |(_, before)| (*before).to_owned())
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_file_is_in_its_list() {
        let files = |folder: &str| -> BTreeSet<String> {
            let folder = fs::read_dir(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let name = |file: fs::DirEntry| file.file_name().into_string().unwrap();
            folder.map(|file| name(file.unwrap())).collect()
        };
        let numbered = MIGRATIONS
            .iter()
            .map(|(version, name, _)| format!("{version:04}_{name}.sql"));
        assert_eq!(files("migrations"), numbered.collect());
        let repeatable = REPEATABLE.iter().map(|(name, _)| format!("{name}.sql"));
        assert_eq!(files("sql"), repeatable.collect());
    }

    /// The database cannot tell: it knows these by what they were before.
    #[test]
    fn a_shortened_migration_stays_as_it_is() {
        let shortened = |version: &i32| SHORTENED.iter().any(|(short, _)| short == version);
        let texts: String = MIGRATIONS
            .iter()
            .filter(|(version, ..)| shortened(version))
            .map(|(.., text)| *text)
            .collect();
        assert_eq!(
            hash(&texts),
            "29e653d0ffe3c94ffba7b585fc249acd32b1e4e1226571ee59dbde1d7892d59d"
        );
    }

    #[test]
    fn a_changed_file_has_a_new_revision() {
        let texts: String = REPEATABLE
            .iter()
            .map(|(name, text)| format!("{name}\n{text}"))
            .collect();
        assert_eq!(
            (REVISION, hash(&texts).as_str()),
            (
                1,
                "d0c67de06f18306187f516f86a048bb7587f35840d568d4f43321662dbce8967"
            ),
            "sql/ changed: raise REVISION if the last one may run anywhere, write both here, and read docs/adding.md on what \
             older gateways still call"
        );
    }
}
