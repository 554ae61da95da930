//! `Idempotency-Key`: what makes a repeated request the same one.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::{Ready, ready};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::kernel::{
    error::Error,
    http::problem::Failure,
    idempotency::{Repeat, check_key},
};

const HEADER: &str = "Idempotency-Key";

/// The key of a request, if it has one; [`Key::with`] the body it says what it is the key of.
pub(crate) struct Key {
    key: Option<String>,
    hash: Sha256,
}

impl Key {
    /// Of a request without a body.
    pub(crate) fn alone(self) -> Repeat {
        Repeat {
            key: self.key,
            request: self.hash.finalize().into(),
        }
    }

    /// Of a request with a body, as it was understood.
    pub(crate) fn with<T: Serialize>(mut self, body: &T) -> Result<Repeat, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Internal(error.into()))?;
        self.hash.update(body);
        Ok(self.alone())
    }
}

impl FromRequest for Key {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request).map_err(Failure))
    }
}

fn read(request: &HttpRequest) -> Result<Key, Error> {
    let mut hash = Sha256::new();
    for part in [
        request.method().as_str(),
        request.path(),
        request.query_string(),
    ] {
        hash.update(part);
        hash.update([0]);
    }
    let key = request
        .headers()
        .get(HEADER)
        .map(|value| {
            let key = value.to_str().unwrap_or_default().to_owned();
            check_key(&key).map(|()| key)
        })
        .transpose()?;
    Ok(Key { key, hash })
}
