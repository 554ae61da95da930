//! Requests of the gateway to addresses that somebody named: bounded in time and size, never redirected,
//! never through a proxy of the environment, and only to where its reach allows.

mod reach;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
    redirect::Policy,
};
use serde_json::Value;
use url::{Url, form_urlencoded};

pub(crate) use reach::Reach;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the name's lookup to the last byte.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer, unpacked.
const ANSWER_MAX: usize = 256 << 10;

/// One client for each reach; their connections are kept for a while.
pub(crate) struct Outgoing {
    public: Client,
    near: Client,
}

/// Why nothing came back that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    #[error("{0} may not be asked: only https to public addresses, on the usual port")]
    OutOfReach(Url),
    #[error("no answer in time, or none at all")]
    Away(#[source] reqwest::Error),
    #[error("the answer is larger than {ANSWER_MAX} bytes")]
    TooLarge,
    #[error("the answer is not JSON")]
    NotJson(#[source] serde_json::Error),
}

/// How a client names itself to a token endpoint.
pub(crate) enum ClientAuth<'a> {
    None,
    Basic(&'a str, &'a str),
}

impl Outgoing {
    /// # Errors
    /// When no TLS library can be set up.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        let client = |reach| {
            Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(WHOLE_TIMEOUT)
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(reach::Resolver(reach)))
                .build()
        };
        Ok(Self {
            public: client(Reach::Public)?,
            near: client(Reach::Near)?,
        })
    }

    fn client(&self, reach: Reach, url: &Url) -> Result<&Client, Unreached> {
        match (reach.allows(url), reach) {
            (false, _) => Err(Unreached::OutOfReach(url.clone())),
            (true, Reach::Public) => Ok(&self.public),
            (true, Reach::Near) => Ok(&self.near),
        }
    }

    /// A JSON document.
    pub(crate) async fn get(
        &self,
        reach: Reach,
        url: &Url,
        bearer: Option<&str>,
    ) -> Result<(StatusCode, Value), Unreached> {
        let request = self.client(reach, url)?.get(url.clone());
        let request = match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        read(request).await
    }

    /// The JSON answer to a form.
    pub(crate) async fn post_form(
        &self,
        reach: Reach,
        url: &Url,
        auth: ClientAuth<'_>,
        form: &[(&str, &str)],
    ) -> Result<(StatusCode, Value), Unreached> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .client(reach, url)?
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let request = match auth {
            // Both are form-encoded first (RFC 6749 §2.3.1).
            ClientAuth::Basic(id, secret) => request.basic_auth(encoded(id), Some(encoded(secret))),
            ClientAuth::None => request,
        };
        read(request).await
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn read(request: RequestBuilder) -> Result<(StatusCode, Value), Unreached> {
    let request = request.header(ACCEPT, "application/json");
    let mut answer = request.send().await.map_err(Unreached::Away)?;
    let status = answer.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Unreached::Away)? {
        if bytes.len() + chunk.len() > ANSWER_MAX {
            return Err(Unreached::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let value = serde_json::from_slice(&bytes).map_err(Unreached::NotJson)?;
    Ok((status, value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that says one thing to everyone; its address.
    async fn server(says: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&says).await;
            }
        });
        Url::parse(&url).unwrap()
    }

    fn answer(head: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes()
    }

    #[tokio::test]
    async fn what_is_not_public_is_never_connected_to() {
        let url = server(answer("200 OK", "{}")).await;
        let outgoing = Outgoing::new().unwrap();
        let refused = outgoing.get(Reach::Public, &url, None).await;
        assert!(matches!(refused, Err(Unreached::OutOfReach(_))));
        // A name that leads inside is found out when it is looked up, not before.
        let named = Url::parse("https://localhost/").unwrap();
        let refused = outgoing.get(Reach::Public, &named, None).await;
        assert!(matches!(refused, Err(Unreached::Away(_))), "{refused:?}");
        assert!(outgoing.get(Reach::Near, &url, None).await.is_ok());
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let there = server(answer("200 OK", "{}")).await;
        let here = server(answer(&format!("302 Found\r\nlocation: {there}"), "{}")).await;
        let (status, _) = Outgoing::new()
            .unwrap()
            .get(Reach::Near, &here, None)
            .await
            .unwrap();
        assert_eq!(status, StatusCode::FOUND);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        let mut says = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        says.resize(2 * ANSWER_MAX, b' ');
        let url = server(says).await;
        let refused = Outgoing::new().unwrap().get(Reach::Near, &url, None).await;
        assert!(matches!(refused, Err(Unreached::TooLarge)), "{refused:?}");
    }
}
