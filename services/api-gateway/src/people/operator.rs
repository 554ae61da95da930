//! What an operator does at the keyboard, about people and keys, each with its line in the audit.

use api::Secret;
use domain::{Address, UserId, limits};
use sea_orm::{DatabaseConnection, TransactionTrait};
use serde_json::json;

use crate::{
    crypto::envelope::Envelope,
    kernel::{audit, error::Error, person, sealed, state::App},
    people::{
        account::{self, nobody},
        login::hashed,
    },
};

/// Lets somebody look after the installation.
pub(crate) async fn promote(database: &DatabaseConnection, email: &str) -> Result<(), Error> {
    let email = Address::of(email);
    let txn = database.begin().await?;
    if !person::promote(&txn, &email).await? {
        return Err(nobody());
    }
    audit::operator(&txn, "promote", Some(email.as_str()), None).await?;
    Ok(txn.commit().await?)
}

/// A new password; every login of that person ends.
pub(crate) async fn reset_password(app: &App, email: &str, password: Secret) -> Result<(), Error> {
    limits::check_password(password.expose())
        .map_err(|detail| Error::invalid("/password", detail))?;
    let email = Address::of(email);
    let hash = hashed(app, password).await?;
    let txn = app.people.begin().await?;
    let row = person::by_email(&txn, &email).await?.ok_or_else(nobody)?;
    let user = UserId::from_uuid(row.id);
    person::set_password(&txn, user, &hash).await?;
    account::end_everything(&txn, user).await?;
    audit::operator(&txn, "reset_password", Some(email.as_str()), None).await?;
    Ok(txn.commit().await?)
}

/// Brings every sealed value under the current key; gives how many it moved. A run that was interrupted
/// has no end in the audit, and the next one a beginning of its own.
pub(crate) async fn rotate_keys(
    database: &DatabaseConnection,
    envelope: &Envelope,
) -> Result<u64, Error> {
    let key = envelope.current().to_string();
    audit::operator(database, "rotate_keys", Some(&key), None).await?;
    let moved = sealed::rotate(database, envelope).await?;
    let detail = Some(json!({ "moved": moved }));
    audit::operator(database, "rotate_keys.ended", Some(&key), detail).await?;
    Ok(moved)
}
