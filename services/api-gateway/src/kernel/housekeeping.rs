//! Lets go of what is kept for a time only, batch by batch. Each noun says what of its own goes.

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::kernel::{
    due::{self, Outcome, kind::Kind},
    error::Error,
    state::App,
};

const AGAIN_SECS: u32 = 3600;
/// With a full batch there is more.
const SOON_SECS: u32 = 1;
const BATCH: u32 = 1000;

/// Removes at most so many rows whose time is over, and says how many.
pub(crate) type LetGo =
    for<'a> fn(&'a App, &'a DatabaseTransaction, u32) -> BoxFuture<'a, Result<u64, DbErr>>;

/// Something that is kept for a time only.
pub(crate) struct Kept {
    what: &'static str,
    let_go: LetGo,
}

impl Kept {
    pub(crate) const fn new(what: &'static str, let_go: LetGo) -> Self {
        Self { what, let_go }
    }
}

pub(crate) async fn act(
    app: &App,
    txn: &DatabaseTransaction,
    key: &str,
    all: &[Kept],
) -> Result<Outcome, Error> {
    let mut more = false;
    for kept in all {
        let gone = (kept.let_go)(app, txn, BATCH).await?;
        more |= gone >= u64::from(BATCH);
        if gone > 0 {
            tracing::info!(what = kept.what, gone, "let go");
        }
    }
    let wait = if more { SOON_SECS } else { AGAIN_SECS };
    due::sql::after(txn, Kind::Housekeeping, key, wait).await?;
    Ok(Outcome::Planned)
}
