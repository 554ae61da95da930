//! The one place that says yes: an actor, an action, an object found through what the actor holds.

use std::sync::Arc;

use domain::{
    Action, ClusterId, Code, OrganizationId, Rights, Role, Scope, ScopeLevel, SessionId, TaskId,
    UserId, WebhookId, WorkspaceId,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{Error, audit::Trail};
use crate::db::{
    self, cluster::ClusterRow, organization::OrganizationRow, task::TaskRow, webhook::WebhookRow,
    workspace::WorkspaceRow,
};

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    /// What an API token is limited to; nothing limits a login.
    pub(crate) scope: Option<Scope>,
    /// Looks after the installation.
    pub(crate) is_admin: bool,
    /// What the audit will say of this request.
    pub(crate) trail: Arc<Trail>,
}

impl Actor {
    /// Whether what an API token is limited to holds this; a login is limited by its rights alone.
    fn within(&self, action: Action) -> bool {
        self.scope.is_none_or(|scope| scope.allows(action))
    }

    /// Whether something of this organization is in reach; what is not is as if it were not there.
    pub(crate) fn reaches(&self, organization: Option<Uuid>) -> bool {
        let organization = organization.map(OrganizationId::from_uuid);
        self.scope.is_none_or(|scope| scope.reaches(organization))
    }

    /// The one organization that lists are narrowed to.
    pub(crate) fn only(&self) -> Option<OrganizationId> {
        self.scope.and_then(|scope| scope.organization_id)
    }
}

/// No for what an API token is not for.
pub(crate) fn beyond_scope(least: Option<ScopeLevel>) -> Error {
    let fix = match least {
        Some(least) => format!("Use a token of the scope {}, or log in.", least.as_str()),
        None => "Log in; no token may do this.".into(),
    };
    Error::with_fix(Code::Forbidden, "This token is not for that.", fix)
}

/// Yes for what is held that allows it; who holds nothing on an object finds nothing. What belongs to
/// the installation is its administrators', whatever their roles.
pub(crate) fn authorize(actor: &Actor, action: Action, rights: &Rights) -> Result<(), Error> {
    let refused = if action == Action::Installation {
        if actor.is_admin && actor.within(action) {
            return Ok(());
        }
        Error::with_fix(
            Code::Forbidden,
            "This is for the installation's administrators.",
            "Ask whoever set this labyard up.",
        )
    } else if !rights.any() {
        return Err(Error::not_found());
    } else if !actor.within(action) {
        beyond_scope(action.least_scope())
    } else if rights.allow(action) {
        return Ok(());
    } else {
        forbidden(action, rights.role)
    };
    let role = rights.role.map(Role::as_str);
    tracing::info!(user = %actor.user, ?action, role, "refused");
    Err(refused)
}

fn forbidden(action: Action, role: Option<Role>) -> Error {
    let who = match role {
        Some(role) => format!("A {} of this organization may not do this.", role.as_str()),
        None => "Who was given a share of this cluster may see and use it, and no more.".into(),
    };
    let least = action.least_role().map_or("admin", Role::as_str);
    let fix = match role {
        Some(_) => {
            format!("Ask an owner or admin of the organization to make you {least}, or to do it.")
        }
        None => "Ask whoever shared it with you.".into(),
    };
    Error::with_fix(Code::Forbidden, who, fix)
}

/// What is nobody's in particular: hosts, the pool, the self-checks.
pub(crate) fn installation(actor: &Actor) -> Result<(), Error> {
    authorize(actor, Action::Installation, &Rights::default())
}

pub(crate) async fn cluster<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: ClusterId,
) -> Result<(ClusterRow, Rights), Error> {
    let row = db::cluster::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(row.organization_id))
        .ok_or_else(Error::not_found)?;
    let rights = row.rights()?;
    actor
        .trail
        .about(row.organization_id, row.workspace_id, Some(row.id));
    authorize(actor, action, &rights)?;
    Ok((row, rights))
}

pub(crate) async fn task<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: TaskId,
) -> Result<TaskRow, Error> {
    let row = db::task::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(row.place().0))
        .ok_or_else(Error::not_found)?;
    let (organization, workspace) = row.place();
    actor
        .trail
        .about(organization, workspace, Some(row.cluster().uuid()));
    authorize(actor, action, &row.rights()?)?;
    Ok(row)
}

/// The named workspace, or the actor's own.
pub(crate) async fn workspace<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: Option<WorkspaceId>,
) -> Result<WorkspaceRow, Error> {
    let row = db::workspace::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.organization_id)))
        .ok_or_else(Error::not_found)?;
    actor
        .trail
        .about(Some(row.organization_id), Some(row.id), None);
    authorize(actor, action, &in_role(row.role()))?;
    Ok(row)
}

pub(crate) async fn webhook<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: WebhookId,
) -> Result<WebhookRow, Error> {
    let row = db::webhook::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.place().0)))
        .ok_or_else(Error::not_found)?;
    let (organization, workspace) = row.place();
    actor.trail.about(Some(organization), Some(workspace), None);
    authorize(actor, action, &in_role(row.role()))?;
    Ok(row)
}

/// The named organization, or the actor's own.
pub(crate) async fn organization<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: Option<OrganizationId>,
) -> Result<OrganizationRow, Error> {
    let row = db::organization::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.id)))
        .ok_or_else(Error::not_found)?;
    actor.trail.about(Some(row.id), None, None);
    authorize(actor, action, &in_role(row.role()))?;
    Ok(row)
}

/// The same under the organization's lock, so that its members change one at a time. Both may have
/// changed while it was waited for: what counts is what holds under it.
pub(crate) async fn organization_locked(
    txn: &DatabaseTransaction,
    actor: &Actor,
    action: Action,
    id: OrganizationId,
) -> Result<OrganizationRow, Error> {
    organization(txn, actor, action, Some(id)).await?;
    db::organization::lock(txn, id).await?;
    organization(txn, actor, action, Some(id)).await
}

fn in_role(role: Option<Role>) -> Rights {
    Rights {
        role,
        ..Rights::default()
    }
}
