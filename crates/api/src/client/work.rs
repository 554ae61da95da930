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

/// What was accepted, and the place in the log before that.
pub type AcceptedAt = (Accepted, Option<Cursor>);

impl Client {
    /// One page of clusters, newest first, and the place in the log before it was read.
    ///
    /// # Errors
    /// When the query isn't valid.
    pub async fn clusters(
        &self,
        query: &[(&str, &str)],
    ) -> Result<(Page<Cluster>, Option<Cursor>), Error> {
        self.page("/api/v1/clusters", query).await
    }

    /// One cluster; deleted ones stay readable.
    ///
    /// # Errors
    /// When there is none that the caller may see (`not_found`).
    pub async fn cluster(&self, id: ClusterId) -> Result<Cluster, Error> {
        self.get(&format!("/api/v1/clusters/{id}")).await
    }

    /// Creates a cluster.
    ///
    /// # Errors
    /// When a field isn't valid, the name is taken, the quota is used up, no host fits, or the caller may not.
    pub async fn create_cluster(&self, wanted: &CreateCluster) -> Result<Accepted, Error> {
        Ok(self.create_cluster_at(wanted).await?.0)
    }

    /// The same, with the place in the log before it.
    ///
    /// # Errors
    /// As [`Self::create_cluster`].
    pub async fn create_cluster_at(&self, wanted: &CreateCluster) -> Result<AcceptedAt, Error> {
        self.change("/api/v1/clusters", wanted, Again::Always).await
    }

    /// Deletes a cluster, whatever its status. Deleting it again changes nothing.
    ///
    /// # Errors
    /// When there is no such cluster (`not_found`), or the caller may not.
    pub async fn delete_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.delete_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log before it, and only in the expected status.
    ///
    /// # Errors
    /// As [`Self::delete_cluster`], and when the cluster has another status (`wrong_status`).
    pub async fn delete_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}");
        self.change_without_body(Method::DELETE, &path, expect_status)
            .await
    }

    /// Starts a stopped cluster.
    ///
    /// # Errors
    /// When its status doesn't allow it (`wrong_status`), the quota is used up, or the caller may not.
    pub async fn start_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.start_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log before it, and only in the expected status.
    ///
    /// # Errors
    /// As [`Self::start_cluster`], and when the cluster has another status (`wrong_status`).
    pub async fn start_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}/start");
        self.change_without_body(Method::POST, &path, expect_status)
            .await
    }

    /// Stops a running cluster and keeps everything in it.
    ///
    /// # Errors
    /// When its status doesn't allow it (`wrong_status`), or the caller may not.
    pub async fn stop_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.stop_cluster_at(id, None).await?.0)
    }

    /// The same, with the place in the log before it, and only in the expected status.
    ///
    /// # Errors
    /// As [`Self::stop_cluster`], and when the cluster has another status (`wrong_status`).
    pub async fn stop_cluster_at(
        &self,
        id: ClusterId,
        expect_status: Option<&str>,
    ) -> Result<AcceptedAt, Error> {
        let path = format!("/api/v1/clusters/{id}/stop");
        self.change_without_body(Method::POST, &path, expect_status)
            .await
    }

    /// Extends a cluster's life.
    ///
    /// # Errors
    /// When the new end is too far away (`invalid`), the quota is used up, or the caller may not.
    pub async fn extend_cluster(&self, id: ClusterId, wanted: &Extend) -> Result<Cluster, Error> {
        let path = format!("/api/v1/clusters/{id}/extend");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Sets after how long without use a cluster is stopped automatically.
    ///
    /// # Errors
    /// When the minutes aren't valid, the cluster is being deleted, or the caller may not.
    pub async fn set_auto_stop(&self, id: ClusterId, wanted: &AutoStop) -> Result<Cluster, Error> {
        let path = format!("/api/v1/clusters/{id}/auto-stop");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Records that a cluster is in use.
    ///
    /// # Errors
    /// When there is no such cluster that the caller may use.
    pub async fn mark_active(&self, id: ClusterId) -> Result<(), Error> {
        let path = format!("/api/v1/clusters/{id}/active");
        let request = || without_body(self.request(Method::POST, &path));
        self.keyed(request, Again::Always).await.map(drop)
    }

    /// Runs a command in a cluster's control-plane container. It isn't sent again once the server may have begun it.
    ///
    /// # Errors
    /// When the cluster doesn't run, the command isn't valid, too many run already, or the caller may not.
    pub async fn exec(&self, id: ClusterId, command: &Exec) -> Result<ExecResult, Error> {
        let path = format!("/api/v1/clusters/{id}/exec");
        Ok(self.change(&path, command, Again::Unheard).await?.0)
    }

    /// A kubeconfig for the caller, valid for an hour.
    ///
    /// # Errors
    /// When the cluster doesn't run (`wrong_status`), or the caller may not.
    pub async fn kubeconfig(&self, id: ClusterId) -> Result<String, Error> {
        let path = format!("/api/v1/clusters/{id}/kubeconfig");
        let response = self.checked(self.request(Method::GET, &path)).await?;
        response
            .text()
            .await
            .map_err(|source| self.unreachable(source))
    }

    /// The Kubernetes versions that a new cluster can have.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn cluster_versions(&self) -> Result<Page<ClusterVersion>, Error> {
        self.get("/api/v1/cluster-versions").await
    }

    /// One page of tasks, newest first.
    ///
    /// # Errors
    /// When the query isn't valid.
    pub async fn tasks(&self, query: &[(&str, &str)]) -> Result<Page<Task>, Error> {
        Ok(self.tasks_at(query).await?.0)
    }

    /// The same, with the place in the log before it was read.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub async fn tasks_at(
        &self,
        query: &[(&str, &str)],
    ) -> Result<(Page<Task>, Option<Cursor>), Error> {
        self.page("/api/v1/tasks", query).await
    }

    /// One task, with the logs of its steps.
    ///
    /// # Errors
    /// When there is none that the caller may see (`not_found`).
    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        self.get(&format!("/api/v1/tasks/{id}")).await
    }

    /// Cancels a create, which deletes the cluster, or a start, which stops it.
    ///
    /// # Errors
    /// When the task can't be canceled or has another status than expected (`wrong_status`), or the caller may not.
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
    ///
    /// # Errors
    /// When the task hasn't failed or has another status than expected (`wrong_status`), or the caller may not.
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

    /// One page of activity, newest first, including deleted clusters.
    ///
    /// # Errors
    /// When the query isn't valid.
    pub async fn timeline(&self, query: &[(&str, &str)]) -> Result<Page<Event>, Error> {
        Ok(self.page("/api/v1/timeline", query).await?.0)
    }
}
