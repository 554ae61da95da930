//! The end of a cluster's life: the same delete that a person asks for, with the reason.

use domain::{ClusterId, Code, Reason, Verb};
use sea_orm::DatabaseTransaction;

use crate::{
    clusters::{
        expiry::{self, sql::Expiry},
        transition::{self, Cause},
    },
    kernel::{
        due::{Outcome, Rule, kind::Kind},
        error::Error,
    },
};

pub(crate) fn reason() -> Reason {
    Reason::new(
        Code::Expired,
        "The cluster's time was up. labyard deleted it.",
    )
}

pub(crate) const RULE: Rule = Rule::new(Kind::Ttl, |_, txn, key| Box::pin(act(txn, key)));

/// The cluster's own row says when it ends; the due row only says when to look.
async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match expiry::sql::expiry(txn, id).await? {
        Expiry::Gone => return Ok(Outcome::Done),
        // An extend or a delete is under way: it may settle this.
        Expiry::Held => {
            return Err(Error::new(
                Code::Unavailable,
                "Someone else is changing this cluster.",
            ));
        }
        Expiry::Later => {
            expiry::sql::at_expiry(txn, id).await?;
            return Ok(Outcome::Planned);
        }
        Expiry::Over => {}
    }
    let reason = reason();
    let asked = Cause {
        reason: Some(&reason),
        ..Cause::default()
    };
    let turned = transition::apply(txn, id, Verb::Delete, asked).await?;
    tracing::info!(cluster = %id, "expired");
    Ok(Outcome::Wake(Box::new(turned.accepted()?.cluster)))
}
