//! Logins by others: the providers of identities that an operator names, and the way there and back.

mod arrival;
mod ask;
pub(crate) mod claims;
mod exchange;
pub(crate) mod flow;
pub(crate) mod identity;
pub(crate) mod issuer;
pub(crate) mod provider;

use sea_orm::TransactionTrait;

pub(crate) use self::{exchange::now, issuer::Issuers, provider::Providers};
use super::{Error, events};
use crate::{db, state::App};

/// Ends the logins that came by a provider which is not one any more.
pub(crate) async fn end_logins_of_others(app: &App) -> Result<(), Error> {
    let txn = app.people.begin().await?;
    let issuers = app.providers.login_issuers();
    let ended = db::identity::end_logins_of_others(&txn, &issuers).await?;
    for (user, session) in &ended {
        events::session_ended(&txn, *user, *session).await?;
    }
    txn.commit().await?;
    if !ended.is_empty() {
        tracing::warn!(logins = ended.len(), "ended: their provider is one no more");
    }
    app.appended.notify_one();
    Ok(())
}
