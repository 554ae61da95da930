//! The way out: the outbox is sequenced and published by whichever gateway comes first; the
//! subscribers' gaps are filled from here.

pub(crate) mod event;
pub(crate) mod partitions;
pub(crate) mod sql;

use std::{sync::Arc, time::Duration};

use api::{
    bus::{LogHead, LogReply, Logged, Published},
    event::{Audience, Event},
};
use crash::crash_point;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::kernel::state::App;

/// How often the outbox is looked at without being asked.
const SEQUENCE_INTERVAL: Duration = Duration::from_millis(200);
/// How often the head is said aloud.
const HEAD_INTERVAL: Duration = Duration::from_secs(1);
/// Rows moved by one call.
const BATCH: i32 = 500;
/// Events and bytes of one reply to a subscriber that fills a gap.
const RANGE_EVENTS: u64 = 500;
const RANGE_BYTES: usize = 200 << 10;

/// Appends an event within the caller's transaction, which holds its object's row.
pub(crate) async fn append<C: ConnectionTrait>(
    txn: &C,
    audience: Audience,
    event: Event,
) -> Result<(), DbErr> {
    sql::append(txn, &audience, &event).await
}

/// Sequences and publishes until `stop`. One call is in flight; further requests make one more.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut sequence = interval(SEQUENCE_INTERVAL);
    let mut head = interval(HEAD_INTERVAL);
    for timer in [&mut sequence, &mut head] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        let result = tokio::select! {
            () = stop.cancelled() => break,
            () = app.appended.notified() => {
                crash_point!("gateway.log.before_sequence");
                publish(&app).await
            }
            _ = sequence.tick() => publish(&app).await,
            _ = head.tick() => say_head(&app).await,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "the log waits for the database");
        }
    }
    // What was committed by the last requests still goes out.
    if let Err(error) = publish(&app).await {
        tracing::warn!(%error, "the next gateway publishes the rest");
    }
    app.bus.flush().await;
}

async fn publish(app: &App) -> Result<(), DbErr> {
    loop {
        let (incarnation, places) = sql::sequence(&app.sequencer, BATCH).await?;
        let Some(incarnation) = incarnation else {
            return Ok(());
        };
        let full = places.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
        if !places.is_empty() {
            crash_point!("gateway.log.before_publish");
            app.sequenced.notify_one();
        }
        for place in places {
            // What is published while the bus is away would only wait, and this loop with it.
            if !app.bus.connected() {
                continue;
            }
            let published = Published {
                audience: place.audience,
                event: place.event,
            };
            if let Err(error) = app
                .bus
                .publish_event(
                    place.position,
                    incarnation,
                    &published,
                    place.trace.as_deref(),
                )
                .await
            {
                tracing::debug!(%error, position = place.position, "not published; subscribers will ask");
            }
            crash_point!("gateway.log.after_publish");
        }
        if !full {
            return Ok(());
        }
    }
}

async fn say_head(app: &App) -> Result<(), DbErr> {
    if !app.bus.connected() {
        return Ok(());
    }
    let cursor = sql::head(&app.sequencer).await?;
    let head = LogHead {
        incarnation: cursor.incarnation,
        position: cursor.position,
    };
    if let Err(error) = app.bus.publish_head(head).await {
        tracing::debug!(%error, "the head was not said");
    }
    Ok(())
}

/// The events after a position, as many as fit in one reply.
pub(crate) async fn range(app: &App, after: u64) -> Result<LogReply, DbErr> {
    let head = sql::head(&app.machines).await?;
    let first = sql::first(&app.machines).await?;
    let mut events = Vec::new();
    let mut bytes = 0;
    for place in sql::range(&app.machines, after, RANGE_EVENTS).await? {
        let logged = Logged {
            position: place.position,
            audience: place.audience,
            event: place.event,
            trace: place.trace,
        };
        bytes += serde_json::to_vec(&logged).map_or(0, |json| json.len());
        if bytes > RANGE_BYTES && !events.is_empty() {
            break;
        }
        events.push(logged);
    }
    Ok(LogReply {
        head: LogHead {
            incarnation: head.incarnation,
            position: head.position,
        },
        first,
        events,
    })
}
