//! The OpenAPI 3.1 document, made from the table of routes and the types of `crates/api`.

use api::{Problem, Timestamp, event::kind, webhook::Outcome};
use domain::{
    Action, ClusterId, ClusterStatus, InvitationId, OrganizationId, SessionId, ShareId, TaskId,
    TaskKind, TaskStatus, UserId, WebhookId, WorkspaceId, limits,
};
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
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

/// The path without the router's patterns.
fn path(route: &Route) -> String {
    route.path.replace(":.*", "")
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
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
    for status in refusals(route) {
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
        "tags": [tag(route)],
        "responses": responses,
        "security": if route.action == Action::Public { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) },
        "x-labyard-action": route.action,
    });
    let parameters = parameters(route, generator);
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

/// The statuses with which a route can say no.
fn refusals(route: &Route) -> Vec<u16> {
    let mut statuses = vec![429, 500, 503];
    if route.action != Action::Public {
        statuses.extend([401, 403]);
    }
    if route.method != "GET" {
        statuses.extend([401, 403, 404, 409, 422]);
    }
    if route.request.is_some() {
        statuses.extend([400, 413, 415]);
    }
    if route.action == Action::ClusterUse {
        // A cluster that does not run is no use.
        statuses.push(409);
    }
    if route.path.contains('{') {
        statuses.push(404);
    }
    if !route.query.is_empty() {
        statuses.extend([404, 422]);
    }
    statuses
}

fn parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters = Vec::new();
    for part in path(route).split('/') {
        if let Some(name) = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            let schema = in_path(route, name, generator);
            parameters
                .push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
    }
    for name in route.query {
        let schema = in_query(route, name, generator);
        parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
    }
    parameters
}

fn in_path(route: &Route, name: &str, generator: &mut SchemaGenerator) -> Schema {
    match (name, tag(route)) {
        ("id", "clusters") => generator.subschema_for::<ClusterId>(),
        ("id", "tasks") => generator.subschema_for::<TaskId>(),
        ("id", _) if route.path.contains("/webhooks/") => generator.subschema_for::<WebhookId>(),
        ("id", _) if route.path.contains("/workspaces/") => {
            generator.subschema_for::<WorkspaceId>()
        }
        ("id", _) => generator.subschema_for::<OrganizationId>(),
        ("session_id" | "token_id", _) => generator.subschema_for::<SessionId>(),
        ("share_id", _) => generator.subschema_for::<ShareId>(),
        ("user_id", _) => generator.subschema_for::<UserId>(),
        ("invitation_id", _) => generator.subschema_for::<InvitationId>(),
        _ => json_schema!({ "type": "string" }),
    }
}

fn in_query(route: &Route, name: &str, generator: &mut SchemaGenerator) -> Schema {
    let words = |words: &[&str]| json_schema!({ "type": "string", "enum": words });
    match name {
        "limit" => json_schema!({ "type": "integer", "minimum": 1, "maximum": limits::PAGE_MAX }),
        "cursor" => cursor(route, generator),
        "organization_id" => generator.subschema_for::<OrganizationId>(),
        "workspace_id" => generator.subschema_for::<WorkspaceId>(),
        "cluster_id" => generator.subschema_for::<ClusterId>(),
        "user_id" => generator.subschema_for::<UserId>(),
        "allowed" => json_schema!({ "type": "boolean" }),
        "include" => words(&["deleted"]),
        "format" => words(&["ndjson", "csv"]),
        "type" => json_schema!({ "type": "string", "pattern": kinds() }),
        "from" | "until" => generator.subschema_for::<Timestamp>(),
        "kind" => words(&TaskKind::ALL.map(TaskKind::as_str)),
        "status" if route.id == "list_deliveries" => words(&Outcome::ALL.map(Outcome::as_str)),
        "status" => words(&TaskStatus::ALL.map(TaskStatus::as_str)),
        "expect_status" if tag(route) == "tasks" => words(&TaskStatus::ALL.map(TaskStatus::as_str)),
        "expect_status" => words(&ClusterStatus::ALL.map(ClusterStatus::as_str)),
        _ => json_schema!({ "type": "string" }),
    }
}

/// Types of events, `<noun>.*` for all of a noun, with commas between them.
fn kinds() -> String {
    let mut nouns: Vec<&str> = kind::ALL
        .iter()
        .filter_map(|kind| kind.split('.').next())
        .collect();
    nouns.dedup();
    let all = nouns.into_iter().map(|noun| format!("{noun}\\.\\*"));
    let words: Vec<String> = kind::ALL
        .iter()
        .map(|kind| kind.replace('.', "\\."))
        .chain(all)
        .collect();
    let one = words.join("|");
    format!("^({one})(,({one}))*$")
}

/// What a list's `next_cursor` looks like.
fn cursor(route: &Route, generator: &mut SchemaGenerator) -> Schema {
    match route.id {
        "list_clusters" => generator.subschema_for::<ClusterId>(),
        "list_tasks" => generator.subschema_for::<TaskId>(),
        "list_members" => generator.subschema_for::<UserId>(),
        "list_invitations" => generator.subschema_for::<InvitationId>(),
        "list_shares" => generator.subschema_for::<ShareId>(),
        "list_hosts" => json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,63}$" }),
        _ => json_schema!({ "type": "string", "pattern": "^[0-9]{1,18}$" }),
    }
}
