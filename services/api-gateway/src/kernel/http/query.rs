//! Query strings of lists, and identifiers in paths.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use domain::limits;
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;

use crate::kernel::{error::Error, http::problem::Failure};

/// Query parameters; unknown ones are ignored.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            web::Query::<T>::from_query(request.query_string())
                .map(|query| Self(query.into_inner()))
                .map_err(|error| Error::invalid("?", error.to_string()).into()),
        )
    }
}

/// The `{id}` of a path: a wrong shape is the same as a missing object.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: std::str::FromStr> FromRequest for Id<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .get("id")
                .and_then(|id| id.parse().ok())
                .map(Self)
                .ok_or_else(|| Failure(Error::not_found())),
        )
    }
}

/// The last `{…}` of a path with two: a wrong shape is the same as a missing object.
pub(crate) struct Inner<T>(pub(crate) T);

impl<T: std::str::FromStr> FromRequest for Inner<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let last = request.match_info().iter().last();
        ready(
            last.and_then(|(_, id)| id.parse().ok())
                .map(Self)
                .ok_or_else(|| Failure(Error::not_found())),
        )
    }
}

/// Items on a page.
pub(crate) fn limit(wanted: Option<u64>) -> Result<u64, Error> {
    match wanted {
        None => Ok(limits::PAGE_DEFAULT),
        Some(limit) if (1..=limits::PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Error::invalid(
            "?limit",
            format!("between 1 and {}", limits::PAGE_MAX),
        )),
    }
}

/// The place after which a page begins, as the page before gave it.
pub(crate) fn cursor<T: std::str::FromStr>(wanted: Option<&str>) -> Result<Option<T>, Error> {
    wanted
        .map(|text| {
            text.parse()
                .map_err(|_| Error::invalid("?cursor", "not a cursor of this list"))
        })
        .transpose()
}

/// A parameter that is the word of one of some values.
pub(crate) fn word<T: Copy>(
    pointer: &str,
    given: Option<&str>,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Error> {
    let Some(given) = given else {
        return Ok(None);
    };
    let found = all.iter().copied().find(|value| as_str(*value) == given);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
        Error::invalid(pointer, format!("one of {}", words.join(", ")))
    })
}
