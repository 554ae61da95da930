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

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

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
    if let Some(left) = left {
        let (most, window) = (left.most, left.window_secs);
        set(
            &mut response,
            POLICY,
            format!("\"user\";q={most};w={window}"),
        );
        set(
            &mut response,
            LIMIT,
            format!("\"user\";r={}", left.remaining),
        );
    }
    Ok(response)
}

fn set(response: &mut ServiceResponse<BoxBody>, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(name, value);
    }
}
