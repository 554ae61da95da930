//! What must always hold: each view sees what it is for, and none sees anything in normal work.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    gateway::{query, sql, world},
    work::{host, running},
};

/// How each is broken, one statement each.
const PLANTED: &[(&str, &str)] = &[
    (
        "broken_work_without_task",
        "update task set status = 'cancelled', ended_at = now() where kind = 'create' and ended_at is null",
    ),
    (
        "broken_task_without_work",
        "update cluster set status = 'RUNNING' where name = 'waits'",
    ),
    (
        "broken_goal",
        "update cluster set goal = 'stopped' where name = 'runs'",
    ),
    (
        "broken_lease",
        "update cluster set lease_until = now() where name = 'runs'",
    ),
    (
        "broken_task_end",
        "update task set ended_at = null where status = 'completed'",
    ),
    (
        "broken_deleted",
        "update cluster set status = 'DELETED', goal = 'deleted' where name = 'runs'",
    ),
    (
        "broken_key",
        "update cluster set admin_sealed = 'x' where name = 'runs'",
    ),
    (
        "broken_unplaced",
        "update cluster set host_id = null where name = 'runs'",
    ),
    (
        "broken_reservation",
        "update host set reserved_memory_mib = reserved_memory_mib + 1",
    ),
    (
        "broken_owner",
        "update cluster set workspace_id = null where name = 'waits'",
    ),
    (
        "broken_expiry",
        "update cluster set expires_at = now() - interval '2 minutes'; delete from due",
    ),
    (
        "broken_due",
        "insert into due (kind, key, at) values ('ttl', 'clu_01930000000070008000000000000001', now() + interval '1 hour')",
    ),
    (
        "broken_outbox",
        "lock table log_head; insert into outbox (audience, event) values ('{}', '{\"time\": \"2020-01-01T00:00:00Z\"}')",
    ),
    ("broken_log", "update log_head set position = position + 5"),
    (
        "broken_orphan",
        "insert into orphan (host_id, name, role, cluster_id, first_seen_at) values ('h1', 'x', 'node', gen_random_uuid(), now() - interval '1 hour')",
    ),
    (
        "broken_silence",
        "update task set created_at = now() - interval '1 hour', reason = null where status = 'pending'",
    ),
];

const ALL_BROKEN: &str = "select string_agg(viewname, ',' order by viewname) from pg_views where viewname like 'broken\\_%'
    and (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', viewname), false, true, '')))[1]::text <> '0'";

#[tokio::test]
async fn each_view_sees_what_it_is_for_and_nothing_else_is_broken() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    running(&world, &host, &ana, "runs").await;
    world.create(&ana, "waits").await;
    assert_eq!(
        query(&world.database, ALL_BROKEN).await,
        "",
        "nothing in normal work"
    );
    let views = "select string_agg(viewname, ',') from pg_views where viewname like 'broken\\_%'";
    let there: BTreeSet<String> = query(&world.database, views)
        .await
        .split(',')
        .map(str::to_owned)
        .collect();
    let planted: BTreeSet<String> = PLANTED.iter().map(|(view, _)| (*view).to_owned()).collect();
    assert_eq!(there, planted, "each view is shown to see something");
    for (view, breaks) in PLANTED {
        let seen = format!("begin; {breaks}; select count(*) > 0 from {view}; rollback");
        let said = query(&world.database, &seen).await;
        assert!(
            said.lines().any(|line| line == "t"),
            "{view} does not see: {breaks}: {said}"
        );
    }
    assert_eq!(query(&world.database, ALL_BROKEN).await, "");
}

#[tokio::test]
async fn an_administrator_sees_what_does_not_hold() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    running(&world, &host, &ana, "runs").await;
    sql(&world.database, "update cluster set goal = 'stopped'").await;
    let (_, installation) = world.get("/api/v1/installation", &ana).await;
    let goal = installation["invariants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|invariant| invariant["name"] == "broken_goal")
        .unwrap();
    assert_eq!(goal["violations"], json!(1));
    assert!(
        goal["what"]
            .as_str()
            .unwrap()
            .ends_with("what it shall be."),
        "{goal}"
    );
    assert!(
        goal["examples"][0].as_str().unwrap().contains("RUNNING"),
        "{goal}"
    );
}
