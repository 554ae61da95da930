//! The log at a rate: commits on a fixed schedule, whatever the answers do, and how late each one's
//! event is at a subscriber's socket.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use api::{
    client::{Client, Frame},
    event::kind,
    organization::NameOrganization,
};
use chrono::Utc;
use domain::OrganizationId;
use e2e::person::Person;
use futures_util::{Stream, StreamExt};
use tokio::{
    task::JoinSet,
    time::{sleep_until, timeout},
};

use crate::figure::{Figure, percentile};

/// Commits of one organization wait for each other; those of several do not.
const ORGANIZATIONS: usize = 10;
const TIME: Duration = Duration::from_secs(10);
/// Comes before, and does not count.
const WARM: Duration = Duration::from_secs(2);
/// After the last commit.
const LATE: Duration = Duration::from_secs(30);
/// What of the schedule has to be answered within its time for a figure to be one of that rate.
const KEPT_UP: f64 = 0.95;

/// One rate, in events a second, and its figures: their names, limits and goals in milliseconds.
struct Rate {
    each_second: u32,
    p50: (&'static str, f64, f64),
    p99: (&'static str, f64, f64),
}

const RATES: [Rate; 2] = [
    Rate {
        each_second: 500,
        p50: ("log-p50-at-500", 10.0, 2.0),
        p99: ("log-p99-at-500", 50.0, 5.0),
    },
    Rate {
        each_second: 1_000,
        p50: ("log-p50-at-1000", 50.0, 2.0),
        p99: ("log-p99-at-1000", 250.0, 10.0),
    },
];

/// From an event's own time, which is some statements before its commit and cut to a millisecond, to
/// the frame read from the socket: never less than what is asked for.
pub(crate) async fn commit_to_subscriber() -> Vec<Option<Figure>> {
    let person = Person::register("bench-rate").await;
    let mut organizations = Vec::new();
    for number in 0..ORGANIZATIONS {
        let name = named(number);
        organizations.push(person.client.create_organization(&name).await.unwrap().id);
    }
    let client = Arc::new(person.client);
    let mut figures = Vec::new();
    for rate in &RATES {
        figures.extend(at(&client, &organizations, rate).await.map(Some));
    }
    figures
}

async fn at(client: &Arc<Client>, organizations: &[OrganizationId], rate: &Rate) -> [Figure; 2] {
    let mut frames = Box::pin(client.events(None).await.unwrap());
    assert!(matches!(frames.next().await, Some(Ok(Frame::Ready(_)))));
    let count = rate.each_second * (WARM + TIME).as_secs() as u32;
    let reader = tokio::spawn(async move { lags(&mut frames, count as usize).await });
    let answered = commit(client, organizations, rate.each_second, count).await;
    let within = (WARM + TIME).as_secs_f64() / answered.as_secs_f64();
    let lags = reader.await.unwrap();
    let warm = (rate.each_second * WARM.as_secs() as u32) as usize;
    let counted = &lags[warm..];
    println!(
        "at {} events/s: p50 {:.1} ms, p99 {:.1} ms; {:.0} % of the rate was kept",
        rate.each_second,
        percentile(counted, 0.5),
        percentile(counted, 0.99),
        within.min(1.0) * 100.0,
    );
    // More than this machine answers is no figure of that rate, and over every limit: as late as the last answer.
    let late = (within < KEPT_UP).then(|| (answered - WARM - TIME).as_secs_f64() * 1_000.0);
    [(rate.p50, 0.5), (rate.p99, 0.99)].map(|((name, limit, goal), part)| {
        let seconds = counted.chunks(rate.each_second as usize);
        let runs = seconds.map(|second| percentile(second, part)).collect();
        let unit = if part < 0.9 { "ms, p50" } else { "ms, p99" };
        let value = late.unwrap_or_else(|| percentile(counted, part));
        Figure::plain(name, unit, value, limit, goal, runs)
    })
}

/// Renames an organization at each tick; gives when all were answered.
async fn commit(
    client: &Arc<Client>,
    organizations: &[OrganizationId],
    each_second: u32,
    count: u32,
) -> Duration {
    let began = Instant::now();
    let mut requests = JoinSet::new();
    for number in 0..count {
        sleep_until((began + Duration::from_secs(1) / each_second * number).into()).await;
        let id = organizations[number as usize % organizations.len()];
        let client = client.clone();
        requests.spawn(async move {
            let name = named(number as usize);
            client.rename_organization(id, &name).await.unwrap();
        });
    }
    requests.join_all().await;
    began.elapsed()
}

fn named(number: usize) -> NameOrganization {
    NameOrganization {
        name: format!("bench {number}"),
    }
}

/// How late each of so many events is, in milliseconds, as they come.
async fn lags(
    frames: &mut (impl Stream<Item = Result<Frame, api::client::Error>> + Unpin),
    count: usize,
) -> Vec<f64> {
    let mut lags = Vec::with_capacity(count);
    while lags.len() < count {
        let frame = timeout(LATE, frames.next()).await.expect("an event");
        let Some(Ok(Frame::Event(_, event))) = frame else {
            panic!("the stream ended")
        };
        if event.kind == kind::ORGANIZATION_CHANGED {
            let lag = Utc::now() - event.time.datetime();
            lags.push(lag.num_microseconds().unwrap_or(i64::MAX) as f64 / 1_000.0);
        }
    }
    lags
}
