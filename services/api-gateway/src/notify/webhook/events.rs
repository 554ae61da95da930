//! What is told of webhooks: to who may change them.

use api::event::{Changed, kind};
use domain::OrganizationId;
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    kernel::log::{
        self,
        event::{admins, signal},
    },
    notify::webhook::sql::WebhookRow,
};

/// A webhook changed, or there is news of what it was sent.
pub(crate) async fn changed<C: ConnectionTrait>(txn: &C, row: &WebhookRow) -> Result<(), DbErr> {
    let organization = OrganizationId::from_uuid(row.place().0);
    let changed = Changed {
        workspace_id: Some(row.workspace()),
        webhook_id: Some(row.id()),
        ..Changed::default()
    };
    let event = signal(kind::WEBHOOK_CHANGED, Some(organization), &changed)?;
    log::append(txn, admins(organization), event).await
}
