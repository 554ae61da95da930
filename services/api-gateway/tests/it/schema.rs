//! The database's shape: whatever state it comes from, it ends as a fresh one, and what is in force stands in `sql/`.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use sha2::{Digest, Sha256};
use testkit::Postgres;
use tokio::process::Command;

use crate::gateway::{query, sql};

/// What numbered migrations also made until functions and views moved to `sql/`: names and columns as they were, bodies that
/// show when they are left in force.
const FORMER: [(usize, &str); 11] = [
    (
        3,
        "create function ensure_event_partitions(days integer) returns void language sql as 'select'",
    ),
    (
        3,
        "create function sequence(batch integer) returns table (place bigint, life bigint, audience jsonb, event json)
            language sql as 'select 0::bigint, 0::bigint, null::jsonb, null::json'",
    ),
    (
        4,
        "create view work_queue as select c.id as cluster_id, c.driver, c.host_id, c.lease_until, t.id as task_id, t.kind,
            t.created_at, false as builds, false as warm, 0::bigint as turn, 0::bigint as place from cluster c, task t",
    ),
    (
        4,
        "create function queue_wait(of_driver text, place bigint) returns double precision language sql
            as 'select 0::double precision'",
    ),
    (
        4,
        "create function drop_event_partitions(keep integer) returns void language sql as 'select'",
    ),
    (
        6,
        "create function workspace_used(wanted uuid) returns table
            (clusters bigint, cpu_millis bigint, memory_mib bigint, cluster_hours double precision)
            language sql as 'select 0::bigint, 0::bigint, 0::bigint, 0::double precision'",
    ),
    (6, "create view live_share as select * from share"),
    (
        6,
        "create function audit_stays() returns trigger language plpgsql as 'begin return old; end'",
    ),
    (
        6,
        "create trigger audit_stays before delete on audit for each row execute function audit_stays()",
    ),
    (
        6,
        "create trigger audit_is_not_emptied before truncate on audit execute function audit_stays()",
    ),
    (
        12,
        "create function sequence(batch integer)
            returns table (place bigint, life bigint, audience jsonb, event json, trace varchar)
            language sql as 'select 0::bigint, 0::bigint, null::jsonb, null::json, null::varchar'",
    ),
];

/// Invariants that a numbered migration made: all by 5, but this one by 10.
const FORMER_INVARIANTS: usize = 5;
const LATER_INVARIANT: (usize, &str) = (10, "broken_key");

/// Functions and views of our own, each as `function name` or `view name`.
const IN_THE_SCHEMA: &str = "select string_agg(said, E'\n' order by said) from (
    select 'function ' || proname as said from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select 'view ' || relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
    union all
    select 'trigger ' || tgname from pg_trigger where not tgisinternal) as things";

const APPLIED: &str =
    "select string_agg(name || ' ' || checksum, E'\n' order by name) from repeatable_migration";

/// Makes the program run another time as if nothing in the database were known to be what it brings.
const FORGET: &str = "update repeatable_migration set checksum = 'another'";

/// Bodies of one function and one view that no file has.
const TAMPER: &str =
    "create or replace function queue_wait(of_driver text, place bigint) returns double precision
        language sql as 'select 7::double precision';
    create or replace view broken_owner as select 'tampered' as detail where false;";

/// Brings a database up to date as an operator does; what the program says when it cannot.
async fn migrate(database: &str) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .args(["--database-url", database, "migrate"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or(said)
}

async fn migrated() -> String {
    let database = Postgres::database().await;
    migrate(&database).await.unwrap();
    database
}

/// Everything but rows, and which migrations made it.
async fn shape(database: &str) -> String {
    let output = Command::new("/usr/lib/postgresql/15/bin/pg_dump")
        .args(["--schema-only", "-d", database])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let dump = String::from_utf8(output.stdout).unwrap();
    // Newer versions of pg_dump put a random word into lines of their own.
    let mut shape: Vec<&str> = dump
        .lines()
        .filter(|line| !line.starts_with('\\'))
        .collect();
    assert!(shape.len() > 500, "{dump}");
    let numbered =
        "select string_agg(migration::text, E'\n' order by version) from (select version, name, checksum from migration)
        as migration";
    let (numbered, applied) = (
        query(database, numbered).await,
        query(database, APPLIED).await,
    );
    shape.extend(numbered.lines().chain(applied.lines()));
    shape.join("\n")
}

/// The files of a folder beside `src`, by name without its end, in order.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// What a database was after so many numbered migrations, when these still made functions and views.
async fn former(version: usize, fresh: &str) -> String {
    let database = Postgres::database().await;
    let invariants: Vec<String> = files("sql")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("broken_"))
        .collect();
    let mut text = "create table migration (
            version integer primary key, name text not null, checksum text not null,
            applied_at timestamptz not null default now());"
        .to_owned();
    for (number, (_, tables)) in (1..=version).zip(files("migrations")) {
        text += &tables;
        for (_, made) in FORMER.iter().filter(|(by, _)| *by == number) {
            write!(text, "{made};").unwrap();
        }
        for name in &invariants {
            let (later, one) = LATER_INVARIANT;
            let by = if name == one {
                later
            } else {
                FORMER_INVARIANTS
            };
            if by == number {
                write!(
                    text,
                    "create view {name} as select 'former' as detail where false;"
                )
                .unwrap();
            }
        }
    }
    let known = format!(
        "select string_agg(format('insert into migration (version, name, checksum) values (%L, %L, %L);',
            version, name, checksum), '') from migration where version <= {version}"
    );
    text += &query(fresh, &known).await;
    sql(&database, &text).await;
    database
}

#[tokio::test]
async fn a_database_of_any_former_state_becomes_what_a_fresh_one_is() {
    let fresh = migrated().await;
    let wanted = shape(&fresh).await;
    for version in 1..=files("migrations").len() {
        let database = former(version, &fresh).await;
        migrate(&database).await.unwrap();
        same(&wanted, &shape(&database).await, version);
    }
}

/// Fails with the lines that differ, rather than with two whole shapes.
fn same(wanted: &str, found: &str, version: usize) {
    let lines = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (wanted_lines, found_lines) = (lines(wanted), lines(found));
    let differing: Vec<_> = wanted_lines.symmetric_difference(&found_lines).collect();
    assert!(
        wanted == found,
        "from the state of migration {version}: {differing:#?}"
    );
}

#[tokio::test]
async fn functions_views_and_triggers_are_those_of_the_files_and_somebody_uses_each() {
    let database = migrated().await;
    let mut made = BTreeSet::new();
    let mut applied = String::new();
    let uses = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for (file, text) in files("sql") {
        assert!(
            text.starts_with("-- "),
            "{file}: the first line says what it is for"
        );
        let things: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("create or replace "))
            .map(|made| {
                let (kind, rest) = made.split_once(' ').unwrap();
                (kind, rest.split(['(', ' ']).next().unwrap())
            })
            .collect();
        let (first, triggers) = things.split_first().unwrap();
        assert!(
            triggers.iter().all(|(kind, _)| *kind == "trigger"),
            "{file}: one function or view a file, with its triggers"
        );
        let (_, name) = first;
        assert!(
            !triggers.is_empty() || name.starts_with("broken_") || uses.contains(name),
            "nothing uses {name}: {file}"
        );
        made.extend(things.iter().map(|(kind, name)| format!("{kind} {name}")));
        let checksum = hex::encode(Sha256::digest(&text));
        writeln!(applied, "{file} {checksum}").unwrap();
    }
    let there = query(&database, IN_THE_SCHEMA).await;
    assert_eq!(
        there.lines().map(str::to_owned).collect::<BTreeSet<_>>(),
        made
    );
    assert_eq!(there.lines().count(), made.len(), "no name stands twice");
    assert_eq!(query(&database, APPLIED).await, applied.trim_end());
}

/// The text of all that is compiled, but of the list of the files themselves.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else if !path.ends_with("migrate.rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

#[tokio::test]
async fn a_changed_file_is_applied_again_and_an_unchanged_one_is_not() {
    let database = migrated().await;
    sql(&database, TAMPER).await;
    let forget = format!("{FORGET} where name = 'queue_wait'");
    sql(&database, &forget).await;
    migrate(&database).await.unwrap();
    let waits = "select queue_wait('docker', 1) is null";
    assert_eq!(query(&database, waits).await, "t", "the file's again");
    let definition = "select pg_get_viewdef('broken_owner') like '%tampered%'";
    assert_eq!(query(&database, definition).await, "t", "left alone");
    // A numbered migration may change what a view is made of, so all are made anew after one.
    sql(
        &database,
        "drop table invitation_taken; delete from migration where version = 14",
    )
    .await;
    migrate(&database).await.unwrap();
    assert_eq!(query(&database, definition).await, "f");
    assert_eq!(shape(&database).await, shape(&migrated().await).await);
}

#[tokio::test]
async fn gateways_that_start_at_once_apply_each_file_once() {
    let database = Postgres::database().await;
    let times = "select count(distinct applied_at) from
        (select applied_at from migration union all select applied_at from repeatable_migration) as all_of_them";
    for wanted in ["1", "2"] {
        let (one, other, third) =
            tokio::join!(migrate(&database), migrate(&database), migrate(&database));
        one.and(other).and(third).unwrap();
        assert_eq!(query(&database, times).await, wanted);
        sql(&database, FORGET).await;
    }
}

#[tokio::test]
async fn a_file_that_fails_names_itself_and_leaves_everything_as_it_was() {
    let database = migrated().await;
    // Postgres replaces no function by one that gives something else.
    let other = "drop function queue_wait(text, bigint);
        create function queue_wait(of_driver text, place bigint) returns text language sql as 'select null::text';";
    sql(&database, &format!("{TAMPER} {other} {FORGET}")).await;
    let before = shape(&database).await;
    let said = migrate(&database).await.unwrap_err();
    assert!(said.contains("sql/queue_wait.sql failed"), "{said}");
    assert!(said.contains("cannot change return type"), "{said}");
    assert_eq!(shape(&database).await, before);
}

/// A replica that was not yet exchanged may start after the first new one has migrated.
#[tokio::test]
async fn an_older_gateway_leaves_newer_functions_and_views_alone() {
    let database = migrated().await;
    let newer = "update repeatable_migration set revision = revision + 1 where name = 'queue_wait'";
    sql(&database, &format!("{TAMPER} {FORGET}; {newer}")).await;
    let before = shape(&database).await;
    migrate(&database).await.unwrap();
    assert_eq!(shape(&database).await, before);
}

#[tokio::test]
async fn a_file_that_is_gone_is_forgotten() {
    let database = migrated().await;
    let wanted = query(&database, APPLIED).await;
    let former =
        "insert into repeatable_migration (name, checksum, revision) values ('former', '', 0)";
    sql(&database, former).await;
    migrate(&database).await.unwrap();
    assert_eq!(query(&database, APPLIED).await, wanted);
}
