//! The one place that says yes: an actor, an action, an object found through membership.

use domain::{Action, ClusterId, Code, Role, SessionId, TaskId, UserId, WorkspaceId};
use sea_orm::ConnectionTrait;

use super::Error;
use crate::db::{
    self,
    cluster::ClusterRow,
    person::{self, WorkspaceRow},
    task::TaskRow,
};

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// Looks after the installation.
    pub(crate) is_admin: bool,
}

/// Yes for a role that may; a missing role is a missing object. What belongs to the installation is
/// its administrators', whatever their roles.
pub(crate) fn authorize(actor: &Actor, action: Action, role: Option<Role>) -> Result<(), Error> {
    let refused = match (action, role) {
        (Action::Installation, _) if actor.is_admin => return Ok(()),
        (Action::Installation, _) => Error::with_fix(
            Code::Forbidden,
            "This is for the installation's administrators.",
            "Ask whoever set this labyard up.",
        ),
        (_, None) => return Err(Error::not_found()),
        (_, Some(role)) if action.allowed_to(role) => return Ok(()),
        (_, Some(role)) => Error::new(
            Code::Forbidden,
            format!("A {} of this organization may not do this.", role.as_str()),
        ),
    };
    tracing::info!(user = %actor.user, ?action, role = role.map(Role::as_str), "refused");
    Err(refused)
}

/// What is nobody's in particular: hosts, the pool, the self-checks.
pub(crate) fn installation(actor: &Actor) -> Result<(), Error> {
    authorize(actor, Action::Installation, None)
}

pub(crate) async fn cluster<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: ClusterId,
) -> Result<(ClusterRow, Role), Error> {
    let row = db::cluster::find_for(connection, actor.user, id)
        .await?
        .ok_or_else(Error::not_found)?;
    let role = row.role().ok_or_else(Error::not_found)?;
    authorize(actor, action, Some(role))?;
    Ok((row, role))
}

pub(crate) async fn task<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: TaskId,
) -> Result<TaskRow, Error> {
    let row = db::task::find_for(connection, actor.user, id)
        .await?
        .ok_or_else(Error::not_found)?;
    authorize(actor, action, row.role())?;
    Ok(row)
}

/// The named workspace, or the actor's own.
pub(crate) async fn workspace<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: Option<WorkspaceId>,
) -> Result<WorkspaceRow, Error> {
    let row = person::workspace_for(connection, actor.user, id)
        .await?
        .ok_or_else(Error::not_found)?;
    authorize(actor, action, person::role(&row.role))?;
    Ok(row)
}
