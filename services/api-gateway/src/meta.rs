//! Health, the OpenAPI document and the pages of documentation, all of them offline.

use std::{fmt::Write, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data},
};
use api::health::Health;
use domain::{Action::Public, Code};
use utoipa_swagger_ui::Config;

use crate::{
    kernel::{
        error::Error,
        health,
        http::{
            answer::Answer,
            route::{
                Group,
                Reply::{Empty, Json, Text},
                Route, Table, of, text,
            },
        },
        state::App,
    },
    openapi,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("meta", text, &[
    Route::new(("GET", "/health"), ("health", "Check the gateway and its dependencies"), Public, Json(200, of::<Health>), || web::get().to(ready)),
    Route::new(("GET", "/api/health"), ("api_health", "The same"), Public, Json(200, of::<Health>), || web::get().to(ready)),
    Route::new(("GET", "/readyz"), ("readyz", "The same"), Public, Json(200, of::<Health>), || web::get().to(ready)),
    Route::new(("GET", "/livez"), ("livez", "Check that the process is alive"), Public, Text(200), || web::get().to(live)),
    Route::new(("GET", "/api/v1/openapi.json"), ("openapi", "Get this document"), Public, Text(200), || web::get().to(document)),
    Route::new(("GET", "/docs"), ("docs", "Redirect to the document's page"), Public, Empty(302), || web::get().to(docs)),
    Route::new(("GET", "/docs/errors"), ("docs_errors", "Get the catalog of error codes"), Public, Text(200), || web::get().to(errors)),
    Route::new(("GET", "/docs/{path:.*}"), ("docs_files", "Get the page's files"), Public, Text(200), || web::get().to(viewer)),
]);

pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

pub(crate) async fn ready(app: Data<App>) -> HttpResponse {
    let health = service::internal::health("api-gateway", health::checks(&app).await);
    if health.status == "ok" {
        HttpResponse::Ok().json(health)
    } else {
        // Not a problem document: monitors read the checks.
        HttpResponse::ServiceUnavailable()
            .content_type(service::answer::PROBLEM)
            .json(health)
    }
}

pub(crate) async fn document(request: HttpRequest) -> Answer {
    let table = request.app_data::<Table>().ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok().json(openapi::document(*table)))
}

pub(crate) async fn docs() -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", "/docs/"))
        .finish()
}

/// The viewer's files.
pub(crate) async fn viewer(request: HttpRequest) -> Answer {
    let path = request.match_info().get("path").unwrap_or_default();
    let config = Arc::new(Config::from("/api/v1/openapi.json"));
    let file = utoipa_swagger_ui::serve(path, config)
        .map_err(|error| Error::Internal(error.to_string().into()))?
        .ok_or_else(Error::not_found)?;
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header(("Content-Encoding", "gzip"));
    }
    Ok(answer
        .content_type(file.content_type)
        .body(file.bytes.into_owned()))
}

/// The catalogue of codes, each at its anchor.
pub(crate) async fn errors() -> HttpResponse {
    let mut page = String::from(concat!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>labyard: errors</title>",
        "<h1>Errors</h1><p>Every error and wait reason has one of these codes.</p>"
    ));
    for code in Code::ALL {
        let status = code
            .http_status()
            .map_or_else(String::new, |status| format!(" ({status})"));
        let _ = write!(
            page,
            "<h2 id={word}><code>{word}</code>{status}</h2><p>{title}.</p><p>{fix}</p>",
            word = code.as_str(),
            title = code.title(),
            fix = code.fix()
        );
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page)
}
