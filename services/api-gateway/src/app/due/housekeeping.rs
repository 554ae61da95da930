//! Lets go of what is kept for a time only: answers to repeated requests, ended logins, old events, what webhooks tried.

use sea_orm::DatabaseTransaction;

use super::{HOUSEKEEPING, Outcome};
use crate::{
    app::Error,
    db::{self, housekeeping as keep},
    state::App,
};

const AGAIN_SECS: u32 = 3600;
/// With a full batch there is more.
const SOON_SECS: u32 = 1;
const BATCH: u32 = 1000;

pub(super) async fn act(app: &App, txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let days = app.options.event_retention_days;
    let gone = [
        keep::answers(txn, BATCH).await?,
        keep::sessions(txn, BATCH).await?,
        keep::events(txn, days, BATCH).await?,
        keep::deliveries(txn, BATCH).await?,
    ];
    let more = gone.iter().any(|gone| *gone >= u64::from(BATCH));
    if gone.iter().any(|gone| *gone > 0) {
        tracing::info!(
            answers = gone[0],
            sessions = gone[1],
            events = gone[2],
            deliveries = gone[3],
            "let go"
        );
    }
    let wait = if more { SOON_SECS } else { AGAIN_SECS };
    db::due::after(txn, HOUSEKEEPING, key, wait).await?;
    Ok(Outcome::Planned)
}
