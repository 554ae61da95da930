//! The end of a share; the key is its ID. The finders know it by the clock; this tells the hubs.

use domain::ShareId;
use sea_orm::DatabaseTransaction;

use crate::{
    kernel::{
        due::{Outcome, Rule, kind::Kind},
        error::Error,
    },
    tenancy::share,
};

pub(crate) const RULE: Rule = Rule::new(Kind::Share, |_, txn, key| Box::pin(act(txn, key)));

async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    if let Ok(id) = key.parse::<ShareId>() {
        share::ended(txn, id).await?;
    }
    Ok(Outcome::Done)
}
