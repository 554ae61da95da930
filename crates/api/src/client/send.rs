//! Sending: the credential, the key of what changes something and its bounded repeats, and reading
//! what comes back.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{Code, Cursor};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    error::{Error, unfit},
    handle::{Client, Credential},
    intent::Intent,
};
use crate::Page;

const KEY: &str = "Idempotency-Key";
/// The waits before a mutation is sent again because its answer was lost or nobody could give one.
const WAITS: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_secs(2),
];

/// A good answer to its last byte.
pub(super) struct Whole {
    at: Option<Cursor>,
    status: StatusCode,
    body: Bytes,
}

/// Whether a mutation is sent again when the server says that it cannot answer now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It was rolled back, or its answer was kept under its key.
    Always,
    /// It may have been done in part: only where no answer came at all.
    Unheard,
}

impl Client {
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.authorized(self.http.request(method, format!("{}{path}", self.base)))
    }

    pub(super) fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credential {
            Credential::Bearer(token) => request.bearer_auth(token.expose()),
            Credential::None => request,
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.send::<(), T>(Method::GET, path, None).await
    }

    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<(Page<T>, Option<Cursor>), Error> {
        self.read_at(self.request(Method::GET, path).query(query))
            .await
    }

    pub(super) async fn send<B: Serialize, T: DeserializeOwned>(
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

    /// A mutation with a body, under its key.
    pub(super) async fn change<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        again: Again,
    ) -> Result<(T, Option<Cursor>), Error> {
        let request = || self.request(Method::POST, path).json(body);
        self.understood(self.keyed(request, again).await?)
    }

    /// A partial replacement, under its key.
    pub(super) async fn patch<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        let request = || self.request(Method::PATCH, path).json(body);
        let whole = self.keyed(request, Again::Always).await?;
        Ok(self.understood(whole)?.0)
    }

    /// A removal that leaves nothing to answer, under its key.
    pub(super) async fn remove(&self, path: &str) -> Result<(), Error> {
        let request = || without_body(self.request(Method::DELETE, path));
        self.keyed(request, Again::Always).await.map(drop)
    }

    /// A mutation without a body, under its key, if the object has the expected status.
    pub(super) async fn change_without_body<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        expect_status: Option<&str>,
    ) -> Result<(T, Option<Cursor>), Error> {
        let request = || {
            let request = without_body(self.request(method.clone(), path));
            match expect_status {
                Some(status) => request.query(&[("expect_status", status)]),
                None => request,
            }
        };
        self.understood(self.keyed(request, Again::Always).await?)
    }

    /// Sends it, and again where the answer was lost, with one key: it happens once.
    pub(super) async fn keyed(
        &self,
        request: impl Fn() -> RequestBuilder,
        again: Again,
    ) -> Result<Whole, Error> {
        let intent = self.intent.clone();
        let intent = intent.unwrap_or_else(|| Arc::new(Intent::new()));
        let mut waits = WAITS.into_iter();
        let mut repeated = false;
        loop {
            let sent = self.whole(request().header(KEY, intent.key())).await;
            match (sent, waits.next()) {
                (Err(error), Some(wait)) if worth_it(&error, again) => {
                    tokio::time::sleep(wait).await;
                    repeated = true;
                }
                // The kept answer is older than this place in the log: from there on is too late.
                (Ok(whole), _) if repeated => return Ok(Whole { at: None, ..whole }),
                (sent, _) => return sent,
            }
        }
    }

    pub(super) async fn read_at<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<(T, Option<Cursor>), Error> {
        self.understood(self.whole(request).await?)
    }

    async fn whole(&self, request: RequestBuilder) -> Result<Whole, Error> {
        let response = self.checked(request).await?;
        Ok(Whole {
            at: position(response.headers()),
            status: response.status(),
            body: self.body(response).await?,
        })
    }

    fn understood<T: DeserializeOwned>(&self, whole: Whole) -> Result<(T, Option<Cursor>), Error> {
        let body = serde_json::from_slice(&whole.body);
        Ok((
            body.map_err(|_| self.not_understood(whole.status))?,
            whole.at,
        ))
    }

    /// The response, if it is a good one.
    pub(super) async fn checked(&self, request: RequestBuilder) -> Result<Response, Error> {
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

    pub(super) fn unreachable(&self, source: reqwest::Error) -> Error {
        if source.is_builder() {
            return unfit(source);
        }
        Error::Unreachable {
            url: self.base.clone(),
            proxy: self.proxy.clone(),
            source: source.without_url(),
        }
    }

    pub(super) fn not_understood(&self, status: StatusCode) -> Error {
        Error::NotUnderstood {
            url: self.base.clone(),
            status: status.as_u16(),
            proxy: self.proxy.clone(),
        }
    }
}

/// A server that takes its whole time is not asked again: whoever waits has waited long enough.
fn worth_it(error: &Error, again: Again) -> bool {
    match error {
        Error::Unreachable { source, .. } => !source.is_timeout() || source.is_connect(),
        Error::Problem(problem) => again == Again::Always && problem.code == Code::Unavailable,
        // A proxy whose server is away.
        Error::NotUnderstood { status, .. } => matches!(status, 502..=504),
        Error::Unfit(_) => false,
    }
}

/// Declares that no body follows: a proxy that speaks HTTP/1.0 onwards may not leave it open.
pub(super) fn without_body(request: RequestBuilder) -> RequestBuilder {
    request.header(CONTENT_LENGTH, 0)
}

fn position(headers: &HeaderMap) -> Option<Cursor> {
    headers.get("labyard-position")?.to_str().ok()?.parse().ok()
}
