//! A route: method, path, handler, the one action it needs, what goes in and out. Each noun hands out its own; router,
//! OpenAPI document and matrix of rights are made from all of them.

use actix_web::{HttpRequest, Route as ActixRoute};
use domain::{
    Action, ClusterId, InvitationId, OrganizationId, ScopeLevel, SessionId, ShareId, UserId,
    WorkspaceId, limits,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type of `crates/api` or `crates/domain`.
pub(crate) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a route answers when all is well.
#[derive(Clone, Copy)]
pub enum Reply {
    Json(u16, SchemaOf),
    Text(u16),
    Empty(u16),
}

/// A parameter of a path or a query.
#[derive(Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    pub schema: SchemaOf,
}

impl Param {
    pub(crate) const fn new(name: &'static str, schema: SchemaOf) -> Self {
        Self { name, schema }
    }

    pub(crate) const fn of<T: JsonSchema>(name: &'static str) -> Self {
        Self::new(name, of::<T>)
    }

    /// What a list's `next_cursor` looks like.
    pub(crate) const fn cursor<T: JsonSchema>() -> Self {
        Self::of::<T>("cursor")
    }
}

/// Rows of a page.
pub(crate) const LIMIT: Param = Param::new(
    "limit",
    |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": limits::PAGE_MAX }),
);
/// The cursor of a list whose places are numbers.
pub(crate) const NUMBER_CURSOR: Param = Param::new(
    "cursor",
    |_| json_schema!({ "type": "string", "pattern": "^[0-9]{1,18}$" }),
);
pub(crate) const ORGANIZATION: Param = Param::of::<OrganizationId>("organization_id");
pub(crate) const WORKSPACE: Param = Param::of::<WorkspaceId>("workspace_id");
pub(crate) const CLUSTER: Param = Param::of::<ClusterId>("cluster_id");
pub(crate) const USER: Param = Param::of::<UserId>("user_id");

/// A word out of these.
pub(crate) fn words(words: &[&str]) -> Schema {
    json_schema!({ "type": "string", "enum": words })
}

/// Names in paths that mean the same everywhere; `{id}` is the group's.
const NAMED: &[Param] = &[
    Param::of::<SessionId>("session_id"),
    Param::of::<SessionId>("token_id"),
    Param::of::<ShareId>("share_id"),
    Param::of::<UserId>("user_id"),
    Param::of::<InvitationId>("invitation_id"),
];

/// Any text.
pub(crate) fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// One line of the table.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    /// Stable name for generated clients.
    pub id: &'static str,
    pub summary: &'static str,
    pub action: Action,
    pub request: Option<SchemaOf>,
    pub query: &'static [Param],
    pub reply: Reply,
    /// Statuses of refusals beside those that follow from the rest of the line.
    pub refuses: &'static [u16],
    /// Whether the audit remembers that it was refused though it changes nothing.
    pub remembered: bool,
    pub(crate) handler: fn() -> ActixRoute,
}

impl Route {
    pub(crate) const fn new(
        (method, path): (&'static str, &'static str),
        (id, summary): (&'static str, &'static str),
        action: Action,
        reply: Reply,
        handler: fn() -> ActixRoute,
    ) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            action,
            request: None,
            query: &[],
            reply,
            refuses: &[],
            remembered: false,
            handler,
        }
    }

    pub(crate) const fn takes(mut self, request: SchemaOf) -> Self {
        self.request = Some(request);
        self
    }

    pub(crate) const fn query(mut self, query: &'static [Param]) -> Self {
        self.query = query;
        self
    }

    pub(crate) const fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.refuses = statuses;
        self
    }

    pub(crate) const fn remembered(mut self) -> Self {
        self.remembered = true;
        self
    }

    /// The least scope of a token that may ask; `None` where none may. What somebody does to their
    /// own share or membership is told from looking at it by the method.
    pub fn least_scope(&self) -> Option<ScopeLevel> {
        let shown = matches!(self.action, Action::ClusterRead | Action::OrganizationRead);
        let least = self.action.least_scope()?;
        Some(match shown && self.method != "GET" {
            true => ScopeLevel::Admin,
            false => least,
        })
    }

    /// The path without the router's patterns.
    pub(crate) fn plain_path(&self) -> String {
        self.path.replace(":.*", "")
    }

    /// The statuses with which it can say no.
    pub(crate) fn refusals(&self) -> Vec<u16> {
        let mut statuses = vec![429, 500, 503];
        if self.action != Action::Public {
            statuses.extend([401, 403]);
        }
        if self.method != "GET" {
            statuses.extend([401, 403, 404, 409, 422]);
        }
        if self.request.is_some() {
            statuses.extend([400, 413, 415]);
        }
        if self.path.contains('{') {
            statuses.push(404);
        }
        if !self.query.is_empty() {
            statuses.extend([404, 422]);
        }
        statuses.extend(self.refuses);
        statuses
    }
}

/// The routes of a noun.
pub(crate) struct Group {
    /// Its name in the document.
    pub tag: &'static str,
    /// What `{id}` names in its paths.
    id: SchemaOf,
    pub routes: &'static [Route],
}

impl Group {
    pub(crate) const fn new(tag: &'static str, id: SchemaOf, routes: &'static [Route]) -> Self {
        Self { tag, id, routes }
    }

    /// The type of a name in a path of its.
    pub(crate) fn in_path(&self, name: &str, generator: &mut SchemaGenerator) -> Schema {
        let named = NAMED.iter().find(|param| param.name == name);
        let schema = match named {
            Some(param) => param.schema,
            None if name == "id" => self.id,
            None => text,
        };
        schema(generator)
    }
}

/// All routes, as the application's data.
#[derive(Clone, Copy)]
pub(crate) struct Table(pub(crate) &'static [Group]);

impl Table {
    pub(crate) fn routes(self) -> impl Iterator<Item = &'static Route> {
        self.0.iter().flat_map(|group| group.routes)
    }

    /// The route that a request came to.
    pub(crate) fn of(request: &HttpRequest) -> Option<&'static Route> {
        let table = request.app_data::<Self>()?;
        let pattern = request.match_pattern()?;
        let method = request.method().as_str();
        let named = |route: &&Route| route.path == pattern && route.method == method;
        table.routes().find(named)
    }
}
