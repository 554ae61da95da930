//! The OpenAPI 3.1 document, made from the table of routes and the types of `crates/api`.

use api::Problem;
use domain::Action;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::kernel::http::route::{Group, Param, Reply, Route, Table};

/// The whole document.
pub(crate) fn document(table: Table) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for group in table.0 {
        for route in group.routes {
            let item = paths.entry(route.plain_path()).or_insert_with(|| json!({}));
            item[route.method.to_lowercase()] = operation(group, route, &mut generator);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "labyard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Real Kubernetes clusters in seconds. Errors are RFC 9457 problem documents; what takes a while answers 202 with its task; another method on a known path is a 405 with `Allow`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": {
                "Problem": {
                    "description": "Why not, and what to do",
                    "content": { "application/problem+json": { "schema": problem } },
                },
                "Later": {
                    "description": "Not now, and when to ask again",
                    "headers": {
                        "Retry-After": {
                            "description": "Seconds", "schema": { "type": "integer", "minimum": 1 },
                        },
                        "RateLimit": {
                            "description": "The limit that is used up, what is left of it (`r`) and in how many seconds there is more (`t`)",
                            "schema": { "type": "string" },
                        },
                    },
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "__Host-labyard", "description": "Where the page is at plain http, `labyard`." },
            },
        },
    })
}

fn operation(group: &Group, route: &Route, generator: &mut SchemaGenerator) -> Value {
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
    let mut responses = json!({ status.to_string(): good });
    for status in route.refusals() {
        let name = match status {
            429 | 503 => "Later",
            _ => "Problem",
        };
        let name = format!("#/components/responses/{name}");
        responses[status.to_string()] = json!({ "$ref": name });
    }
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [group.tag],
        "responses": responses,
        "security": if route.action == Action::Public { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) },
        "x-labyard-action": route.action,
    });
    let parameters = parameters(group, route, generator);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(request) = route.request {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": request(generator) } } });
    }
    operation
}

fn parameters(group: &Group, route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters = Vec::new();
    for part in route.plain_path().split('/') {
        if let Some(name) = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            let schema = group.in_path(name, generator);
            parameters
                .push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
    }
    for Param { name, schema } in route.query {
        parameters.push(json!({ "name": name, "in": "query", "schema": schema(generator) }));
    }
    parameters
}
