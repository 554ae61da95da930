//! The router, made from the table of routes.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use service::answer;

use crate::kernel::http::{problem, route::Table};

/// Registers the table: another method on a known path is a 405, or told by `OPTIONS`; anything else is a 404.
pub(crate) fn configure(table: Table, config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = Vec::new();
    for route in table.routes() {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let mut resource = web::resource(path);
        let mut known = Vec::new();
        for route in table.routes().filter(|route| route.path == path) {
            resource = resource.route((route.handler)());
            known.push(route.method);
        }
        let known: Arc<[&'static str]> = known.into();
        config.service(
            resource.default_service(web::to(move |request: HttpRequest| {
                refuse(request, known.clone())
            })),
        );
    }
    config.app_data(table);
    config.default_service(web::to(problem::not_found));
}

async fn refuse(request: HttpRequest, known: Arc<[&'static str]>) -> HttpResponse {
    answer::other_method(&request, &known)
}
