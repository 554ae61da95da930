//! The end of a command that nobody wrote: the gateway that waited for it is gone, and how it ended is not
//! known. The key is the number of its beginning in the audit.

use sea_orm::DatabaseTransaction;
use serde_json::json;

use crate::kernel::{
    audit::{self, Began},
    due::{Outcome, Rule, kind::Kind},
    error::Error,
};

pub(crate) const RULE: Rule = Rule::new(Kind::Command, |_, txn, key| Box::pin(act(txn, key)));

async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    if let Some(began) = Began::of(key) {
        audit::ended(txn, began, json!({ "failed": "unknown" })).await?;
        tracing::warn!(line = key, "a command's end is not known");
    }
    Ok(Outcome::Done)
}
