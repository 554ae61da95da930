//! Everything this service answers, in one table: the streams, and its health. What it does not
//! know is a problem document, like everywhere else.

use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};
use domain::{Action, Code, Reason};

use crate::{answer, config::NAME, health::Health, open};

/// A stream: where it is opened and what that lets its caller do.
pub struct Stream {
    pub path: &'static str,
    pub action: Action,
    route: fn() -> Route,
}

/// The prefixes the edge sends here are wider; the rest of them is not found.
pub const STREAMS: [Stream; 2] = [
    Stream {
        path: "/api/v1/events",
        action: Action::Own,
        route: || web::get().to(open::sse),
    },
    Stream {
        path: "/ws",
        action: Action::Own,
        route: || web::get().to(open::websocket),
    },
];

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    for stream in &STREAMS {
        config.service(only_get(stream.path, (stream.route)()));
    }
    config
        .service(only_get("/health", web::get().to(ready)))
        .service(only_get("/readyz", web::get().to(ready)))
        .service(only_get(
            "/livez",
            web::get().to(|| async { HttpResponse::Ok().body("ok\n") }),
        ))
        .default_service(web::to(not_found));
}

fn only_get(path: &str, route: Route) -> Resource {
    web::resource(path)
        .route(route)
        .default_service(web::to(not_allowed))
}

async fn ready(health: web::Data<Health>) -> HttpResponse {
    let health = service::internal::health(NAME, health.checks());
    let mut answer = if health.status == "ok" {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.json(health)
}

async fn not_found() -> HttpResponse {
    answer::problem(Reason::new(Code::NotFound, "No such stream."))
}

async fn not_allowed(request: HttpRequest) -> HttpResponse {
    service::answer::other_method(&request, &["GET"])
}
