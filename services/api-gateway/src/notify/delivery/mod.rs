//! Deliveries to webhooks: each in the order of the log, at least once, signed. Any gateway takes a
//! webhook that is due, for a time; no transaction is open while a stranger's server is asked.

pub(crate) mod sql;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use api::{
    event::Event,
    webhook::{Delivery, Outcome},
};
use chrono::{TimeDelta, Utc};
use domain::limits;
use rand::Rng;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use sea_orm::TransactionTrait;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    kernel::{error::Error, log, state::App},
    notify::{
        delivery::sql::{Next, Tried},
        webhook::{events, sql::WebhookRow},
    },
};

/// Webhooks that are delivered to at once.
const AT_ONCE: usize = 16;
/// Events sent to one before the others have their turn.
const BURST: usize = 50;
const INTERVAL: Duration = Duration::from_secs(1);
/// New events are looked at so far apart: a look is three statements, which many commits share.
const APART: Duration = Duration::from_millis(50);
/// How long one is held without a word; longer than any request.
const HOLD_SECS: u32 = 30;
/// Seconds until the next try, by the number of tries so far; the last one is kept to.
const RETRY_SECS: [f64; 7] = [5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0];
/// So much of it more or less, so that those who failed together do not come back together.
const JITTER: f64 = 0.2;
/// What a server may ask to be waited for, in seconds.
const RETRY_AFTER_SECS_MAX: f64 = 3600.0;
/// Hours for which the secret before signs along.
const OLD_SECRET_HOURS: i64 = 24;
const DETAIL_MAX: usize = 300;

/// Delivers what there is until `stop`.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut running = JoinSet::new();
    let mut seen = None;
    let mut next = Instant::now();
    loop {
        let sequenced = async {
            sleep_until(next).await;
            app.sequenced.notified().await;
        };
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
            () = sequenced => {}
            Some(ended) = running.join_next() => if let Err(error) = ended {
                tracing::error!(%error, "a delivery broke");
            },
        }
        next = Instant::now() + APART;
        if let Err(error) = look(&app, &mut seen, &mut running, &stop).await {
            tracing::warn!(%error, "webhooks wait for the database");
        }
    }
    // A request under way is waited for: its end is still written.
    while running.join_next().await.is_some() {}
}

/// Plans what has something new, then takes what is due.
async fn look(
    app: &Arc<App>,
    seen: &mut Option<u64>,
    running: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let head = log::sql::head(&app.machines).await?.position;
    // A head that went back is another life of the database: all are looked at.
    let after = seen.filter(|seen| *seen <= head);
    if after != Some(head) {
        sql::wake(&app.machines, after).await?;
        *seen = Some(head);
    }
    let free = AT_ONCE.saturating_sub(running.len());
    if free == 0 {
        return Ok(());
    }
    for row in sql::take(&app.machines, HOLD_SECS, free).await? {
        let (app, stop) = (app.clone(), stop.clone());
        running.spawn(async move {
            if let Err(error) = serve(&app, &row, &stop).await {
                // Held until its time is up, then taken again.
                tracing::warn!(webhook = %row.id(), %error, "a delivery was cut off");
            }
        });
    }
    Ok(())
}

/// Sends one webhook its events, one after the other, until there is none, one fails, or it was long.
async fn serve(app: &App, row: &WebhookRow, stop: &CancellationToken) -> Result<(), Error> {
    let (mut position, mut tries) = (row.position, row.tries);
    let mut sent = false;
    for _ in 0..BURST {
        // Before the events are looked at: everything up to here is looked at.
        let head = log::sql::head(&app.machines).await?.position;
        let Some(place) = sql::next(&app.machines, row, position).await? else {
            if rest(app, row, (position, sent), head).await? {
                return Ok(());
            }
            continue;
        };
        let tried = send(app, row, &place.event).await;
        let place_position = i64::try_from(place.position).unwrap_or(i64::MAX);
        if !settle(app, row, (&place.event, place_position), tries, tried).await? {
            return Ok(());
        }
        (position, tries, sent) = (place_position, 0, true);
        if stop.is_cancelled() {
            break;
        }
    }
    let txn = app.machines.begin().await?;
    if sql::extend_claim(&txn, row, HOLD_SECS).await? {
        events::changed(&txn, row).await?;
        sql::let_go(&txn, row, Next::Now).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Lets go of a webhook that has nothing to send, and tells if anything was sent since it was taken;
/// false when something came meanwhile.
async fn rest(
    app: &App,
    row: &WebhookRow,
    (position, sent): (i64, bool),
    head: u64,
) -> Result<bool, Error> {
    let txn = app.machines.begin().await?;
    if !sql::extend_claim(&txn, row, HOLD_SECS).await? {
        return Ok(true);
    }
    // From here on whoever plans it waits for this to end.
    sql::lock_plan(&txn, row).await?;
    if sql::next(&txn, row, position).await?.is_some() {
        txn.commit().await?;
        return Ok(false);
    }
    let head = i64::try_from(head).unwrap_or(i64::MAX);
    sql::advance(&txn, row, head).await?;
    if sent {
        events::changed(&txn, row).await?;
    }
    sql::let_go(&txn, row, Next::Nothing).await?;
    txn.commit().await?;
    Ok(true)
}

/// How one request ended.
struct Ended {
    status: Option<u16>,
    /// Why it failed; delivered if absent.
    failed: Option<String>,
    /// What the server asked to be waited for.
    wait_secs: Option<f64>,
    /// It wants nothing any more.
    gone: bool,
    took: Duration,
}

impl Ended {
    fn tried<'a>(&'a self, event: &'a Event, attempt: i32, outcome: Outcome) -> Tried<'a> {
        Tried {
            event,
            attempt,
            outcome,
            status: self.status,
            detail: self.failed.as_deref(),
            took_millis: i32::try_from(self.took.as_millis()).unwrap_or(i32::MAX),
        }
    }
}

/// Writes what became of an event; true when the next one may be sent at once.
async fn settle(
    app: &App,
    row: &WebhookRow,
    (event, position): (&Event, i64),
    tries: i32,
    ended: Ended,
) -> Result<bool, Error> {
    let txn = app.machines.begin().await?;
    if !sql::extend_claim(&txn, row, HOLD_SECS).await? {
        // Somebody changed it or took it over: what was sent is sent again, with the same ID.
        return Ok(false);
    }
    let too_old = TimeDelta::hours(i64::from(limits::WEBHOOK_RETRY_HOURS));
    let outcome = match &ended.failed {
        None => Outcome::Delivered,
        Some(_) if Utc::now() - event.time.datetime() > too_old => Outcome::GivenUp,
        Some(_) => Outcome::Failed,
    };
    let tried = ended.tried(event, tries.saturating_add(1), outcome);
    sql::tried(&txn, row.id(), &tried).await?;
    metrics::counter!("labyard_webhook_deliveries_total", "outcome" => outcome.as_str())
        .increment(1);
    sql::set_failing(&txn, row, ended.failed.is_some()).await?;
    if outcome != Outcome::Failed {
        sql::advance(&txn, row, position).await?;
    }
    if outcome == Outcome::Delivered {
        txn.commit().await?;
        return Ok(true);
    }
    events::changed(&txn, row).await?;
    if let Some(because) = hopeless(row, &ended) {
        sql::turn_off(&txn, row, &because).await?;
        sql::let_go(&txn, row, Next::Nothing).await?;
        tracing::warn!(webhook = %row.id(), because, "turned off");
    } else {
        let secs = wait(tries, ended.wait_secs, &mut rand::rng());
        let tries = tries.saturating_add(1);
        sql::let_go(&txn, row, Next::Retry { secs, tries }).await?;
    }
    txn.commit().await?;
    Ok(false)
}

/// Why a webhook is not tried any more, if it is not.
fn hopeless(row: &WebhookRow, ended: &Ended) -> Option<String> {
    if ended.gone {
        return Some("The endpoint answered 410 Gone. labyard turned the webhook off.".into());
    }
    let days = limits::WEBHOOK_FAILING_DAYS;
    let since = row.failing_since?;
    (Utc::now() - since > TimeDelta::days(i64::from(days)))
        .then(|| format!("No delivery succeeded for {days} days."))
}

/// Seconds until the next try.
fn wait(tries: i32, asked: Option<f64>, random: &mut impl Rng) -> f64 {
    let last = RETRY_SECS.len() - 1;
    let step = usize::try_from(tries).unwrap_or(0).min(last);
    let secs = RETRY_SECS[step] * random.random_range(1.0 - JITTER..1.0 + JITTER);
    secs.max(asked.unwrap_or(0.0).min(RETRY_AFTER_SECS_MAX))
}

/// Sends an event once, outside of the order of the log, and keeps how it went.
pub(crate) async fn once(app: &App, row: &WebhookRow, event: &Event) -> Result<Delivery, Error> {
    let ended = send(app, row, event).await;
    let outcome = match ended.failed {
        None => Outcome::Delivered,
        Some(_) => Outcome::GivenUp,
    };
    let tried = ended.tried(event, 1, outcome);
    let txn = app.people.begin().await?;
    let delivery = sql::tried(&txn, row.id(), &tried).await?;
    events::changed(&txn, row).await?;
    txn.commit().await?;
    app.appended.notify_one();
    Ok(delivery)
}

/// One signed request (Standard Webhooks 1.0).
async fn send(app: &App, row: &WebhookRow, event: &Event) -> Ended {
    let begun = Instant::now();
    let asked = request(app, row, event).await;
    let mut ended = Ended {
        status: None,
        failed: None,
        wait_secs: None,
        gone: false,
        took: begun.elapsed(),
    };
    match asked {
        Err(mut why) => {
            why.truncate(why.floor_char_boundary(DETAIL_MAX));
            ended.failed = Some(why);
        }
        Ok(answer) => {
            let status = answer.status();
            ended.status = Some(status.as_u16());
            ended.gone = status == StatusCode::GONE;
            let asked = answer.headers().get(RETRY_AFTER);
            let asked = asked.and_then(|text| text.to_str().ok());
            ended.wait_secs = asked.and_then(|text| retry_after(text, SystemTime::now()));
            if !status.is_success() {
                ended.failed = Some(match status.is_redirection() {
                    true => {
                        format!("The endpoint answered {status}. labyard doesn't follow redirects.")
                    }
                    false => format!("The endpoint answered {status}."),
                });
            }
        }
    }
    ended
}

async fn request(app: &App, row: &WebhookRow, event: &Event) -> Result<Response, String> {
    let url: Url = row
        .url
        .parse()
        .map_err(|_| "The webhook's address is invalid.")?;
    let client = app
        .outgoing
        .client(&url)
        .map_err(|error| error.to_string())?;
    let body = serde_json::to_string(event).map_err(|error| error.to_string())?;
    let (id, now) = (event.id.to_string(), Utc::now());
    let secret = |number: i32| app.keys.webhook(row.id().uuid(), number);
    let mut signatures = secret(row.secret_number).sign(&id, now.timestamp(), &body);
    let old = TimeDelta::hours(OLD_SECRET_HOURS);
    if row.secret_number > 1 && now - row.secret_changed_at < old {
        let before = secret(row.secret_number - 1).sign(&id, now.timestamp(), &body);
        signatures = format!("{signatures} {before}");
    }
    let sent = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.timestamp())
        .header("webhook-signature", signatures)
        .body(body)
        .send();
    // The answer's body is not read: nothing of what is inside may be seen through labyard.
    sent.await.map_err(|error| said(&error))
}

/// An error of the way there, without the address, which may hold a secret.
fn said(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        let secs = crate::outgoing::TIMEOUT.as_secs();
        return format!("The endpoint didn't answer within {secs} s.");
    }
    let why = api::reach::why(error).cause;
    match error.is_connect() {
        true => format!("Can't reach the endpoint: {why}."),
        false => format!("The connection broke: {why}."),
    }
}

/// Seconds or a date (RFC 9110 §10.2.3).
fn retry_after(text: &str, now: SystemTime) -> Option<f64> {
    let date = || {
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(now).unwrap_or_default().as_secs_f64())
    };
    text.parse::<u32>().ok().map(f64::from).or_else(date)
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn the_waits_grow_stay_bounded_and_spread() {
        let mut random = StdRng::seed_from_u64(1);
        for tries in 0..40 {
            let secs = wait(tries, None, &mut random);
            let step = usize::try_from(tries).unwrap_or_default().min(6);
            let middle = RETRY_SECS[step];
            assert!(
                (0.8 * middle..1.2 * middle).contains(&secs),
                "{tries}: {secs}"
            );
        }
        assert_ne!(wait(3, None, &mut random), wait(3, None, &mut random));
        // Tries of a day: few enough for anybody's server.
        let day: f64 = (0..30).map(|tries| RETRY_SECS[6.min(tries)]).sum();
        assert!(day > 24.0 * 3600.0, "{day}");
    }

    #[test]
    fn a_server_says_how_long_in_seconds_or_until_when() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (text, secs) in [
            ("120", Some(120.0)),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120.0)),
            ("Sunday, 06-Nov-94 08:51:37 GMT", Some(120.0)),
            ("Sun Nov  6 08:51:37 1994", Some(120.0)),
            // That time is over.
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0.0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), secs, "{text}");
        }
    }

    #[test]
    fn a_server_that_asks_for_time_gets_an_hour_at_most() {
        let mut random = StdRng::seed_from_u64(1);
        assert!((120.0 - wait(0, Some(120.0), &mut random)).abs() < 1e-9);
        assert!(wait(0, Some(1e9), &mut random) <= RETRY_AFTER_SECS_MAX * (1.0 + JITTER));
        assert!(wait(5, Some(1.0), &mut random) > 1000.0);
    }
}
