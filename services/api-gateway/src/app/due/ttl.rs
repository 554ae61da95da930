//! The end of a cluster's life: the same delete that a person asks for, with the reason.

use domain::{ClusterId, Code, Reason, Verb};
use sea_orm::DatabaseTransaction;

use super::Outcome;
use crate::{
    app::{
        Error,
        turn::{self, Asked},
    },
    db::{self, due::Expiry},
};

pub(super) fn reason() -> Reason {
    Reason::new(
        Code::Expired,
        "The cluster's time was up. labyard deleted it.",
    )
}

/// The cluster's own row says when it ends; the due row only says when to look.
pub(super) async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match db::due::expiry(txn, id).await? {
        Expiry::Gone => return Ok(Outcome::Done),
        // An extend or a delete is under way: it may settle this.
        Expiry::Held => {
            return Err(Error::new(
                Code::Unavailable,
                "Someone else is changing this cluster.",
            ));
        }
        Expiry::Later => {
            db::due::at_expiry(txn, id).await?;
            return Ok(Outcome::Planned);
        }
        Expiry::Over => {}
    }
    let reason = reason();
    let asked = Asked {
        reason: Some(&reason),
        ..Asked::default()
    };
    let turned = turn::apply(txn, id, Verb::Delete, asked).await?;
    tracing::info!(cluster = %id, "expired");
    Ok(Outcome::Wake(Box::new(turned.accepted()?.cluster)))
}
