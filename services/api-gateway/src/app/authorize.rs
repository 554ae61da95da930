//! The one place that says yes: an actor, an action, an object found through what the actor holds.

use std::sync::Arc;

use domain::{
    Action, ClusterId, Code, OrganizationId, Rights, Role, Scope, ScopeLevel, SessionId, TaskId,
    UserId, WebhookId, WorkspaceId,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
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
        Some(least) => format!("Use a token with scope {}, or log in.", least.as_str()),
        None => "Log in. Tokens can't do this.".into(),
    };
    Error::with_fix(
        Code::Forbidden,
        "This token's scope doesn't allow this.",
        fix,
    )
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
            "Only administrators of this installation can do this.",
            "Ask your administrator.",
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
        Some(role) => format!(
            "The {} role in this organization doesn't allow this.",
            role.as_str()
        ),
        None => "A share lets you view and use this cluster, nothing else.".into(),
    };
    let least = action.least_role().map_or("admin", Role::as_str);
    let fix = match role {
        Some(_) => {
            format!(
                "Ask an owner or admin of the organization for the {least} role, or to do this for you."
            )
        }
        None => "Ask the person who shared the cluster with you.".into(),
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
    actor.trail.goes_by(Asked::of(action, Object::Cluster(id)));
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
    actor.trail.goes_by(Asked::of(action, Object::Task(id)));
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
    actor
        .trail
        .goes_by(Asked::of(action, Object::Workspace(row.id())));
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
    actor.trail.goes_by(Asked::of(action, Object::Webhook(id)));
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
    actor
        .trail
        .goes_by(Asked::of(action, Object::Organization(row.id())));
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

/// A right that was asked for and held: an action on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    action: Action,
    on: Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Object {
    Cluster(ClusterId),
    Task(TaskId),
    Workspace(WorkspaceId),
    Organization(OrganizationId),
    Webhook(WebhookId),
}

impl Asked {
    pub(crate) const fn of(action: Action, on: Object) -> Self {
        Self { action, on }
    }

    /// The least that is held on the same object.
    const fn to_see(self) -> Self {
        let action = match self.on {
            Object::Cluster(_) | Object::Task(_) => Action::ClusterRead,
            Object::Workspace(_) | Object::Organization(_) | Object::Webhook(_) => {
                Action::OrganizationRead
            }
        };
        Self::of(action, self.on)
    }

    /// Asks for it once more.
    pub(crate) async fn again<C: ConnectionTrait>(
        self,
        connection: &C,
        actor: &Actor,
    ) -> Result<(), Error> {
        let action = self.action;
        match self.on {
            Object::Cluster(id) => cluster(connection, actor, action, id).await.map(drop),
            Object::Task(id) => task(connection, actor, action, id).await.map(drop),
            Object::Workspace(id) => workspace(connection, actor, action, Some(id))
                .await
                .map(drop),
            Object::Organization(id) => organization(connection, actor, action, Some(id))
                .await
                .map(drop),
            Object::Webhook(id) => webhook(connection, actor, action, id).await.map(drop),
        }
    }

    /// It, if it is held after what was done by it; else to see the same object; nothing where that is
    /// gone too: what somebody took from themselves, as who leaves or deletes does, is not asked of
    /// them again.
    async fn after<C: ConnectionTrait>(
        self,
        connection: &C,
        actor: &Actor,
    ) -> Result<Option<Self>, Error> {
        for asked in [self, self.to_see()] {
            match asked.again(connection, actor).await {
                Ok(()) => return Ok(Some(asked)),
                Err(error) if is_refusal(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.reason().code, Code::Forbidden | Code::NotFound)
}

/// The rights that a repeat of what was just done has to have.
pub(crate) async fn of_a_repeat<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
) -> Result<Vec<Asked>, Error> {
    let mut kept = Vec::new();
    for asked in actor.trail.went_by() {
        kept.extend(asked.after(connection, actor).await?);
    }
    Ok(kept)
}

fn in_role(role: Option<Role>) -> Rights {
    Rights {
        role,
        ..Rights::default()
    }
}
