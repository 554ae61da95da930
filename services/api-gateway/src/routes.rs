//! Every route there is: method, path, handler, the one action it needs, what goes in and out.
//! Router, OpenAPI document and matrix of rights are all made from this table.

use actix_web::{HttpRequest, HttpResponse, Route as ActixRoute, web};
use api::{
    Page,
    audit::AuditEntry,
    auth::{self, account as own, device, oidc},
    cluster::{
        Accepted, AutoStop, Cluster, ClusterVersion, CreateCluster, Exec, ExecResult, Extend,
    },
    event::Event,
    health::Health,
    host::{self, Host, PoolSwitch},
    organization::{
        ChangeMember, ChangeWorkspace, CreateInvitation, CreateWorkspace, Invitation,
        InvitationFor, InvitationToken, Member, NameOrganization, NewInvitation, Organization,
        Transfer, WorkspaceDetail,
    },
    share::{Access, CreateShare, NewShare, RedeemShare, Share, ShareFor},
    task::Task,
    trust::{CreateTrust, Trust},
    webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Webhook},
};
use domain::{Action, ScopeLevel};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use service::answer;

use crate::{
    handlers::{
        account, audit, auth as people, clusters, device as devices, hosts, meta, oidc as others,
        organizations, shares, tasks, timeline, trusts, webhooks, workspaces,
    },
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
    /// The least scope of a token that may ask; `None` where none may. What somebody does to their
    /// own share or membership is told from looking at it by the method.
    pub fn least_scope(&self) -> Option<ScopeLevel> {
        let shown = matches!(self.action, ClusterRead | OrganizationRead);
        let least = self.action.least_scope()?;
        Some(match shown && self.method != "GET" {
            true => ScopeLevel::Admin,
            false => least,
        })
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

use Action::{
    Account, AuditRead, ClusterChange, ClusterCreate, ClusterRead, ClusterShare, ClusterUse,
    Installation, OrganizationChange, OrganizationOwn, OrganizationRead, Own, Public,
};
use Reply::{Empty, Json, Text};

/// The table. Clusters and tasks are in the order of their lives.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    Route::new(("POST", "/api/v1/auth/register"), ("register", "Register a user"), Public, Json(201, of::<auth::User>), || web::post().to(people::register)).takes(of::<auth::Register>),
    Route::new(("POST", "/api/v1/auth/session"), ("create_session", "Log in a browser: sets the session cookie"), Public, Json(200, of::<auth::User>), || web::post().to(people::session)).takes(of::<auth::Login>),
    Route::new(("DELETE", "/api/v1/auth/session"), ("delete_session", "Log out"), Own, Empty(204), || web::delete().to(people::logout)),
    Route::new(("POST", "/api/v1/auth/token"), ("create_token", "Log in a machine: a password as JSON, or an OAuth2 form with a password, a device's code (RFC 8628) or a pipeline's token (RFC 8693)"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::token)).takes(of::<auth::Login>),
    Route::new(("POST", "/api/v1/auth/refresh"), ("refresh_token", "Get the next access and refresh token"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::refresh)).takes(of::<auth::Refresh>),
    Route::new(("POST", "/api/v1/auth/logout"), ("logout", "Log out"), Own, Empty(204), || web::post().to(people::logout)),
    Route::new(("GET", "/api/v1/auth/me"), ("get_me", "Get the caller with their organizations and workspaces"), Own, Json(200, of::<auth::Me>), || web::get().to(people::me)),
    Route::new(("POST", "/api/v1/auth/stream-token"), ("create_stream_token", "Create a token for ?token= on the stream routes, valid for 60 s"), Own, Json(200, of::<auth::StreamToken>), || web::post().to(people::stream_token)),
    Route::new(("PATCH", "/api/v1/auth/me"), ("change_me", "Change the caller's name, or with the password the email address"), Account, Json(200, of::<auth::User>), || web::patch().to(account::change)).takes(of::<own::ChangeAccount>),
    Route::new(("DELETE", "/api/v1/auth/me"), ("delete_me", "Delete the caller's account and the clusters in their personal organization"), Account, Empty(204), || web::delete().to(account::delete)).takes(of::<own::DeleteAccount>),
    Route::new(("POST", "/api/v1/auth/password"), ("change_password", "Change the password; the caller's other sessions end"), Account, Empty(204), || web::post().to(account::change_password)).takes(of::<own::ChangePassword>),
    Route::new(("POST", "/api/v1/auth/reset-links"), ("create_reset_link", "Create a link for choosing a new password; for administrators"), Installation, Json(201, of::<own::ResetLink>), || web::post().to(account::reset_link)).takes(of::<own::CreateResetLink>),
    Route::new(("POST", "/api/v1/auth/reset"), ("reset_password", "Choose a new password with a reset link; every session and API token ends"), Public, Empty(204), || web::post().to(account::reset)).takes(of::<own::ResetPassword>),
    Route::new(("GET", "/api/v1/auth/sessions"), ("list_sessions", "List the caller's sessions, newest first"), Account, Json(200, of::<Page<own::Session>>), || web::get().to(account::sessions)),
    Route::new(("DELETE", "/api/v1/auth/sessions/{session_id}"), ("end_session", "End one of the caller's sessions"), Account, Empty(204), || web::delete().to(account::end_session)),
    Route::new(("POST", "/api/v1/auth/logout-everywhere"), ("logout_everywhere", "End all of the caller's sessions, including this one; API tokens stay valid"), Account, Empty(204), || web::post().to(account::logout_everywhere)),
    Route::new(("GET", "/api/v1/auth/tokens"), ("list_api_tokens", "List the caller's API tokens, newest first"), Account, Json(200, of::<Page<own::ApiToken>>), || web::get().to(account::tokens)),
    Route::new(("POST", "/api/v1/auth/tokens"), ("create_api_token", "Create an API token; only this answer shows it"), Account, Json(201, of::<own::NewApiToken>), || web::post().to(account::create_token)).takes(of::<own::CreateApiToken>),
    Route::new(("DELETE", "/api/v1/auth/tokens/{token_id}"), ("revoke_api_token", "Revoke an API token"), Account, Empty(204), || web::delete().to(account::revoke_token)),
    Route::new(("POST", "/api/v1/auth/device"), ("begin_device_login", "Start the login of a program without a browser, which shows a code and polls for its tokens"), Public, Json(200, of::<device::BegunDevice>), || web::post().to(devices::begin)).takes(of::<device::BeginDevice>),
    Route::new(("POST", "/api/v1/auth/device/look"), ("look_at_device", "Get the program that shows a code"), Account, Json(200, of::<device::AskingDevice>), || web::post().to(devices::look)).takes(of::<device::UserCode>),
    Route::new(("POST", "/api/v1/auth/device/decide"), ("decide_device", "Approve or deny a program's login"), Account, Empty(204), || web::post().to(devices::decide)).takes(of::<device::DecideDevice>),
    Route::new(("GET", "/api/v1/auth/providers"), ("list_providers", "List the identity providers"), Public, Json(200, of::<Page<oidc::Provider>>), || web::get().to(others::providers)),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}"), ("go_to_provider", "Send a browser to an identity provider to log in"), Public, Empty(303), || web::get().to(others::begin)).query(&["next"]),
    Route::new(("POST", "/api/v1/auth/oidc/{provider}"), ("begin_provider_login", "The same for a page that navigates itself; with an invitation, the new user joins right away"), Public, Json(200, of::<oidc::BegunLogin>), || web::post().to(others::begin_with)).takes(of::<oidc::BeginLogin>),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}/callback"), ("return_from_provider", "Receive the browser back from an identity provider"), Public, Empty(303), || web::get().to(others::callback)).query(&["state", "code", "iss", "error"]),
    Route::new(("GET", "/api/v1/auth/identities"), ("list_identities", "List the caller's connected provider accounts"), Account, Json(200, of::<Page<oidc::Identity>>), || web::get().to(others::identities)),
    Route::new(("POST", "/api/v1/auth/identities"), ("connect_identity", "Connect a provider account: the browser goes there and comes back"), Account, Json(200, of::<oidc::BegunLogin>), || web::post().to(others::connect)).takes(of::<oidc::ConnectIdentity>),
    Route::new(("DELETE", "/api/v1/auth/identities/{identity_id}"), ("disconnect_identity", "Disconnect a provider account and end the sessions it started; not the only way to log in"), Account, Empty(204), || web::delete().to(others::disconnect)),

    Route::new(("GET", "/api/v1/organizations"), ("list_organizations", "List the caller's organizations, personal first"), Own, Json(200, of::<Page<Organization>>), || web::get().to(organizations::list)),
    Route::new(("POST", "/api/v1/organizations"), ("create_organization", "Create an organization with the caller as its owner"), Account, Json(201, of::<Organization>), || web::post().to(organizations::create)).takes(of::<NameOrganization>),
    Route::new(("GET", "/api/v1/organizations/{id}"), ("get_organization", "Get an organization"), OrganizationRead, Json(200, of::<Organization>), || web::get().to(organizations::get)),
    Route::new(("PATCH", "/api/v1/organizations/{id}"), ("rename_organization", "Rename an organization"), OrganizationChange, Json(200, of::<Organization>), || web::patch().to(organizations::rename)).takes(of::<NameOrganization>),
    Route::new(("DELETE", "/api/v1/organizations/{id}"), ("delete_organization", "Delete an organization without clusters"), OrganizationOwn, Empty(204), || web::delete().to(organizations::delete)),
    Route::new(("POST", "/api/v1/organizations/{id}/transfer"), ("transfer_organization", "Transfer ownership to another member; the caller becomes an admin"), OrganizationOwn, Json(200, of::<Organization>), || web::post().to(organizations::transfer)).takes(of::<Transfer>),
    Route::new(("GET", "/api/v1/organizations/{id}/members"), ("list_members", "List an organization's members, oldest first"), OrganizationRead, Json(200, of::<Page<Member>>), || web::get().to(organizations::members)).query(&["limit", "cursor"]),
    Route::new(("PATCH", "/api/v1/organizations/{id}/members/{user_id}"), ("change_member", "Change a member's role"), OrganizationChange, Json(200, of::<Member>), || web::patch().to(organizations::change_member)).takes(of::<ChangeMember>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/members/{user_id}"), ("remove_member", "Remove a member; members can remove themselves"), OrganizationRead, Empty(204), || web::delete().to(organizations::remove_member)),
    Route::new(("GET", "/api/v1/organizations/{id}/invitations"), ("list_invitations", "List the open invitations, newest first"), OrganizationChange, Json(200, of::<Page<Invitation>>), || web::get().to(organizations::invitations)).query(&["limit", "cursor"]),
    Route::new(("POST", "/api/v1/organizations/{id}/invitations"), ("create_invitation", "Create an invitation; only this answer shows its token"), OrganizationChange, Json(201, of::<NewInvitation>), || web::post().to(organizations::invite)).takes(of::<CreateInvitation>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/invitations/{invitation_id}"), ("revoke_invitation", "Revoke an invitation"), OrganizationChange, Empty(204), || web::delete().to(organizations::revoke_invitation)),
    Route::new(("GET", "/api/v1/organizations/{id}/trusts"), ("list_trusts", "List an organization's trusted pipelines, oldest first"), OrganizationChange, Json(200, of::<Page<Trust>>), || web::get().to(trusts::list)),
    Route::new(("POST", "/api/v1/organizations/{id}/trusts"), ("create_trust", "Trust a pipeline's token; the pipeline acts as a member of its own"), OrganizationChange, Json(201, of::<Trust>), || web::post().to(trusts::create)).takes(of::<CreateTrust>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/trusts/{trust_id}"), ("end_trust", "Delete a trust; its sessions end and its member is removed"), OrganizationChange, Empty(204), || web::delete().to(trusts::end)),
    Route::new(("POST", "/api/v1/invitations/look"), ("look_at_invitation", "Get what an invitation is for"), Public, Json(200, of::<InvitationFor>), || web::post().to(organizations::look)).takes(of::<InvitationToken>),
    Route::new(("POST", "/api/v1/invitations/accept"), ("accept_invitation", "Accept an invitation"), Account, Json(200, of::<Organization>), || web::post().to(organizations::accept)).takes(of::<InvitationToken>),
    Route::new(("GET", "/api/v1/workspaces"), ("list_workspaces", "List the workspaces of the caller's organizations, with usage and quota"), Own, Json(200, of::<Page<WorkspaceDetail>>), || web::get().to(workspaces::list)).query(&["organization_id"]),
    Route::new(("POST", "/api/v1/workspaces"), ("create_workspace", "Create a workspace in an organization"), OrganizationChange, Json(201, of::<WorkspaceDetail>), || web::post().to(workspaces::create)).takes(of::<CreateWorkspace>),
    Route::new(("GET", "/api/v1/workspaces/{id}"), ("get_workspace", "Get a workspace, with usage and quota"), OrganizationRead, Json(200, of::<WorkspaceDetail>), || web::get().to(workspaces::get)),
    Route::new(("PATCH", "/api/v1/workspaces/{id}"), ("change_workspace", "Change a workspace's name or quota"), OrganizationChange, Json(200, of::<WorkspaceDetail>), || web::patch().to(workspaces::change)).takes(of::<ChangeWorkspace>),
    Route::new(("DELETE", "/api/v1/workspaces/{id}"), ("delete_workspace", "Delete a workspace without clusters"), OrganizationChange, Empty(204), || web::delete().to(workspaces::delete)),

    Route::new(("GET", "/api/v1/workspaces/{id}/webhooks"), ("list_webhooks", "List a workspace's webhooks, oldest first"), OrganizationChange, Json(200, of::<Page<Webhook>>), || web::get().to(webhooks::list)),
    Route::new(("POST", "/api/v1/workspaces/{id}/webhooks"), ("create_webhook", "Create a webhook; only this answer shows its secret"), OrganizationChange, Json(201, of::<NewWebhook>), || web::post().to(webhooks::create)).takes(of::<CreateWebhook>),
    Route::new(("GET", "/api/v1/webhooks/{id}"), ("get_webhook", "Get a webhook"), OrganizationChange, Json(200, of::<Webhook>), || web::get().to(webhooks::get)),
    Route::new(("PATCH", "/api/v1/webhooks/{id}"), ("change_webhook", "Change a webhook's address or types, or turn it off or on"), OrganizationChange, Json(200, of::<Webhook>), || web::patch().to(webhooks::change)).takes(of::<ChangeWebhook>),
    Route::new(("DELETE", "/api/v1/webhooks/{id}"), ("delete_webhook", "Delete a webhook"), OrganizationChange, Empty(204), || web::delete().to(webhooks::delete)),
    Route::new(("POST", "/api/v1/webhooks/{id}/secret"), ("renew_webhook_secret", "Renew a webhook's secret; the old one signs too for a day"), OrganizationChange, Json(200, of::<NewWebhook>), || web::post().to(webhooks::renew_secret)),
    Route::new(("POST", "/api/v1/webhooks/{id}/test"), ("test_webhook", "Send a test event now and report the result"), OrganizationChange, Json(200, of::<Delivery>), || web::post().to(webhooks::test)),
    Route::new(("GET", "/api/v1/webhooks/{id}/deliveries"), ("list_deliveries", "List the deliveries of the last 30 days, newest first; `status=failed` is every failed attempt, given up or not"), OrganizationChange, Json(200, of::<Page<Delivery>>), || web::get().to(webhooks::deliveries)).query(&["status", "limit", "cursor"]),

    Route::new(("GET", "/api/v1/clusters"), ("list_clusters", "List the clusters of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Cluster>>), || web::get().to(clusters::list)).query(&["name", "workspace_id", "include", "limit", "cursor"]),
    Route::new(("POST", "/api/v1/clusters"), ("create_cluster", "Create a cluster"), ClusterCreate, Json(202, of::<Accepted>), || web::post().to(clusters::create)).takes(of::<CreateCluster>),
    Route::new(("GET", "/api/v1/clusters/{id}"), ("get_cluster", "Get a cluster; deleted ones stay readable"), ClusterRead, Json(200, of::<Cluster>), || web::get().to(clusters::get)),
    Route::new(("DELETE", "/api/v1/clusters/{id}"), ("delete_cluster", "Delete a cluster; allowed in every status, and repeatable"), ClusterChange, Json(202, of::<Accepted>), || web::delete().to(clusters::delete)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/start"), ("start_cluster", "Start a stopped cluster with the same objects and volumes"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(clusters::start)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/stop"), ("stop_cluster", "Stop a cluster and keep everything in it"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(clusters::stop)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/clusters/{id}/extend"), ("extend_cluster", "Extend a cluster's life"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(clusters::extend)).takes(of::<Extend>),
    Route::new(("POST", "/api/v1/clusters/{id}/exec"), ("exec_cluster", "Run one command in the control-plane container"), ClusterUse, Json(200, of::<ExecResult>), || web::post().to(clusters::exec)).takes(of::<Exec>),
    Route::new(("GET", "/api/v1/clusters/{id}/kubeconfig"), ("get_kubeconfig", "Get a kubeconfig for the caller, valid for an hour"), ClusterUse, Text(200), || web::get().to(clusters::kubeconfig)),
    Route::new(("POST", "/api/v1/clusters/{id}/auto-stop"), ("auto_stop_cluster", "Stop a cluster automatically after some minutes without use, or never"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(clusters::auto_stop)).takes(of::<AutoStop>),
    Route::new(("POST", "/api/v1/clusters/{id}/active"), ("touch_cluster", "Record activity on a cluster"), ClusterUse, Empty(204), || web::post().to(clusters::active)),
    Route::new(("GET", "/api/v1/clusters/{id}/shares"), ("list_shares", "List a cluster's shares and links, newest first"), ClusterShare, Json(200, of::<Page<Share>>), || web::get().to(shares::list)).query(&["limit", "cursor"]),
    Route::new(("POST", "/api/v1/clusters/{id}/shares"), ("create_share", "Share a cluster with a person, or create a link; only this answer shows its token"), ClusterShare, Json(201, of::<NewShare>), || web::post().to(shares::create)).takes(of::<CreateShare>),
    Route::new(("DELETE", "/api/v1/clusters/{id}/shares/{share_id}"), ("end_share", "Remove a share, or a link and every share that came from it; people can remove their own"), ClusterRead, Empty(204), || web::delete().to(shares::end)),
    Route::new(("GET", "/api/v1/clusters/{id}/access"), ("get_access", "List the people with access to a cluster, and why"), ClusterRead, Json(200, of::<Access>), || web::get().to(shares::access)),
    Route::new(("POST", "/api/v1/shares/look"), ("look_at_share", "Show what a share link gives"), Public, Json(200, of::<ShareFor>), || web::post().to(shares::look)).takes(of::<RedeemShare>),
    Route::new(("POST", "/api/v1/shares/redeem"), ("redeem_share", "Accept a share link"), Account, Json(200, of::<Share>), || web::post().to(shares::redeem)).takes(of::<RedeemShare>),
    Route::new(("GET", "/api/v1/cluster-versions"), ("list_cluster_versions", "List the Kubernetes versions available for new clusters"), Own, Json(200, of::<Page<ClusterVersion>>), || web::get().to(clusters::versions)),

    Route::new(("GET", "/api/v1/tasks"), ("list_tasks", "List the tasks of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Task>>), || web::get().to(tasks::list)).query(&["cluster_id", "workspace_id", "status", "kind", "limit", "cursor"]),
    Route::new(("GET", "/api/v1/tasks/{id}"), ("get_task", "Get a task with its steps"), ClusterRead, Json(200, of::<Task>), || web::get().to(tasks::get)),
    Route::new(("POST", "/api/v1/tasks/{id}/cancel"), ("cancel_task", "Cancel a create (deletes the cluster) or a start (stops it); returns that task"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::cancel)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/tasks/{id}/retry"), ("retry_task", "Retry a failed task from the failed step; returns the new task"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::retry)).query(&["expect_status"]),

    Route::new(("GET", "/api/v1/hosts"), ("list_hosts", "List the hosts with their resources and leftovers; for administrators"), Installation, Json(200, of::<Page<Host>>), || web::get().to(hosts::list)).query(&["limit", "cursor"]),
    Route::new(("GET", "/api/v1/installation"), ("get_installation", "Get switches and self-checks; for administrators"), Installation, Json(200, of::<host::Installation>), || web::get().to(hosts::installation)),
    Route::new(("POST", "/api/v1/installation/pool"), ("switch_pool", "Pause or resume the warm pool; for administrators"), Installation, Json(200, of::<host::Installation>), || web::post().to(hosts::switch_pool)).takes(of::<PoolSwitch>),

    Route::new(("GET", "/api/v1/timeline"), ("list_timeline", "List activity, newest first, including deleted clusters"), ClusterRead, Json(200, of::<Page<Event>>), || web::get().to(timeline::list)).query(&["organization_id", "workspace_id", "cluster_id", "user_id", "type", "from", "until", "limit", "cursor"]),

    Route::new(("GET", "/api/v1/audit"), ("list_audit", "List allowed and denied actions, newest first: an organization's for its admins, everything for administrators, your own for everyone"), AuditRead, Json(200, of::<Page<AuditEntry>>), || web::get().to(audit::list)).query(&["organization_id", "user_id", "cluster_id", "action", "allowed", "limit", "cursor"]),
    Route::new(("GET", "/api/v1/audit/export"), ("export_all_audit", "Export the same as a file: one JSON object per line, or CSV"), AuditRead, Text(200), || web::get().to(audit::export)).query(&["format", "organization_id", "user_id", "cluster_id", "action", "allowed"]),
    Route::new(("GET", "/api/v1/organizations/{id}/audit/export"), ("export_audit", "Export an organization's audit as a file, newest first: one JSON object per line, or CSV"), AuditRead, Text(200), || web::get().to(audit::export_of)).query(&["format", "user_id", "cluster_id", "action", "allowed"]),

    Route::new(("GET", "/health"), ("health", "Check the gateway and its dependencies"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/api/health"), ("api_health", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/readyz"), ("readyz", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/livez"), ("livez", "Check that the process is alive"), Public, Text(200), || web::get().to(meta::live)),
    Route::new(("GET", "/api/v1/openapi.json"), ("openapi", "Get this document"), Public, Text(200), || web::get().to(meta::document)),
    Route::new(("GET", "/docs"), ("docs", "Redirect to the document's page"), Public, Empty(302), || web::get().to(meta::docs)),
    Route::new(("GET", "/docs/errors"), ("docs_errors", "Get the catalog of error codes"), Public, Text(200), || web::get().to(meta::errors)),
    Route::new(("GET", "/docs/{path:.*}"), ("docs_files", "Get the page's files"), Public, Text(200), || web::get().to(meta::viewer)),
];

/// The route of a method and a path's pattern.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES
        .iter()
        .find(|route| route.path == path && route.method == method)
}

/// Registers the table: another method on a known path is a 405, or told by `OPTIONS`; anything else is a 404.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = Vec::new();
    for route in ROUTES {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let mut resource = web::resource(path);
        let mut known = Vec::new();
        for route in ROUTES.iter().filter(|route| route.path == path) {
            resource = resource.route((route.handler)());
            known.push(route.method);
        }
        config.service(
            resource.default_service(web::to(move |request: HttpRequest| {
                refuse(request, known.clone())
            })),
        );
    }
    config.default_service(web::to(problem::not_found));
}

async fn refuse(request: HttpRequest, known: Vec<&'static str>) -> HttpResponse {
    answer::other_method(&request, &known)
}
