//! Timed things by the database's clock: warnings, idle stops, what is kept for a time only, and the
//! timeline that shows them. Time passes by writing the rows, never by waiting.

use std::time::Duration;

use domain::{NodeState, Observed, Step};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{World, query, sql, start, try_sql, world},
    host::{Host, up},
    work::{host, running},
};

const SOON: Duration = Duration::from_secs(10);

async fn events(world: &World, token: &str, id: &str, kind: &str) -> Vec<Value> {
    let path = format!("/api/v1/timeline?cluster_id={id}&type={kind}");
    let (status, page) = world.get(&path, token).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().unwrap().clone()
}

/// Lets a cluster's end be so many minutes away, as its plan says when it was made.
async fn ends_in(world: &World, minutes: f64) {
    let text = format!(
        "update cluster set expires_at = now() + {minutes} * interval '1 minute';
         update due set at = now() where kind = 'warning'"
    );
    sql(&world.database, &text).await;
}

async fn warned(world: &World, token: &str, id: &str, times: usize) {
    eventually(SOON, || async {
        (events(world, token, id, "cluster.expiring").await.len() == times).then_some(())
    })
    .await;
}

#[tokio::test]
async fn each_warning_comes_once_and_anew_after_an_extend() {
    let world = world().await;
    // A second gateway looks for what is due as well.
    let _other = start(&world.nats, &world.database, &world.stop).await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let planned = "select count(*) from due where kind = 'warning' and at between now() + interval '209 minutes' \
        and now() + interval '211 minutes'";
    assert_eq!(
        query(&world.database, planned).await,
        "1",
        "30 minutes before the end of 4 hours"
    );
    for (times, minutes) in [(1, 29.9), (2, 9.9), (3, 0.9)] {
        ends_in(&world, minutes).await;
        warned(&world, &ana, &id, times).await;
    }
    let left = "select count(*) from due where kind = 'warning'";
    eventually(SOON, || async {
        (query(&world.database, left).await == "0").then_some(())
    })
    .await;
    let path = format!("/api/v1/clusters/{id}/extend");
    let (status, _) = world.post(&path, &ana, &json!({ "hours": 2 })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(query(&world.database, left).await, "1", "planned anew");
    assert_eq!(events(&world, &ana, &id, "cluster.expiring").await.len(), 3);
}

#[tokio::test]
async fn a_short_life_is_warned_of_as_often_as_it_can_be() {
    let world = world().await;
    let ana = world.person("ana").await;
    let wanted = json!({ "name": "short", "ttl_hours": 0.25 });
    let (_, body) = world.post("/api/v1/clusters", &ana, &wanted).await;
    let id = body["cluster"]["id"].as_str().unwrap().to_owned();
    let first = "select round(extract(epoch from at - now()) / 60) from due where kind = 'warning'";
    assert_eq!(
        query(&world.database, first).await,
        "5",
        "10 minutes before its end"
    );
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let left = "select count(*) from due where key like 'clu_%'";
    assert_eq!(
        query(&world.database, left).await,
        "0",
        "nothing timed befalls what is gone"
    );
}

async fn auto_stop(world: &World, token: &str, id: &str, minutes: Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/clusters/{id}/auto-stop");
    world
        .post(&path, token, &json!({ "minutes": minutes }))
        .await
}

async fn unused_for(world: &World, minutes: f64) {
    let text = format!(
        "update cluster set used_at = now() - {minutes} * interval '1 minute';
         update due set at = now() where kind = 'idle'"
    );
    sql(&world.database, &text).await;
}

async fn stopped(host: &Host) {
    let lease = eventually(SOON, || async { host.acquire(1).await.leases.pop() }).await;
    let down = Observed {
        node: NodeState::Stopped,
        ready: false,
        ..up()
    };
    let ended = Some((Step::Stop, api::bus::StepOutcome::Ended));
    host.report(&lease, lease.desired_rev, ended, down).await;
}

#[tokio::test]
async fn what_nobody_uses_is_warned_of_stopped_and_says_why() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (status, cluster) = auto_stop(&world, &ana, &id, json!(30)).await;
    assert_eq!(status, StatusCode::OK, "{cluster}");
    assert_eq!(
        (&cluster["auto_stop_minutes"], &cluster["idle"]["because"]),
        (&json!(30), &json!("auto-stop"))
    );
    unused_for(&world, 26.0).await;
    eventually(SOON, || async {
        (events(&world, &ana, &id, "cluster.idling").await.len() == 1).then_some(())
    })
    .await;
    // A look at the page is a use: it goes on.
    let path = format!("/api/v1/clusters/{id}/active");
    let (status, _) = world.post(&path, &ana, &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["idle"]["because"]),
        (&json!("RUNNING"), &json!("page"))
    );
    unused_for(&world, 31.0).await;
    stopped(&host).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("STOPPED"), &json!("idle"))
    );
    let (status, _) = world
        .post(&format!("/api/v1/clusters/{id}/start"), &ana, &json!({}))
        .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    host.make(&host.take().await).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]),
        (&json!("RUNNING"), &Value::Null)
    );
    assert_eq!(cluster["idle"]["because"], "start", "its time begins anew");
}

#[tokio::test]
async fn what_is_used_or_never_stops_goes_on() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    for minutes in [json!(4), json!(1441), json!(-1), json!("5")] {
        let (status, _) = auto_stop(&world, &ana, &id, minutes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    auto_stop(&world, &ana, &id, json!(5)).await;
    let (status, cluster) = auto_stop(&world, &ana, &id, Value::Null).await;
    assert_eq!((status, &cluster["idle"]), (StatusCode::OK, &Value::Null));
    unused_for(&world, 600.0).await;
    let planned = "select count(*) from due where kind = 'idle'";
    eventually(SOON, || async {
        (query(&world.database, planned).await == "0").then_some(())
    })
    .await;
    assert_eq!(world.cluster(&ana, &id).await["status"], "RUNNING");
}

#[tokio::test]
async fn a_use_that_races_the_stop_has_one_winner() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    auto_stop(&world, &ana, &id, json!(30)).await;
    let path = format!("/api/v1/clusters/{id}/active");
    for _ in 0..10 {
        unused_for(&world, 31.0).await;
        let (status, _) = world.post(&path, &ana, &json!({})).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let looked = "select count(*) from due where kind = 'idle' and at <= now()";
        eventually(SOON, || async {
            (query(&world.database, looked).await == "0").then_some(())
        })
        .await;
        let cluster = world.cluster(&ana, &id).await;
        let used = cluster["idle"]["because"] == "page";
        match cluster["status"].as_str().unwrap() {
            "RUNNING" => assert!(used, "it goes on because it was used: {cluster}"),
            "STOPPING" => {
                stopped(&host).await;
                world
                    .post(&format!("/api/v1/clusters/{id}/start"), &ana, &json!({}))
                    .await;
                host.make(&host.take().await).await;
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn the_timeline_is_paged_filtered_and_shown_to_its_members_alone() {
    let world = world().await;
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    let id = world.create(&ana, "demo").await;
    world.create(&bob, "theirs").await;
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let all = eventually(SOON, || async {
        let (_, page) = world.get("/api/v1/timeline", &ana).await;
        let items = page["items"].as_array().unwrap().clone();
        (items.first()?["status"] == "DELETED").then_some(items)
    })
    .await;
    assert!(
        all.iter().all(|event| event["cluster_id"] == json!(id)),
        "nobody else's"
    );
    let mut paged = vec![];
    let mut path = "/api/v1/timeline?limit=2".to_owned();
    loop {
        let (_, page) = world.get(&path, &ana).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/timeline?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(paged, all, "pages make up the whole");
    assert_eq!(events(&world, &ana, &id, "cluster.created").await.len(), 1);
    assert!(
        events(&world, &bob, &id, "cluster.created")
            .await
            .is_empty()
    );
    for query in [
        "type=nonsense",
        "type=cluster*",
        "type=cluster.*,",
        "cursor=x",
        "limit=0",
        "cluster_id=x",
        "from=yesterday",
    ] {
        let (status, body) = world.get(&format!("/api/v1/timeline?{query}"), &ana).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_timeline_narrows_to_a_place_a_person_a_kind_and_a_time() {
    let world = world().await;
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    world.create(&ana, "demo").await;
    world.create(&bob, "theirs").await;
    // Bob comes into Ana's organization, and sees what happened in both.
    sql(
        &world.database,
        "insert into member (organization_id, user_id, role)
            select c.organization_id, t.created_by, 'member' from cluster c, cluster t
            where c.name = 'demo' and t.name = 'theirs'",
    )
    .await;
    let id = async |column: &str, prefix: &str, name: &str| {
        let text = format!(
            "select '{prefix}_' || replace({column}::text, '-', '') from cluster where name = '{name}'"
        );
        query(&world.database, &text).await
    };
    let team = id("organization_id", "org", "demo").await;
    let workspace = id("workspace_id", "ws", "demo").await;
    let (ana_id, bob_id) = (
        id("created_by", "usr", "demo").await,
        id("created_by", "usr", "theirs").await,
    );
    let read = async |query: String, token: &str| {
        let path = format!("/api/v1/timeline?type=cluster.created,task.*&{query}");
        let (status, page) = world.get(&path, token).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page["items"].as_array().unwrap().clone()
    };
    // Each cluster was created, and so was its task.
    eventually(SOON, || async {
        (read(String::new(), &bob).await.len() == 4).then_some(())
    })
    .await;
    for (query, count) in [
        (format!("organization_id={team}"), 2),
        (format!("workspace_id={workspace}"), 2),
        (format!("organization_id={team}&user_id={ana_id}"), 2),
        (format!("organization_id={team}&user_id={bob_id}"), 0),
        (format!("user_id={bob_id}"), 2),
        ("from=2020-01-01T00:00:00Z".into(), 4),
        ("until=2020-01-01T00:00:00Z".into(), 0),
        (
            "from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z".into(),
            0,
        ),
    ] {
        assert_eq!(read(query.clone(), &bob).await.len(), count, "{query}");
    }
    let theirs = id("organization_id", "org", "theirs").await;
    assert!(
        read(format!("organization_id={theirs}"), &ana)
            .await
            .is_empty(),
        "not hers"
    );
}

#[tokio::test]
async fn what_is_kept_for_a_time_goes() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.create(&ana, "demo").await;
    sql(
        &world.database,
        "insert into idempotency_key (user_id, key, request, at)
            select id, 'old', '', now() - interval '25 hours' from \"user\";
         insert into idempotency_key (user_id, key, request) select id, 'new', '' from \"user\";
         create table event_20200101 partition of event for values from ('2020-01-01') to ('2020-01-02');
         update due set at = now() where kind = 'housekeeping'",
    )
    .await;
    let left = "select string_agg(key, ',') || coalesce(to_regclass('event_20200101')::text, '') from idempotency_key";
    eventually(SOON, || async {
        (query(&world.database, left).await == "new").then_some(())
    })
    .await;
    let (status, _) = world.get("/api/v1/clusters", &ana).await;
    assert_eq!(status, StatusCode::OK, "a login that stands is kept");
}

#[tokio::test]
async fn an_extend_that_races_the_end_has_one_winner() {
    let world = world().await;
    let _other = start(&world.nats, &world.database, &world.stop).await;
    let ana = world.person("ana").await;
    let (mut extended, mut ended) = (0, 0);
    for round in 0.. {
        if round >= 100 && extended > 0 && ended > 0 {
            break;
        }
        assert!(round < 1_000, "one of them won always");
        let id = world.create(&ana, &format!("r{round}")).await;
        sql(
            &world.database,
            "update cluster set expires_at = now() + interval '1 millisecond' where status <> 'DELETED';
             update due set at = now() where kind = 'ttl'",
        )
        .await;
        // It comes sooner or later after the end: in the last of the rounds later than whoever looks for what is due.
        for _ in 0..round {
            world.get("/livez", "").await;
        }
        let path = format!("/api/v1/clusters/{id}/extend");
        let (status, body) = world.post(&path, &ana, &json!({ "hours": 1 })).await;
        match status {
            StatusCode::OK => {
                extended += 1;
                let looked = "select count(*) from due where kind = 'ttl' and at <= now()";
                eventually(SOON, || async {
                    (query(&world.database, looked).await == "0").then_some(())
                })
                .await;
                assert_eq!(
                    world.cluster(&ana, &id).await["status"],
                    "PROVISIONING",
                    "the extend won"
                );
                world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
            }
            StatusCode::CONFLICT => {
                ended += 1;
                let cluster = world.cluster(&ana, &id).await;
                assert_eq!(
                    (&cluster["status"], &cluster["reason"]["code"]),
                    (&json!("DELETED"), &json!("expired"))
                );
            }
            other => panic!("{other}: {body}"),
        }
    }
}

#[tokio::test]
async fn the_partitions_of_the_next_days_are_made_when_they_are_due() {
    let world = world().await;
    let tomorrow =
        "do $$ begin if to_regclass('event_' || to_char(current_date + 1, 'YYYYMMDD')) is null then
        raise 'not yet'; end if; end $$";
    eventually(Duration::from_secs(10), || async {
        try_sql(&world.database, tomorrow).await.then_some(())
    })
    .await;
    // Gone with the database's own clock, not with a gateway's start.
    let gone =
        "do $$ begin execute 'drop table event_' || to_char(current_date + 1, 'YYYYMMDD'); end $$;
        update due set at = now() where kind = 'partitions'";
    sql(&world.database, gone).await;
    eventually(Duration::from_secs(10), || async {
        try_sql(&world.database, tomorrow).await.then_some(())
    })
    .await;
}
