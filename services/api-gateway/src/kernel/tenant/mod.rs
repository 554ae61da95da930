//! The organization that a request is about: found through membership, locked, told of.

pub(crate) mod sql;

use api::event::{Audience, Event, kind};
use domain::{Action, OrganizationId, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::kernel::{
    actor::{Actor, Asked, Object},
    authorize,
    error::Error,
    log::{
        self,
        event::{bare, everyone},
    },
    tenant::sql::OrganizationRow,
};

/// The named organization, or the actor's own, if they may do this in it.
pub(crate) async fn permitted<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: Option<OrganizationId>,
) -> Result<OrganizationRow, Error> {
    let row = sql::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.id)))
        .ok_or_else(Error::not_found)?;
    actor.trail.about(Some(row.id), None, None);
    authorize::authorize(actor, action, &authorize::in_role(Some(row.role())))?;
    actor
        .trail
        .goes_by(Asked::of(action, Object::Organization(row.id())));
    Ok(row)
}

/// The same under the organization's lock, so that its members change one at a time. Both may have
/// changed while it was waited for: what counts is what holds under it.
pub(crate) async fn permitted_locked(
    txn: &DatabaseTransaction,
    actor: &Actor,
    action: Action,
    id: OrganizationId,
) -> Result<OrganizationRow, Error> {
    permitted(txn, actor, action, Some(id)).await?;
    sql::lock(txn, id).await?;
    permitted(txn, actor, action, Some(id)).await
}

/// An organization, its members or its workspaces changed; who sees it reads it again.
pub(crate) async fn changed<C: ConnectionTrait>(txn: &C, id: OrganizationId) -> Result<(), Error> {
    let event = Event {
        organization_id: Some(id),
        ..bare(kind::ORGANIZATION_CHANGED)
    };
    Ok(log::append(txn, everyone(id), event).await?)
}

/// The same to people who see it no more, each alone: what its members are told does not reach them.
pub(crate) async fn left<C: ConnectionTrait>(txn: &C, people: &[UserId]) -> Result<(), Error> {
    for user_id in people.iter().copied() {
        let event = bare(kind::ORGANIZATION_CHANGED);
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}
