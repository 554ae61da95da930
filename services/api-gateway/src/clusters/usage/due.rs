//! Stops a cluster that nobody uses, and says so before; the key is its ID. The row's `used_at` decides:
//! what was planned only says when to look.

use api::event::kind;
use domain::{ClusterId, Code, Reason, Verb};
use sea_orm::DatabaseTransaction;

use crate::{
    clusters::{
        events,
        transition::{self, Cause},
        usage::{self, sql::Idleness},
    },
    kernel::{
        due::{self, Outcome, Rule, kind::Kind},
        error::Error,
    },
};

/// Looked at so late, nobody was there to hear of a use.
const LATE_SECS: u32 = 60;

pub(crate) const RULE: Rule = Rule::new(Kind::Idle, |_, txn, key| Box::pin(act(txn, key)));

async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(id) = key.parse::<ClusterId>() else {
        return Ok(Outcome::Done);
    };
    match usage::sql::idleness(txn, id).await? {
        Idleness::Never => Ok(Outcome::Done),
        Idleness::Held => Err(Error::new(
            Code::Unavailable,
            "Someone else is changing this cluster.",
        )),
        Idleness::Used => {
            usage::sql::plan_warning(txn, id).await?;
            Ok(Outcome::Planned)
        }
        Idleness::Soon => {
            warn(txn, id).await?;
            Ok(Outcome::Planned)
        }
        // No gateway was there to hear of a use meanwhile: those who use it are asked first.
        Idleness::Over { .. } if due::sql::is_late(txn, Kind::Idle, key, LATE_SECS).await? => {
            usage::sql::give_grace(txn, id, "unheard").await?;
            warn(txn, id).await?;
            Ok(Outcome::Planned)
        }
        Idleness::Over { minutes } => stop(txn, id, minutes).await,
    }
}

/// Says that it will be stopped, and plans that.
async fn warn(txn: &DatabaseTransaction, id: ClusterId) -> Result<(), Error> {
    usage::sql::new_version(txn, id).await?;
    let row = transition::locked(txn, id).await?;
    events::cluster(txn, &row, kind::CLUSTER_IDLING).await?;
    Ok(usage::sql::plan_stop(txn, id).await?)
}

async fn stop(txn: &DatabaseTransaction, id: ClusterId, minutes: i32) -> Result<Outcome, Error> {
    let reason = Reason::new(
        Code::Idle,
        format!("Nobody used the cluster for {minutes} minutes."),
    );
    let asked = Cause {
        reason: Some(&reason),
        ..Cause::default()
    };
    let turned = transition::apply(txn, id, Verb::Stop, asked).await?;
    tracing::info!(cluster = %id, minutes, "stopped: idle");
    Ok(Outcome::Wake(Box::new(turned.accepted()?.cluster)))
}
