//! The OpenAPI 3.1 document, made from the table of routes and the types of `crates/api`.

use api::Problem;
use domain::Action;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::routes::{ROUTES, Reply, Route};

/// The whole document.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for route in ROUTES {
        let item = paths.entry(path(route)).or_insert_with(|| json!({}));
        item[route.method.to_lowercase()] = operation(route, &mut generator);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "labyard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Real Kubernetes clusters in seconds. Errors are RFC 9457 problem documents; what takes a while answers 202 with its task.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": { "Problem": {
                "description": "Why not, and what to do",
                "content": { "application/problem+json": { "schema": problem } },
            }},
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "__Host-labyard" },
            },
        },
    })
}

/// The path without the router's patterns.
fn path(route: &Route) -> String {
    route.path.replace(":.*", "")
}

fn operation(route: &Route, generator: &mut schemars::SchemaGenerator) -> Value {
    let (status, content) = match route.reply {
        Reply::Json(status, schema) => (
            status,
            Some(json!({ "application/json": { "schema": schema(generator) } })),
        ),
        Reply::Text(status) => (
            status,
            Some(json!({ "*/*": { "schema": { "type": "string" } } })),
        ),
        Reply::Empty(status) => (status, None),
    };
    let mut good = json!({ "description": "Done" });
    if let Some(content) = content {
        good["content"] = content;
    }
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [tag(route)],
        "responses": {
            status.to_string(): good,
            "default": { "$ref": "#/components/responses/Problem" },
        },
        "security": if route.action == Action::Public { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) },
        "x-labyard-action": route.action,
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(request) = route.request {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": request(generator) } } });
    }
    operation
}

fn tag(route: &Route) -> &'static str {
    match route
        .path
        .strip_prefix("/api/v1/")
        .and_then(|rest| rest.split('/').next())
    {
        Some("auth") => "auth",
        Some("clusters" | "cluster-versions" | "shares") => "clusters",
        Some("organizations" | "invitations" | "workspaces" | "audit") => "organizations",
        Some("tasks") => "tasks",
        Some("hosts" | "installation") => "installation",
        _ => "meta",
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let string = json!({ "type": "string" });
    let mut parameters = Vec::new();
    for part in path(route).split('/') {
        if let Some(name) = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            parameters
                .push(json!({ "name": name, "in": "path", "required": true, "schema": string }));
        }
    }
    for name in route.query {
        let schema = if *name == "limit" {
            json!({ "type": "integer", "minimum": 1, "maximum": domain::limits::PAGE_MAX })
        } else {
            string.clone()
        };
        parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
    }
    parameters
}
