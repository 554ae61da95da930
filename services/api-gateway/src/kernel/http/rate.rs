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

use crate::kernel::{
    http::{address, problem::Failure, rate_fields},
    left::Left,
    state::App,
};

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
        && !response.headers().contains_key(rate_fields::LIMIT)
    {
        set(
            &mut response,
            rate_fields::POLICY,
            rate_fields::policy(&left),
        );
        set(
            &mut response,
            rate_fields::LIMIT,
            rate_fields::limit_of(&left, None),
        );
    }
    Ok(response)
}

fn set(response: &mut ServiceResponse<BoxBody>, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(name, value);
    }
}
