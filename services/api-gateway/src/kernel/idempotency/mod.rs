//! A mutation of people: one transaction, and with an `Idempotency-Key` the same answer for a day.
//! The key's row is written by the transaction it guards: a repeat that comes meanwhile waits for it. A repeat
//! has the rights that the first had, as they are now, or is refused as anybody without them.

pub(crate) mod key;
pub(crate) mod sql;

use std::sync::atomic::{AtomicBool, Ordering};

use crash::crash_point;
use domain::{Code, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::kernel::{
    actor::{Actor, Asked},
    audit,
    error::Error,
    state::App,
};

/// What makes a repeated request the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeat {
    pub(crate) key: Option<String>,
    /// Of method, path, query and body.
    pub(crate) request: [u8; 32],
}

/// Does `work` in one transaction, with its line in the audit, and answers with what it gives, or with what it gave before.
///
/// # Errors
/// `invalid` when the key was used for another request; whatever `work` refuses. A refusal is not
/// kept: it may be tried again with the same key.
pub(crate) async fn once<T, F>(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    work: F,
) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned,
    F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, Error>,
{
    let txn = app.people.begin().await?;
    if let Some(key) = &repeat.key
        && !sql::claim(&txn, actor.user, key, &repeat.request).await?
    {
        return recall(app, &txn, actor, key, repeat).await;
    }
    let answer = work(&txn).await?;
    audit::allowed(&txn, actor).await?;
    if let Some(key) = &repeat.key {
        let asked = of_a_repeat(app, &txn, actor).await?;
        sql::keep(&txn, actor.user, key, kept(&answer, &asked)?).await?;
    }
    crash_point!("gateway.ask.before_commit");
    txn.commit().await?;
    crash_point!("gateway.ask.after_commit");
    app.appended.notify_one();
    Ok(answer)
}

/// An answer and the rights it was given by, as they are kept.
fn kept<T: Serialize>(answer: &T, asked: &[Asked]) -> Result<(Value, Value), Error> {
    let value = |value: serde_json::Result<Value>| value.map_err(|e| Error::Internal(e.into()));
    Ok((
        value(serde_json::to_value(answer))?,
        value(serde_json::to_value(asked))?,
    ))
}

fn read<T: DeserializeOwned>(kept: Value) -> Result<T, Error> {
    serde_json::from_value(kept).map_err(|error| Error::Internal(error.into()))
}

async fn recall<T: DeserializeOwned>(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    key: &str,
    repeat: &Repeat,
) -> Result<T, Error> {
    let known = sql::find(txn, actor.user, key).await?.ok_or_else(|| {
        Error::new(
            Code::Unavailable,
            "The idempotency key has just become free.",
        )
    })?;
    if known.request != repeat.request {
        return Err(Error::invalid(
            "Idempotency-Key",
            "was used for another request; use a new key",
        ));
    }
    let (answer, asked) = known.answer.zip(known.asked).ok_or_else(|| {
        Error::with_fix(
            Code::WrongStatus,
            "A request with this key has started, and its result is unknown.",
            "Check what the request did. labyard never repeats it under the same key; use a new key to do it again.",
        )
    })?;
    for asked in read::<Vec<Asked>>(asked)? {
        (app.again)(txn, actor, asked).await?;
    }
    tracing::info!(user = %actor.user, "answered as before");
    read(answer)
}

/// For what cannot be undone by a rollback: the key is taken before, the answer kept after. `work` says
/// when it has begun. A repeat that has the right `asked` finds the answer, or learns that it is not known;
/// it is never done twice.
pub(crate) async fn at_most_once<T, F>(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    asked: Asked,
    work: F,
) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned,
    F: AsyncFnOnce(&AtomicBool) -> Result<T, Error>,
{
    let begun = AtomicBool::new(false);
    let Some(key) = &repeat.key else {
        return work(&begun).await;
    };
    if !sql::claim(&app.people, actor.user, key, &repeat.request).await? {
        let txn = app.people.begin().await?;
        (app.again)(&txn, actor, asked).await?;
        return recall(app, &txn, actor, key, repeat).await;
    }
    let answer = match work(&begun).await {
        Ok(answer) => answer,
        Err(error) => {
            // A refusal before it had begun: nothing was done. Any other end is not known.
            let unknown = matches!(error.reason().code, Code::Unavailable | Code::Internal);
            if !unknown && !begun.load(Ordering::Relaxed) {
                sql::give_up(&app.people, actor.user, key).await?;
            }
            return Err(error);
        }
    };
    sql::keep(&app.people, actor.user, key, kept(&answer, &[asked])?).await?;
    Ok(answer)
}

/// The rule for a key: something printable that fits.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    let fits = (1..=limits::IDEMPOTENCY_KEY_MAX).contains(&key.len());
    if fits && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::invalid(
        "Idempotency-Key",
        format!(
            "1 to {} printable characters without spaces",
            limits::IDEMPOTENCY_KEY_MAX
        ),
    ))
}

/// The rights that a repeat of what was just done has to have.
async fn of_a_repeat(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
) -> Result<Vec<Asked>, Error> {
    let mut kept = Vec::new();
    for asked in actor.trail.went_by() {
        kept.extend(after(app, txn, actor, asked).await?);
    }
    Ok(kept)
}

/// It, if it is held after what was done by it; else to see the same object; nothing where that is
/// gone too: what somebody took from themselves, as who leaves or deletes does, is not asked of
/// them again.
async fn after(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    asked: Asked,
) -> Result<Option<Asked>, Error> {
    for asked in [asked, asked.to_see()] {
        match (app.again)(txn, actor, asked).await {
            Ok(()) => return Ok(Some(asked)),
            Err(error) if is_refusal(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.reason().code, Code::Forbidden | Code::NotFound)
}
