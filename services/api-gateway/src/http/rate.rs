//! Around every request of the API: too many from one address are turned away before anything else
//! is done; answers say what is left (the `RateLimit` fields of the IETF's httpapi draft).

use actix_web::{
    HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use super::{address, problem::Failure};
use crate::{app::rate::Left, state::App};

pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

pub(crate) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(app) = request.app_data::<web::Data<App>>()
        && request.path().starts_with("/api/v1/")
    {
        let from = address::of(request.request());
        if let Err(error) = app.limits.address(from) {
            return Ok(request.into_response(Failure(error).error_response()));
        }
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let left = response.request().extensions().get::<Left>().copied();
    // What refused it has said so already.
    if let Some(left) = left
        && !response.headers().contains_key(LIMIT)
    {
        set(&mut response, POLICY, policy(&left));
        set(&mut response, LIMIT, limit_of(&left, None));
    }
    Ok(response)
}

/// How much there is of it, in which time.
pub(crate) fn policy(left: &Left) -> String {
    let Left {
        policy,
        most,
        window_secs,
        ..
    } = left;
    format!("\"{policy}\";q={most};w={window_secs}")
}

/// What is left of it, and when there is more.
pub(crate) fn limit_of(left: &Left, reset_secs: Option<u64>) -> String {
    let reset = reset_secs.map_or_else(String::new, |secs| format!(";t={secs}"));
    format!("\"{}\";r={}{reset}", left.policy, left.remaining)
}

fn set(response: &mut ServiceResponse<BoxBody>, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(name, value);
    }
}
