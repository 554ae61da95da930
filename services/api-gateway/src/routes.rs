//! Every route there is: method, path, handler, the one action it needs, what goes in and out.
//! Router, OpenAPI document and matrix of rights are all made from this table.

use actix_web::{HttpResponse, Route as ActixRoute, web};
use api::{
    Page, auth,
    cluster::{
        Accepted, AutoStop, Cluster, ClusterVersion, CreateCluster, Exec, ExecResult, Extend,
    },
    event::Event,
    health::Health,
    host::{self, Host, PoolSwitch},
    task::Task,
};
use domain::Action;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    handlers::{auth as people, clusters, hosts, meta, tasks, timeline},
    http::problem,
};

pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a route answers when all is well.
#[derive(Clone, Copy)]
pub enum Reply {
    Json(u16, SchemaOf),
    Text(u16),
    Empty(u16),
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
    pub query: &'static [&'static str],
    pub reply: Reply,
    handler: fn() -> ActixRoute,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Route {
    const fn new(
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
            handler,
        }
    }
    const fn takes(mut self, request: SchemaOf) -> Self {
        self.request = Some(request);
        self
    }
    const fn query(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }
}

use Action::{ClusterChange, ClusterCreate, ClusterRead, ClusterUse, Installation, Own, Public};
use Reply::{Empty, Json, Text};

/// The table. Clusters and tasks are in the order of their lives.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    Route::new(("POST", "/api/v1/auth/register"), ("register", "Register a user"), Public, Json(201, of::<auth::User>), || web::post().to(people::register)).takes(of::<auth::Register>),
    Route::new(("POST", "/api/v1/auth/session"), ("create_session", "Log a browser in: sets the session cookie"), Public, Json(200, of::<auth::User>), || web::post().to(people::session)).takes(of::<auth::Login>),
    Route::new(("DELETE", "/api/v1/auth/session"), ("delete_session", "Log out"), Own, Empty(204), || web::delete().to(people::logout)),
    Route::new(("POST", "/api/v1/auth/token"), ("create_token", "Log a machine in, as JSON or as an OAuth2 password form"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::token)).takes(of::<auth::Login>),
    Route::new(("POST", "/api/v1/auth/refresh"), ("refresh_token", "The next access and refresh token"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::refresh)).takes(of::<auth::Refresh>),
    Route::new(("POST", "/api/v1/auth/logout"), ("logout", "Log out"), Own, Empty(204), || web::post().to(people::logout)),
    Route::new(("GET", "/api/v1/auth/me"), ("get_me", "The caller, their organizations and workspaces"), Own, Json(200, of::<auth::Me>), || web::get().to(people::me)),
    Route::new(("POST", "/api/v1/auth/stream-token"), ("create_stream_token", "A token for ?token= on the stream routes, good for 60 s"), Own, Json(200, of::<auth::StreamToken>), || web::post().to(people::stream_token)),

    Route::new(("GET", "/api/v1/clusters"), ("list_clusters", "The clusters of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Cluster>>), || web::get().to(clusters::list)).query(&["name", "workspace_id", "include", "limit", "cursor"]),
    Route::new(("POST", "/api/v1/clusters"), ("create_cluster", "Create a cluster"), ClusterCreate, Json(202, of::<Accepted>), || web::post().to(clusters::create)).takes(of::<CreateCluster>),
    Route::new(("GET", "/api/v1/clusters/{id}"), ("get_cluster", "One cluster; deleted ones stay readable"), ClusterRead, Json(200, of::<Cluster>), || web::get().to(clusters::get)),
    Route::new(("DELETE", "/api/v1/clusters/{id}"), ("delete_cluster", "Delete a cluster, from any status and as often as you like"), ClusterChange, Json(202, of::<Accepted>), || web::delete().to(clusters::delete)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/start"), ("start_cluster", "Start a stopped cluster: the same objects, the same volumes"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(clusters::start)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/stop"), ("stop_cluster", "Stop a cluster and keep everything in it"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(clusters::stop)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/extend"), ("extend_cluster", "Let a cluster live longer"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(clusters::extend)).takes(of::<Extend>),
    Route::new(("POST", "/api/v1/clusters/{id}/exec"), ("exec_cluster", "Run one command in the control-plane container"), ClusterUse, Json(200, of::<ExecResult>), || web::post().to(clusters::exec)).takes(of::<Exec>),
    Route::new(("GET", "/api/v1/clusters/{id}/kubeconfig"), ("get_kubeconfig", "A kubeconfig made for the caller, good for an hour"), ClusterUse, Text(200), || web::get().to(clusters::kubeconfig)).query(&["direct"]),
    Route::new(("POST", "/api/v1/clusters/{id}/auto-stop"), ("auto_stop_cluster", "Stop a cluster by itself after some minutes without use, or never"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(clusters::auto_stop)).takes(of::<AutoStop>),
    Route::new(("POST", "/api/v1/clusters/{id}/active"), ("touch_cluster", "Somebody looks at this cluster: it is in use"), ClusterUse, Empty(204), || web::post().to(clusters::active)),
    Route::new(("GET", "/api/v1/cluster-versions"), ("list_cluster_versions", "The Kubernetes versions a create may name"), Own, Json(200, of::<Page<ClusterVersion>>), || web::get().to(clusters::versions)),

    Route::new(("GET", "/api/v1/tasks"), ("list_tasks", "The tasks of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Task>>), || web::get().to(tasks::list)).query(&["cluster_id", "workspace_id", "status", "kind", "limit", "cursor"]),
    Route::new(("GET", "/api/v1/tasks/{id}"), ("get_task", "One task with its steps"), ClusterRead, Json(200, of::<Task>), || web::get().to(tasks::get)),
    Route::new(("POST", "/api/v1/tasks/{id}/cancel"), ("cancel_task", "Cancel a create (deletes) or a start (stops); the task of that is the answer"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::cancel)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/tasks/{id}/retry"), ("retry_task", "Try a failed task again, from the step that failed; the new task is the answer"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::retry)).query(&["expect_status"]),

    Route::new(("GET", "/api/v1/hosts"), ("list_hosts", "The hosts, what they have and what is left over on them; for administrators"), Installation, Json(200, of::<Page<Host>>), || web::get().to(hosts::list)).query(&["limit", "cursor"]),
    Route::new(("GET", "/api/v1/installation"), ("get_installation", "Switches and self-checks; for administrators"), Installation, Json(200, of::<host::Installation>), || web::get().to(hosts::installation)),
    Route::new(("POST", "/api/v1/installation/pool"), ("switch_pool", "Pause the warm pool or let it go on; for administrators"), Installation, Json(200, of::<host::Installation>), || web::post().to(hosts::switch_pool)).takes(of::<PoolSwitch>),

    Route::new(("GET", "/api/v1/timeline"), ("list_timeline", "What happened, newest first; of deleted clusters too"), ClusterRead, Json(200, of::<Page<Event>>), || web::get().to(timeline::list)).query(&["workspace_id", "cluster_id", "type", "limit", "cursor"]),

    Route::new(("GET", "/health"), ("health", "Whether the gateway has what it needs"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/api/health"), ("api_health", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/readyz"), ("readyz", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/livez"), ("livez", "Whether the process lives"), Public, Text(200), || web::get().to(meta::live)),
    Route::new(("GET", "/api/v1/openapi.json"), ("openapi", "This document"), Public, Text(200), || web::get().to(meta::document)),
    Route::new(("GET", "/docs"), ("docs", "The document's page"), Public, Empty(302), || web::get().to(meta::docs)),
    Route::new(("GET", "/docs/errors"), ("docs_errors", "The catalogue of error codes"), Public, Text(200), || web::get().to(meta::errors)),
    Route::new(("GET", "/docs/{path:.*}"), ("docs_files", "The page's files"), Public, Text(200), || web::get().to(meta::viewer)),
];

/// Registers the table: another method on a known path is a 405, anything else a 404.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = Vec::new();
    for route in ROUTES {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let mut resource = web::resource(path);
        let mut allowed = Vec::new();
        for route in ROUTES.iter().filter(|route| route.path == path) {
            resource = resource.route((route.handler)());
            allowed.push(route.method);
        }
        let allowed = allowed.join(", ");
        config.service(resource.default_service(web::to(move || refuse(allowed.clone()))));
    }
    config.default_service(web::to(problem::not_found));
}

async fn refuse(allowed: String) -> HttpResponse {
    problem::method_not_allowed(&allowed)
}
