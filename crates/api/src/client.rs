//! The typed client of the HTTP API: one method a route, errors as the API says them.

mod events;

use std::time::Duration;

use bytes::Bytes;
use domain::{ClusterId, Cursor, TaskId};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Page, Problem,
    auth::{Login, Me, Refresh, Register, StreamToken, Tokens, User},
    cluster::{Accepted, Cluster, ClusterVersion, CreateCluster, Exec, ExecResult, Extend},
    health::Health,
    host::Host,
    task::Task,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An exec may take its minute and a little.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);
/// A stream that lives says something each 15 s; one that missed three is dead.
const STREAM_SILENCE: Duration = Duration::from_secs(45);

pub use events::Frame;

/// What the client logs in with.
#[derive(Clone)]
pub enum Credential {
    None,
    /// An access token.
    Bearer(String),
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API said no, and why.
    #[error("{}", .0.reason.message)]
    Problem(Box<Problem>),
    #[error("labyard does not answer at {url}")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url} answered {status}, which is not labyard's way")]
    NotUnderstood { url: String, status: u16 },
}

/// A client of one server, with one credential.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For what never ends: no whole timeout, but one for silence.
    streams: reqwest::Client,
    base: String,
    credential: Credential,
}

impl Client {
    /// # Errors
    /// When no TLS library can be set up.
    pub fn new(base: &str, credential: Credential) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        let failed = |source| Error::Unreachable {
            url: base.clone(),
            source,
        };
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")))
        };
        let http = builder().timeout(ANSWER_TIMEOUT).build().map_err(failed)?;
        let streams = builder()
            .read_timeout(STREAM_SILENCE)
            .build()
            .map_err(failed)?;
        Ok(Self {
            http,
            streams,
            base,
            credential,
        })
    }

    /// The access token, if there is one.
    pub fn bearer(&self) -> Option<&str> {
        match &self.credential {
            Credential::Bearer(token) => Some(token),
            Credential::None => None,
        }
    }

    pub async fn register(&self, wanted: &Register) -> Result<User, Error> {
        self.send(Method::POST, "/api/v1/auth/register", Some(wanted))
            .await
    }

    pub async fn token(&self, login: &Login) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/token", Some(login))
            .await
    }

    pub async fn refresh(&self, token: &Refresh) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/refresh", Some(token))
            .await
    }

    pub async fn logout(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout");
        self.checked(without_body(request)).await.map(drop)
    }

    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
    }

    /// A token for `?token=` on the stream routes.
    pub async fn stream_token(&self) -> Result<StreamToken, Error> {
        let request = self.request(Method::POST, "/api/v1/auth/stream-token");
        Ok(self.read_at(without_body(request)).await?.0)
    }

    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }

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
    pub async fn create_cluster_at(
        &self,
        wanted: &CreateCluster,
    ) -> Result<(Accepted, Option<Cursor>), Error> {
        let request = self.request(Method::POST, "/api/v1/clusters").json(wanted);
        self.read_at(request).await
    }

    pub async fn delete_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        Ok(self.delete_cluster_at(id).await?.0)
    }

    /// The same, with the place in the log before it was asked.
    pub async fn delete_cluster_at(
        &self,
        id: ClusterId,
    ) -> Result<(Accepted, Option<Cursor>), Error> {
        let request = self.request(Method::DELETE, &format!("/api/v1/clusters/{id}"));
        self.read_at(request).await
    }

    pub async fn start_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        let request = self.request(Method::POST, &format!("/api/v1/clusters/{id}/start"));
        Ok(self.read_at(without_body(request)).await?.0)
    }

    pub async fn stop_cluster(&self, id: ClusterId) -> Result<Accepted, Error> {
        let request = self.request(Method::POST, &format!("/api/v1/clusters/{id}/stop"));
        Ok(self.read_at(without_body(request)).await?.0)
    }

    /// The hosts, for administrators.
    pub async fn hosts(&self) -> Result<Page<Host>, Error> {
        self.get("/api/v1/hosts").await
    }

    pub async fn extend_cluster(&self, id: ClusterId, wanted: &Extend) -> Result<Cluster, Error> {
        self.send(
            Method::POST,
            &format!("/api/v1/clusters/{id}/extend"),
            Some(wanted),
        )
        .await
    }

    pub async fn exec(&self, id: ClusterId, command: &Exec) -> Result<ExecResult, Error> {
        self.send(
            Method::POST,
            &format!("/api/v1/clusters/{id}/exec"),
            Some(command),
        )
        .await
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
        Ok(self.page("/api/v1/tasks", query).await?.0)
    }

    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        self.get(&format!("/api/v1/tasks/{id}")).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.authorized(self.http.request(method, format!("{}{path}", self.base)))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credential {
            Credential::Bearer(token) => request.bearer_auth(token),
            Credential::None => request,
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.send::<(), T>(Method::GET, path, None).await
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<(Page<T>, Option<Cursor>), Error> {
        self.read_at(self.request(Method::GET, path).query(query))
            .await
    }

    async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, Error> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Ok(self.read_at(request).await?.0)
    }

    async fn read_at<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<(T, Option<Cursor>), Error> {
        let response = self.checked(request).await?;
        let at = position(response.headers());
        let status = response.status();
        let body = self.body(response).await?;
        let body = serde_json::from_slice(&body).map_err(|_| self.not_understood(status))?;
        Ok((body, at))
    }

    /// The response, if it is a good one.
    async fn checked(&self, request: RequestBuilder) -> Result<Response, Error> {
        let response = request
            .send()
            .await
            .map_err(|source| self.unreachable(source))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        match serde_json::from_slice(&self.body(response).await?) {
            Ok(problem) => Err(Error::Problem(Box::new(problem))),
            Err(_) => Err(self.not_understood(status)),
        }
    }

    /// The whole body; one that broke off is a lost connection.
    async fn body(&self, response: Response) -> Result<Bytes, Error> {
        response
            .bytes()
            .await
            .map_err(|source| self.unreachable(source))
    }

    fn unreachable(&self, source: reqwest::Error) -> Error {
        Error::Unreachable {
            url: self.base.clone(),
            source: source.without_url(),
        }
    }

    fn not_understood(&self, status: StatusCode) -> Error {
        Error::NotUnderstood {
            url: self.base.clone(),
            status: status.as_u16(),
        }
    }
}

/// Says that no body follows: a proxy that speaks HTTP/1.0 onwards may not leave it open.
fn without_body(request: RequestBuilder) -> RequestBuilder {
    request.header(CONTENT_LENGTH, 0)
}

fn position(headers: &HeaderMap) -> Option<Cursor> {
    headers.get("labyard-position")?.to_str().ok()?.parse().ok()
}
