//! What an event is about and what a stream can be subscribed to: an organization, a workspace, a cluster or a task.

use api::event::Event;
use domain::{ClusterId, OrganizationId, TaskId, WorkspaceId};

/// What a stream can be subscribed to, and what the hub finds it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    Organization(OrganizationId),
    Workspace(WorkspaceId),
    Cluster(ClusterId),
    Task(TaskId),
}

/// Every topic that one event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct EventTopics {
    pub organization: Option<OrganizationId>,
    pub workspace: Option<WorkspaceId>,
    pub cluster: Option<ClusterId>,
    pub task: Option<TaskId>,
}

impl EventTopics {
    pub(crate) fn of(event: &Event) -> Self {
        Self {
            organization: event.organization_id,
            workspace: event.workspace_id,
            cluster: event.cluster_id,
            task: event.task_id,
        }
    }

    pub(crate) fn contains(&self, topic: Topic) -> bool {
        match topic {
            Topic::Organization(id) => self.organization == Some(id),
            Topic::Workspace(id) => self.workspace == Some(id),
            Topic::Cluster(id) => self.cluster == Some(id),
            Topic::Task(id) => self.task == Some(id),
        }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = Topic> {
        [
            self.organization.map(Topic::Organization),
            self.workspace.map(Topic::Workspace),
            self.cluster.map(Topic::Cluster),
            self.task.map(Topic::Task),
        ]
        .into_iter()
        .flatten()
    }
}
