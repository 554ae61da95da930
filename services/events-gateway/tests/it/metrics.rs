//! What `/metrics` says of streams: each name, by each of its labels, after that has happened.

use api::event::Audience;
use serde_json::json;
use testkit::{eventually, within};

use crate::{
    SOON, World, cluster, gateway::changed, organization, resume::caught_up, socket::Socket,
};

/// Events that no socket's buffers hold.
const MANY: i64 = 2_000;
const LARGE: usize = 8 << 10;

/// A line of the page: a name, its labels in any order, and a number.
fn number(page: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    page.lines().find_map(|line| {
        let (series, number) = line.rsplit_once(' ')?;
        let (known, said) = series.split_once('{').unwrap_or((series, "}"));
        let said: Vec<&str> = said.strip_suffix('}')?.split(',').collect();
        let all = labels
            .iter()
            .all(|(label, value)| said.contains(&format!("{label}=\"{value}\"").as_str()));
        (known == name && all).then(|| number.parse().ok())?
    })
}

async fn page(world: &World) -> String {
    let url = format!("http://{}/metrics", world.service().internal_address());
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

/// Waits until every series counts more than it did.
async fn risen(world: &World, before: &str, series: &[(&str, Vec<(&str, &str)>)]) {
    let resting = || async {
        let now = page(world).await;
        let resting = series.iter().filter(|(name, labels)| {
            let count = |page: &str| number(page, name, labels).unwrap_or_default();
            count(&now) <= count(before)
        });
        resting.cloned().collect::<Vec<_>>()
    };
    let all = eventually(SOON, || async { resting().await.is_empty().then_some(()) });
    let all = within(SOON / 2, all).await;
    assert!(all.is_ok(), "not counted: {:?}", resting().await);
}

/// A change that fills a socket's buffers if there are many of it, and that both kinds of streams show.
async fn large(world: &World, version: i64) {
    let mut event = changed(organization(1), cluster(1), version);
    event.data = Some(json!({ "padding": "x".repeat(LARGE) }));
    let audience = Audience::Organization {
        organization_id: organization(1),
        least_role: domain::Role::Viewer,
    };
    let position = world.gateway.commit(audience, event);
    world.gateway.publish(position).await;
}

fn both<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, Vec<(&'a str, &'a str)>)> {
    let labels = |transport: &'a str| [&[("transport", transport)][..], more].concat();
    vec![(name, labels("sse")), (name, labels("websocket"))]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_counted() {
    let world = World::with(|config| {
        config.tuning.ring.frames = 64;
        config.tuning.prefill = 0;
    })
    .await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let before = page(&world).await;
    let topic = ours.to_string();

    // Deliveries, and a hole in what the bus delivered.
    let mut events = world.connect("anna").await;
    let mut socket = Socket::open(&world, "anna").await;
    socket
        .ask_for("organization", topic.clone(), json!({}))
        .await;
    world.gateway.change(ours, 1).await;
    world.gateway.commit_change(ours, 2);
    assert_eq!(events.versions(2).await, [1, 2]);
    socket.said("workspace:status").await;
    let mut expected = [
        both("labyard_stream_frames_total", &[]),
        both("labyard_stream_writes_total", &[]),
        both("labyard_stream_bytes_total", &[]),
        both("labyard_log_lag_seconds_count", &[("to", "socket")]),
    ]
    .concat();
    expected.push((
        "labyard_stream_messages_total",
        vec![("transport", "websocket")],
    ));
    expected.push(("labyard_log_lag_seconds_count", vec![("to", "hub")]));
    expected.push(("labyard_log_gaps_total", vec![]));
    risen(&world, &before, &expected).await;
    let now = page(&world).await;
    for (name, labels) in both("labyard_streams", &[]) {
        assert!(number(&now, name, &labels) >= Some(1.0), "{labels:?}");
    }
    for name in ["labyard_log_position", "labyard_presence"] {
        assert!(number(&now, name, &[]).is_some(), "{name}");
    }

    // Both stop reading, and what they have not read leaves the ring.
    for version in 3..MANY {
        large(&world, version).await;
        if version % 50 == 0 {
            caught_up(&world).await;
        }
    }
    events.end_within(SOON).await;
    assert_eq!(socket.closed().await, api::socket::close::BEHIND);

    // Back in the ring, before the ring, and where nothing can be gone on with.
    let near = world.gateway.cursor();
    for cursor in [near.as_str(), "0000000a-5", "0000000b-1"] {
        world.resume("anna", cursor).await;
        let mut socket = Socket::open(&world, "anna").await;
        let since = json!({ "since": cursor });
        socket.ask_for("organization", topic.clone(), since).await;
    }
    assert_eq!(world.request("nobody").send().await.unwrap().status(), 401);
    let mut expected = [
        both("labyard_stream_drops_total", &[]),
        both("labyard_stream_ends_total", &[("reason", "behind")]),
        both("labyard_stream_resumes_total", &[("from", "ring")]),
        both("labyard_stream_resumes_total", &[("from", "database")]),
        both(
            "labyard_stream_resets_total",
            &[("reason", "other_incarnation")],
        ),
    ]
    .concat();
    expected.push((
        "labyard_stream_refusals_total",
        vec![("code", "unauthenticated")],
    ));
    risen(&world, &before, &expected).await;

    // How late: as quantiles that can be read off the page.
    let page = page(&world).await;
    for quantile in ["0.5", "0.95", "0.99"] {
        for labels in [
            vec![("to", "hub")],
            vec![("to", "socket"), ("transport", "sse")],
            vec![("to", "socket"), ("transport", "websocket")],
        ] {
            let labels = [labels, vec![("quantile", quantile)]].concat();
            let lag = number(&page, "labyard_log_lag_seconds", &labels);
            assert!(lag.is_some_and(|lag| lag > 0.0), "{labels:?}: {lag:?}");
        }
    }
}
