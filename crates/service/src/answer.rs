//! What every answer of a gateway has, whatever it says: the request's ID, one form of problem document, and no body
//! where `HEAD` asked for none. A problem becomes bytes here and nowhere else, so none goes without the ID.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    web::Bytes,
};
use api::Problem;
use domain::{Code, Reason};

use crate::request::{REQUEST_ID, RequestId};

/// The media type of a problem document.
pub const PROBLEM: &str = "application/problem+json";
/// Seconds to wait after "not now".
const SOON_SECS: u32 = 2;

/// The answer for a problem, with the headers that its code asks for; [`finish`] writes it.
pub fn problem(problem: Problem) -> HttpResponse {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::build(status);
    match problem.code {
        Code::Unauthenticated => answer.insert_header((WWW_AUTHENTICATE, "Bearer")),
        Code::Unavailable => answer.insert_header((RETRY_AFTER, SOON_SECS.to_string())),
        _ => &mut answer,
    };
    let mut answer = answer.content_type(PROBLEM).finish();
    answer.extensions_mut().insert(problem);
    answer
}

/// A path that answers these methods and not the one of this request: what `OPTIONS` asks, what others are refused with.
pub fn other_method(request: &HttpRequest, methods: &[&str]) -> HttpResponse {
    let mut known = Vec::new();
    for method in methods {
        known.push(*method);
        if *method == "GET" {
            known.push("HEAD");
        }
    }
    known.push("OPTIONS");
    let known = known.join(", ");
    let mut answer = match *request.method() {
        Method::OPTIONS => HttpResponse::NoContent().finish(),
        _ => problem(Problem::new(Reason::new(
            Code::MethodNotAllowed,
            format!("This path knows {known}."),
        ))),
    };
    if let Ok(known) = HeaderValue::from_str(&known) {
        answer.headers_mut().insert(ALLOW, known);
    }
    answer
}

/// The request was a `HEAD` before [`finish`] had it answered as a `GET`.
#[derive(Clone, Copy)]
struct HeadAlone;

/// Whether the head of an answer is all that is wanted, for what costs more than its head.
pub fn head_alone(request: &HttpRequest) -> bool {
    request.extensions().contains::<HeadAlone>()
}

/// Around everything that a gateway does with a request.
///
/// # Errors
/// Those of what it is around.
pub async fn finish<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::of(request.request());
    let head = request.method() == Method::HEAD;
    if head {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadAlone);
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = written(response, &id);
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(match head {
        true => response.map_body(|_, body| BoxBody::new(Head(body.size()))),
        false => response,
    })
}

/// With its problem as the body. What failed in a way of actix's own becomes a problem too.
fn written(mut response: ServiceResponse, id: &RequestId) -> ServiceResponse {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = response.response_mut().extensions_mut().remove::<Problem>();
    let is_json = || {
        let kind = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        Some(kind.contains("json"))
    };
    let problem = match problem {
        None if is_json() == Some(true) => return response,
        None => Problem::new(Reason::new(
            code(status),
            "labyard can't read this request.",
        )),
        Some(problem) => problem,
    };
    let problem = Problem {
        request_id: Some(id.as_str().to_owned()),
        ..problem
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    response.map_body(|head, _| {
        let kind = HeaderValue::from_static(PROBLEM);
        head.headers_mut().insert(CONTENT_TYPE, kind);
        BoxBody::new(body)
    })
}

fn code(status: StatusCode) -> Code {
    let all = Code::ALL.iter().copied();
    let known = |code: &Code| code.http_status() == Some(status.as_u16());
    let other = match status.is_server_error() {
        true => Code::Internal,
        false => Code::Malformed,
    };
    all.clone().find(known).unwrap_or(other)
}

/// A body of which only the length is said.
struct Head(BodySize);

impl MessageBody for Head {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashMap;

    use actix_web::{
        App,
        http::header::HeaderMap,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web,
    };
    use serde_json::Value;

    use super::*;

    /// What is answered to such a request: status, headers, body.
    async fn answered(request: TestRequest) -> (u16, HeaderMap, Bytes) {
        let app = App::new()
            .wrap(from_fn(finish))
            .service(
                web::resource("/well")
                    .route(web::get().to(|| async { HttpResponse::Ok().body("all of it") }))
                    .default_service(web::to(|request| async move {
                        other_method(&request, &["GET", "POST"])
                    })),
            )
            .route(
                "/refused",
                web::get().to(|| async {
                    problem(Problem::new(Reason::new(Code::Unauthenticated, "No.")))
                }),
            )
            .route(
                "/own",
                web::get().to(|| async { HttpResponse::ServiceUnavailable().json([1]) }),
            )
            .route(
                "/actix",
                web::get()
                    .to(|_: web::Query<HashMap<String, u8>>| async { HttpResponse::Ok().finish() }),
            );
        let answer = call_service(&init_service(app).await, request.to_request()).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, read_body(answer).await)
    }

    fn asked(method: Method, path: &str) -> TestRequest {
        TestRequest::with_uri(path).method(method)
    }

    #[actix_web::test]
    async fn every_answer_has_the_id_that_its_caller_gave_and_a_problem_says_it_too() {
        for (path, status) in [("/well", 200), ("/refused", 401), ("/actix?a=b", 400)] {
            let request = asked(Method::GET, path).insert_header((REQUEST_ID, "edge-1.a_B"));
            let (got, headers, body) = answered(request).await;
            assert_eq!(
                (got, headers.get(REQUEST_ID).unwrap().as_bytes()),
                (status, &b"edge-1.a_B"[..])
            );
            if status != 200 {
                let problem: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(problem["request_id"], "edge-1.a_B", "{path}");
                assert_eq!(headers.get(CONTENT_TYPE).unwrap(), PROBLEM, "{path}");
            }
        }
        let (_, headers, _) = answered(asked(Method::GET, "/refused")).await;
        assert_eq!(headers.get(WWW_AUTHENTICATE).unwrap(), "Bearer");
    }

    #[actix_web::test]
    async fn what_says_why_in_a_document_of_its_own_keeps_it() {
        let (status, _, body) = answered(asked(Method::GET, "/own")).await;
        assert_eq!((status, &body[..]), (503, &b"[1]"[..]));
    }

    #[actix_web::test]
    async fn head_is_answered_as_get_without_its_body() {
        let (status, headers, body) = answered(asked(Method::HEAD, "/well")).await;
        assert_eq!((status, body.len()), (200, 0));
        assert!(headers.contains_key(REQUEST_ID));
        let (status, _, body) = answered(asked(Method::HEAD, "/nothing")).await;
        assert_eq!((status, body.len()), (404, 0));
    }

    #[actix_web::test]
    async fn a_path_tells_the_methods_that_it_knows() {
        for (method, status) in [(Method::OPTIONS, 204), (Method::PUT, 405)] {
            let (got, headers, _) = answered(asked(method, "/well")).await;
            let allow = headers.get(ALLOW).unwrap().to_str().unwrap();
            assert_eq!((got, allow), (status, "GET, HEAD, POST, OPTIONS"));
        }
    }
}
