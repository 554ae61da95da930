//! Stops a cluster that nobody uses, and says so before; the key is its ID. The row's `used_at` decides:
//! what was planned only says when to look.

use api::event::kind;
use domain::{ClusterId, Code, Reason, Verb};
use sea_orm::DatabaseTransaction;

use super::Outcome;
use crate::{
    app::{
        Error, events,
        turn::{self, Asked},
    },
    db::{self, usage::Idleness},
};

pub(super) async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match db::usage::idleness(txn, id).await? {
        Idleness::Never => Ok(Outcome::Done),
        Idleness::Held => Err(Error::new(
            Code::Unavailable,
            "Somebody else changes this cluster right now.",
        )),
        Idleness::Used => {
            db::usage::plan_warning(txn, id).await?;
            Ok(Outcome::Planned)
        }
        Idleness::Soon => {
            let row = turn::locked(txn, id).await?;
            events::cluster(txn, &row, kind::CLUSTER_IDLING).await?;
            db::usage::plan_stop(txn, id).await?;
            Ok(Outcome::Planned)
        }
        Idleness::Over { minutes } => stop(txn, id, minutes).await,
    }
}

async fn stop(txn: &DatabaseTransaction, id: ClusterId, minutes: i32) -> Result<Outcome, Error> {
    let reason = Reason::new(
        Code::Idle,
        format!("Nobody used the cluster for {minutes} minutes."),
    );
    let asked = Asked {
        reason: Some(&reason),
        ..Asked::default()
    };
    let turned = turn::apply(txn, id, Verb::Stop, asked).await?;
    tracing::info!(cluster = %id, minutes, "stopped: idle");
    Ok(Outcome::Wake(Box::new(turned.accepted()?.cluster)))
}
