//! Logins by others: the providers of identities that an operator names, and the way there and back.

pub(crate) mod arrival;
pub(crate) mod cookie;
pub(crate) mod ended;
pub(crate) mod exchange;
pub(crate) mod flow;
pub(crate) mod http;
pub(crate) mod identity;
pub(crate) mod sql;

use sea_orm::TransactionTrait;

use crate::kernel::{error::Error, grants, state::App};

/// Ends the logins that came by a provider which is not one any more.
pub(crate) async fn end_logins_of_others(app: &App) -> Result<(), Error> {
    let txn = app.people.begin().await?;
    let issuers = app.providers.login_issuers();
    let ended = sql::end_logins_of_others(&txn, &issuers).await?;
    for (user, session) in &ended {
        grants::session_ended(&txn, *user, *session).await?;
    }
    txn.commit().await?;
    if !ended.is_empty() {
        tracing::warn!(logins = ended.len(), "ended: their provider is one no more");
    }
    app.appended.notify_one();
    Ok(())
}
