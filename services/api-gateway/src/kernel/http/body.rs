//! Request bodies: JSON of at most 1 MiB, and errors that say what is wrong with it.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web};
use api::object::Object;
use domain::{Code, limits};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::kernel::{error::Error, http::problem::Failure};

/// What is read and dropped of a body that is too large, so that its sender hears the answer.
const DRAIN_MAX: usize = 16 << 20;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = media_type(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read(payload).await?;
            if kind != "application/json" && !(kind.is_empty() && bytes.is_empty()) {
                return Err(unsupported().into());
            }
            json(&bytes).map(Self).map_err(Failure)
        })
    }
}

/// A JSON body or, where OAuth2 wants it, a form.
pub(crate) struct JsonOrForm<J, F> {
    pub(crate) read: Either<J, F>,
}

pub(crate) enum Either<J, F> {
    Json(J),
    Form(F),
}

impl<J: DeserializeOwned + 'static, F: DeserializeOwned + 'static> FromRequest
    for JsonOrForm<J, F>
{
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = media_type(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read(payload).await?;
            let read = match kind.as_str() {
                "application/x-www-form-urlencoded" => Either::Form(
                    web::Query::<F>::from_query(&String::from_utf8_lossy(&bytes))
                        .map_err(|error| {
                            Error::new(Code::Malformed, format!("Can't read the form: {error}."))
                        })?
                        .into_inner(),
                ),
                "application/json" => Either::Json(json(&bytes)?),
                "" if bytes.is_empty() => Either::Json(json(&bytes)?),
                _ => return Err(unsupported().into()),
            };
            Ok(Self { read })
        })
    }
}

fn media_type(request: &HttpRequest) -> String {
    let header = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    header
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn unsupported() -> Error {
    Error::new(Code::UnsupportedMediaType, "The body isn't JSON.")
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Error::new(Code::Malformed, format!("The body is incomplete: {error}."))
        })?;
        total += chunk.len();
        if total <= limits::BODY_MAX {
            bytes.extend_from_slice(&chunk);
        } else if total > DRAIN_MAX {
            break;
        }
    }
    if total > limits::BODY_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("The body is larger than {} bytes.", limits::BODY_MAX),
        ));
    }
    Ok(bytes)
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.is_empty() {
        return Err(Error::new(Code::Malformed, "The body is empty. Send JSON."));
    }
    let read = serde_json::from_slice::<Object<T>>(bytes);
    read.map(|object| object.0)
        .map_err(|error| match error.classify() {
            Category::Data => Error::invalid("", error.to_string()),
            _ => Error::new(Code::Malformed, format!("The body isn't JSON: {error}.")),
        })
}
