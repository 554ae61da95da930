//! Asking an issuer: JSON, bounded in time and size.

use std::time::Duration;

use reqwest::{
    RequestBuilder, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::outgoing::{Outgoing, Refused};

/// From the name's lookup to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer, unpacked.
const ANSWER_MAX: usize = 256 << 10;

/// Why nothing came back that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    #[error("it may not be asked: {0}")]
    OutOfReach(#[from] Refused),
    #[error("{}", api::reach::why(.0).cause)]
    Away(#[from] reqwest::Error),
    #[error("the answer is larger than {ANSWER_MAX} bytes")]
    TooLarge,
    #[error("the answer is not JSON")]
    NotJson(#[from] serde_json::Error),
}

/// How we name ourselves to a token endpoint.
pub(crate) enum ClientAuth<'a> {
    None,
    Basic(&'a str, &'a str),
}

/// A JSON document.
pub(crate) async fn get(
    outgoing: &Outgoing,
    url: &Url,
    bearer: Option<&str>,
) -> Result<(StatusCode, Value), Unreached> {
    let request = outgoing.client(url)?.get(url.clone());
    read(match bearer {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

/// The JSON answer to a form.
pub(crate) async fn post_form(
    outgoing: &Outgoing,
    url: &Url,
    auth: ClientAuth<'_>,
    form: &[(&str, &str)],
) -> Result<(StatusCode, Value), Unreached> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let request = outgoing
        .client(url)?
        .post(url.clone())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.finish());
    read(match auth {
        // Both are form-encoded first (RFC 6749 §2.3.1).
        ClientAuth::Basic(id, secret) => request.basic_auth(encoded(id), Some(encoded(secret))),
        ClientAuth::None => request,
    })
    .await
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn read(request: RequestBuilder) -> Result<(StatusCode, Value), Unreached> {
    let request = request.timeout(TIMEOUT).header(ACCEPT, "application/json");
    let mut answer = request.send().await?;
    let status = answer.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > ANSWER_MAX {
            return Err(Unreached::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((status, serde_json::from_slice(&bytes)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// What comes of asking a server that says one thing to everyone.
    async fn asked(says: Vec<u8>, allowed: bool) -> Result<(StatusCode, Value), Unreached> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&says).await;
            }
        });
        let networks = match allowed {
            true => vec!["127.0.0.0/8".parse().unwrap()],
            false => Vec::new(),
        };
        let outgoing = Outgoing::new(&networks).unwrap();
        get(&outgoing, &Url::parse(&url).unwrap(), None).await
    }

    fn answer(head: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes()
    }

    #[tokio::test]
    async fn what_is_inside_is_not_asked_unless_an_operator_allows_it() {
        let says = answer("200 OK", "{}");
        let refused = asked(says.clone(), false).await;
        assert!(matches!(refused, Err(Unreached::OutOfReach(_))));
        assert!(asked(says, true).await.is_ok());
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let head = "302 Found\r\nlocation: http://127.0.0.1:1/";
        let (status, _) = asked(answer(head, "{}"), true).await.unwrap();
        assert_eq!(status, StatusCode::FOUND);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off_and_one_that_is_not_json_refused() {
        let mut says = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        says.resize(2 * ANSWER_MAX, b' ');
        assert!(matches!(asked(says, true).await, Err(Unreached::TooLarge)));
        let html = answer("200 OK", "<html>");
        assert!(matches!(
            asked(html, true).await,
            Err(Unreached::NotJson(_))
        ));
    }
}
