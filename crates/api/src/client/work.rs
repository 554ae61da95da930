//! Clusters and tasks.

use domain::{ClusterId, Cursor, TaskId, TaskStatus};
use reqwest::Method;

use super::{
    error::Error,
    handle::Client,
    send::{Again, without_body},
};
use crate::{
    Page,
    cluster::{
        Accepted, AutoStop, Cluster, ClusterVersion, CreateCluster, Exec, ExecResult, Extend,
    },
    event::Event,
    task::Task,
};

/// What is on its way, and the place in the log before it was asked for.
pub type AcceptedAt = (Accepted, Option<Cursor>);

impl Client {
    /// One page of clusters and the place in the log before it was read.
    pub async fn clusters(
        &self,
        query: &[(&str, &str)],
    ) -> Result<(Page<Cluster>, Option<Cursor>), Error> {
        self.page("/api/v1/clusters", query).await
    }

    pub async fn cluster(&self, id: ClusterId) -> Result<Cluster, Error> {
        self.get(&format!("/api/v1/clusters/{id}")).await
    }

    pub async fn create_cluster(&self, wanted: &CreateCluster) -> Result<Accepted, Error> {
        Ok(self.create_cluster_at(wanted).await?.0)
    }

    /// The same, with the place in the log before it was made.
    pub async fn create_cluster_at(&self, wanted: &CreateCluster) -> Result<AcceptedAt, Error> {
        self.change("/api/v1/clusters", wanted, Again::Always).await
    }

    pub async fn delete_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.delete_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log; refused if the cluster has another status than expected.
    pub async fn delete_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}");
        self.change_without_body(Method::DELETE, &path, expect_status)
            .await
    }

    pub async fn start_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.start_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log; refused if the cluster has another status than expected.
    pub async fn start_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}/start");
        self.change_without_body(Method::POST, &path, expect_status)
            .await
    }

    pub async fn stop_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.stop_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log; refused if the cluster has another status than expected.
    pub async fn stop_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}/stop");
        self.change_without_body(Method::POST, &path, expect_status)
            .await
    }

    pub async fn extend_cluster(&self, id: ClusterId, wanted: &Extend) -> Result<Cluster, Error> {
        let path = format!("/api/v1/clusters/{id}/extend");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// When it is stopped by itself.
    pub async fn set_auto_stop(&self, id: ClusterId, wanted: &AutoStop) -> Result<Cluster, Error> {
        let path = format!("/api/v1/clusters/{id}/auto-stop");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Somebody looks at it: it is in use.
    pub async fn mark_active(&self, id: ClusterId) -> Result<(), Error> {
        let path = format!("/api/v1/clusters/{id}/active");
        let request = || without_body(self.request(Method::POST, &path));
        self.keyed(request, Again::Always).await.map(drop)
    }

    pub async fn exec(&self, id: ClusterId, command: &Exec) -> Result<ExecResult, Error> {
        let path = format!("/api/v1/clusters/{id}/exec");
        Ok(self.change(&path, command, Again::Unheard).await?.0)
    }

    pub async fn kubeconfig(&self, id: ClusterId) -> Result<String, Error> {
        let path = format!("/api/v1/clusters/{id}/kubeconfig");
        let response = self.checked(self.request(Method::GET, &path)).await?;
        response
            .text()
            .await
            .map_err(|source| self.unreachable(source))
    }

    /// The Kubernetes versions a create may name.
    pub async fn cluster_versions(&self) -> Result<Page<ClusterVersion>, Error> {
        self.get("/api/v1/cluster-versions").await
    }

    pub async fn tasks(&self, query: &[(&str, &str)]) -> Result<Page<Task>, Error> {
        Ok(self.tasks_at(query).await?.0)
    }

    /// The same, with the place in the log before it was read.
    pub async fn tasks_at(
        &self,
        query: &[(&str, &str)],
    ) -> Result<(Page<Task>, Option<Cursor>), Error> {
        self.page("/api/v1/tasks", query).await
    }

    /// With what its steps said.
    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        self.get(&format!("/api/v1/tasks/{id}")).await
    }

    /// Turns a create into a delete, a start into a stop.
    pub async fn cancel_task(
        &self,
        id: TaskId,
        expect_status: Option<TaskStatus>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/tasks/{id}/cancel");
        let expected = expect_status.map(TaskStatus::as_str);
        self.change_without_body(Method::POST, &path, expected)
            .await
    }

    /// Tries a failed task again, as a new task.
    pub async fn retry_task(
        &self,
        id: TaskId,
        expect_status: Option<TaskStatus>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/tasks/{id}/retry");
        let expected = expect_status.map(TaskStatus::as_str);
        self.change_without_body(Method::POST, &path, expected)
            .await
    }

    /// What happened, newest first; also to what is deleted.
    pub async fn timeline(&self, query: &[(&str, &str)]) -> Result<Page<Event>, Error> {
        Ok(self.page("/api/v1/timeline", query).await?.0)
    }
}
