//! Who asks, what the audit will say of it, and the rights that it went by.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    Action, ClusterId, OrganizationId, Scope, SessionId, TaskId, UserId, WebhookId, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

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
    pub(crate) fn within(&self, action: Action) -> bool {
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

/// What the audit will say of one request.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The route's name.
    pub(crate) action: String,
    /// What the path names.
    pub(crate) object: Option<String>,
    /// The caller's, as the edge saw it.
    pub(crate) address: Option<IpAddr>,
    about: Mutex<About>,
    asked: Mutex<Vec<Asked>>,
}

/// What the rules found out while they were at it.
#[derive(Debug, Default, Clone)]
pub(crate) struct About {
    pub(crate) organization: Option<Uuid>,
    pub(crate) workspace: Option<Uuid>,
    pub(crate) cluster: Option<Uuid>,
    pub(crate) detail: Option<Value>,
    /// The address it is done under; the actor's own if absent.
    pub(crate) email: Option<String>,
}

impl Trail {
    pub(crate) fn new(action: &str, object: Option<String>, address: Option<IpAddr>) -> Self {
        Self {
            action: action.to_owned(),
            object,
            address,
            about: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found out so far.
    pub(crate) fn found(&self) -> About {
        self.lock().clone()
    }

    /// The object, once it is found.
    pub(crate) fn about(
        &self,
        organization: Option<Uuid>,
        workspace: Option<Uuid>,
        cluster: Option<Uuid>,
    ) {
        let mut about = self.lock();
        about.organization = organization;
        about.workspace = workspace;
        about.cluster = cluster;
    }

    /// A right that what is done goes by: a repeat goes by it too.
    pub(crate) fn goes_by(&self, asked: Asked) {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&asked) {
            all.push(asked);
        }
    }

    /// Every right that it went by so far, in the order in which they were asked.
    pub(crate) fn went_by(&self) -> Vec<Asked> {
        let all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// Who did it, where they are known by that address no more when it is written.
    pub(crate) fn known_as(&self, email: String) {
        self.lock().email = Some(email);
    }

    /// What else is worth keeping; never a secret.
    pub(crate) fn note(&self, detail: Value) {
        self.lock().detail = Some(detail);
    }
}

/// A right that was asked for and held: an action on an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) action: Action,
    pub(crate) on: Object,
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
    pub(crate) const fn to_see(self) -> Self {
        let action = match self.on {
            Object::Cluster(_) | Object::Task(_) => Action::ClusterRead,
            Object::Workspace(_) | Object::Organization(_) | Object::Webhook(_) => {
                Action::OrganizationRead
            }
        };
        Self::of(action, self.on)
    }
}
