//! Two who want the same row at the same moment: the order is forced with locks, not with luck.

use std::time::Duration;

use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use testkit::eventually;

use crate::{
    gateway::{sql, world},
    work::host,
};

/// Resolves once somebody holds a row of `table`.
pub(crate) async fn row_is_held(database: &str, table: &str) {
    let connection = Database::connect(database).await.unwrap();
    let probe = format!("select 1 from {table} for update nowait");
    eventually(Duration::from_secs(5), || async {
        connection
            .execute_unprepared(&probe)
            .await
            .is_err()
            .then_some(())
    })
    .await;
}

async fn number(connection: &DatabaseConnection, text: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, text);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn an_extend_that_meets_the_expiry_wins_or_loses_whole() {
    let world = world().await;
    let ana = world.person("ana").await;
    let kept = world.create(&ana, "kept").await;
    let other = world.create(&ana, "other").await;
    let database = Database::connect(&world.database).await.unwrap();
    let uuid = kept.trim_start_matches("clu_");

    // An extend has the cluster's row, and has not come to the due row yet, when the time is up.
    let extend = database.begin().await.unwrap();
    let longer =
        format!("update cluster set expires_at = now() + interval '1 hour' where id = '{uuid}'");
    extend.execute_unprepared(&longer).await.unwrap();
    sql(
        &world.database,
        &format!(
            "update due set at = now() - interval '1 second' where kind = 'ttl' and key = '{kept}'"
        ),
    )
    .await;
    let tries = format!("select tries::bigint as n from due where kind = 'ttl' and key = '{kept}'");
    eventually(Duration::from_secs(10), || async {
        let waits = "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock'
            and datname = current_database()";
        (number(&database, &tries).await > 0 || number(&database, waits).await > 0).then_some(())
    })
    .await;
    let plan = format!(
        "update due set at = now() + interval '1 hour', tries = 0 where kind = 'ttl' and key = '{kept}'"
    );
    extend.execute_unprepared(&plan).await.unwrap();
    extend.commit().await.unwrap();

    // The timed things go on after that: another cluster's end comes.
    sql(
        &world.database,
        &format!(
            "update cluster set expires_at = now() where id <> '{uuid}';
            update due set at = now() where kind = 'ttl' and key = '{other}'"
        ),
    )
    .await;
    eventually(Duration::from_secs(10), || async {
        (world.cluster(&ana, &other).await["status"] == "DELETED").then_some(())
    })
    .await;
    assert_eq!(world.cluster(&ana, &kept).await["status"], "PROVISIONING");
    let later = format!(
        "select count(*) as n from due where kind = 'ttl' and key = '{kept}' and at > now() + interval '30 minutes'"
    );
    assert_eq!(number(&database, &later).await, 1);
}

#[tokio::test]
async fn an_end_that_was_planned_too_early_is_planned_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    sql(
        &world.database,
        "update due set at = now() - interval '1 second' where kind = 'ttl'",
    )
    .await;
    let database = Database::connect(&world.database).await.unwrap();
    eventually(Duration::from_secs(10), || async {
        let later =
            "select count(*) as n from due where kind = 'ttl' and at > now() + interval '3 hours'";
        (number(&database, later).await == 1).then_some(())
    })
    .await;
    assert_eq!(world.cluster(&ana, &id).await["status"], "PROVISIONING");
}

#[tokio::test]
async fn work_that_is_gone_when_its_turn_comes_is_not_handed_out() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    host.acquire(1).await;
    // Between the look for work and the lock of the row, the cluster is deleted: a hundred times,
    // a delete and a question at the same moment.
    for n in 0..100 {
        let id = world.create(&ana, &format!("c{n}")).await;
        let path = format!("/api/v1/clusters/{id}");
        let ((status, _), leases) = tokio::join!(world.delete(&path, &ana), host.acquire(1));
        assert_eq!(status, StatusCode::ACCEPTED);
        let mut leases = leases.leases;
        leases.extend(host.acquire(1).await.leases);
        let ended = Some((domain::Step::Remove, api::bus::StepOutcome::Ended));
        for lease in leases {
            let verdict = host
                .report(&lease, 99, ended.clone(), crate::host::nothing())
                .await;
            assert_eq!(verdict, api::bus::Verdict::Done);
        }
        assert_eq!(world.cluster(&ana, &id).await["status"], "DELETED");
    }
    let database = Database::connect(&world.database).await.unwrap();
    for (what, text) in [
        (
            "a task is open on what is gone",
            "select count(*) as n from task t join cluster c on c.id = t.cluster_id
             where c.status = 'DELETED' and t.status in ('pending', 'in_progress')",
        ),
        (
            "capacity stays reserved for nothing",
            "select coalesce(sum(reserved_memory_mib), 0)::bigint as n from host",
        ),
    ] {
        assert_eq!(number(&database, text).await, 0, "{what}");
    }
}
