//! The typed client of the HTTP API: one method a route, errors as the API says them.

use std::time::Duration;

use domain::{ClusterId, Cursor, TaskId};
use eventsource_stream::Eventsource;
use futures_util::{Stream, StreamExt};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Page, Problem,
    auth::{Login, Me, Refresh, Register, Tokens, User},
    cluster::{Accepted, Cluster, CreateCluster, Exec, ExecResult, Extend},
    event::{Event, Reset},
    task::Task,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An exec may take its minute and a little.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);

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

/// One frame of the event stream.
#[derive(Debug, Clone)]
pub enum Frame {
    /// The stream stands here.
    Ready(Cursor),
    Event(Cursor, Box<Event>),
    /// What came between is not to be had: list again.
    Reset(Cursor, Reset),
}

/// A client of one server, with one credential.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    credential: Credential,
}

impl Client {
    /// # Errors
    /// When no TLS library can be set up.
    pub fn new(base: &str, credential: Credential) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| Error::Unreachable {
                url: base.clone(),
                source,
            })?;
        Ok(Self {
            http,
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
        let request = self
            .request(Method::POST, "/api/v1/auth/logout")
            .timeout(ANSWER_TIMEOUT);
        self.checked(request).await.map(drop)
    }

    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
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
        let request = self
            .request(Method::POST, "/api/v1/clusters")
            .timeout(ANSWER_TIMEOUT)
            .json(wanted);
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
        let request = self
            .request(Method::DELETE, &format!("/api/v1/clusters/{id}"))
            .timeout(ANSWER_TIMEOUT);
        self.read_at(request).await
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
        let response = self
            .checked(self.request(Method::GET, &path).timeout(ANSWER_TIMEOUT))
            .await?;
        response
            .text()
            .await
            .map_err(|source| self.unreachable(source))
    }

    pub async fn tasks(&self, query: &[(&str, &str)]) -> Result<Page<Task>, Error> {
        Ok(self.page("/api/v1/tasks", query).await?.0)
    }

    pub async fn task(&self, id: TaskId) -> Result<Task, Error> {
        self.get(&format!("/api/v1/tasks/{id}")).await
    }

    /// The events from a place in the log on, or from now. It ends when the connection does; who
    /// wants more connects again from the last cursor.
    pub async fn events(
        &self,
        since: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<Frame, Error>> + use<>, Error> {
        let mut request = self.request(Method::GET, "/api/v1/events");
        if let Some(since) = since {
            request = request.query(&[("since", since.to_string())]);
        }
        let response = self.checked(request).await?;
        let url = self.base.clone();
        Ok(response
            .bytes_stream()
            .eventsource()
            .filter_map(move |event| {
                let frame = match event {
                    Ok(event) => read_frame(&event).map(Ok),
                    Err(eventsource_stream::EventStreamError::Transport(source)) => {
                        Some(Err(Error::Unreachable {
                            url: url.clone(),
                            source,
                        }))
                    }
                    Err(_) => Some(Err(Error::NotUnderstood {
                        url: url.clone(),
                        status: 200,
                    })),
                };
                async move { frame }
            }))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
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
        self.read_at(
            self.request(Method::GET, path)
                .timeout(ANSWER_TIMEOUT)
                .query(query),
        )
        .await
    }

    async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, Error> {
        let mut request = self.request(method, path).timeout(ANSWER_TIMEOUT);
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
        let body = response
            .json()
            .await
            .map_err(|_| self.not_understood(status))?;
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
        match response.json::<Problem>().await {
            Ok(problem) => Err(Error::Problem(Box::new(problem))),
            Err(_) => Err(self.not_understood(status)),
        }
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

fn position(headers: &HeaderMap) -> Option<Cursor> {
    headers.get("labyard-position")?.to_str().ok()?.parse().ok()
}

/// A frame that is none of ours, or carries an id alone, is nothing.
fn read_frame(event: &eventsource_stream::Event) -> Option<Frame> {
    let at: Cursor = event.id.parse().ok()?;
    match event.event.as_str() {
        "ready" => Some(Frame::Ready(at)),
        "reset" => Some(Frame::Reset(at, serde_json::from_str(&event.data).ok()?)),
        "message" if !event.data.is_empty() => Some(Frame::Event(
            at,
            Box::new(serde_json::from_str(&event.data).ok()?),
        )),
        _ => None,
    }
}
