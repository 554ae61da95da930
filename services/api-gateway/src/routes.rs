//! Every route there is: method, path, handler, the one action it needs, what goes in and out.
//! Router, OpenAPI document and matrix of rights are all made from this table.

use actix_web::{HttpResponse, Route as ActixRoute, web};
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
    Route::new(("POST", "/api/v1/auth/session"), ("create_session", "Log a browser in: sets the session cookie"), Public, Json(200, of::<auth::User>), || web::post().to(people::session)).takes(of::<auth::Login>),
    Route::new(("DELETE", "/api/v1/auth/session"), ("delete_session", "Log out"), Own, Empty(204), || web::delete().to(people::logout)),
    Route::new(("POST", "/api/v1/auth/token"), ("create_token", "Log a machine in: a password as JSON, or an OAuth2 form with a password, a device's code (RFC 8628) or a pipeline's token (RFC 8693)"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::token)).takes(of::<auth::Login>),
    Route::new(("POST", "/api/v1/auth/refresh"), ("refresh_token", "The next access and refresh token"), Public, Json(200, of::<auth::Tokens>), || web::post().to(people::refresh)).takes(of::<auth::Refresh>),
    Route::new(("POST", "/api/v1/auth/logout"), ("logout", "Log out"), Own, Empty(204), || web::post().to(people::logout)),
    Route::new(("GET", "/api/v1/auth/me"), ("get_me", "The caller, their organizations and workspaces"), Own, Json(200, of::<auth::Me>), || web::get().to(people::me)),
    Route::new(("POST", "/api/v1/auth/stream-token"), ("create_stream_token", "A token for ?token= on the stream routes, good for 60 s"), Own, Json(200, of::<auth::StreamToken>), || web::post().to(people::stream_token)),
    Route::new(("PATCH", "/api/v1/auth/me"), ("change_me", "Another name, or with the password another address"), Account, Json(200, of::<auth::User>), || web::patch().to(account::change)).takes(of::<own::ChangeAccount>),
    Route::new(("DELETE", "/api/v1/auth/me"), ("delete_me", "Delete one's account, and the clusters in one's own organization with it"), Account, Empty(204), || web::delete().to(account::delete)).takes(of::<own::DeleteAccount>),
    Route::new(("POST", "/api/v1/auth/password"), ("change_password", "Another password; one's other logins end"), Account, Empty(204), || web::post().to(account::change_password)).takes(of::<own::ChangePassword>),
    Route::new(("POST", "/api/v1/auth/reset-links"), ("create_reset_link", "A link with which somebody chooses a new password; for administrators"), Installation, Json(201, of::<own::ResetLink>), || web::post().to(account::reset_link)).takes(of::<own::CreateResetLink>),
    Route::new(("POST", "/api/v1/auth/reset"), ("reset_password", "Choose a new password by a reset link; every login and API token ends"), Public, Empty(204), || web::post().to(account::reset)).takes(of::<own::ResetPassword>),
    Route::new(("GET", "/api/v1/auth/sessions"), ("list_sessions", "Where one is logged in, newest first"), Account, Json(200, of::<Page<own::Session>>), || web::get().to(account::sessions)),
    Route::new(("DELETE", "/api/v1/auth/sessions/{session_id}"), ("end_session", "End one of one's logins"), Account, Empty(204), || web::delete().to(account::end_session)),
    Route::new(("POST", "/api/v1/auth/logout-everywhere"), ("logout_everywhere", "End all of one's logins, this one too; API tokens go on"), Account, Empty(204), || web::post().to(account::logout_everywhere)),
    Route::new(("GET", "/api/v1/auth/tokens"), ("list_api_tokens", "One's API tokens, newest first"), Account, Json(200, of::<Page<own::ApiToken>>), || web::get().to(account::tokens)),
    Route::new(("POST", "/api/v1/auth/tokens"), ("create_api_token", "Make an API token; the answer is the only time it is shown"), Account, Json(201, of::<own::NewApiToken>), || web::post().to(account::create_token)).takes(of::<own::CreateApiToken>),
    Route::new(("DELETE", "/api/v1/auth/tokens/{token_id}"), ("revoke_api_token", "Revoke an API token"), Account, Empty(204), || web::delete().to(account::revoke_token)),
    Route::new(("POST", "/api/v1/auth/device"), ("begin_device_login", "Begin the login of a program without a browser: it shows a code and asks for its tokens meanwhile"), Public, Json(200, of::<device::BegunDevice>), || web::post().to(devices::begin)).takes(of::<device::BeginDevice>),
    Route::new(("POST", "/api/v1/auth/device/look"), ("look_at_device", "Who asks by a code"), Account, Json(200, of::<device::AskingDevice>), || web::post().to(devices::look)).takes(of::<device::UserCode>),
    Route::new(("POST", "/api/v1/auth/device/decide"), ("decide_device", "Let a program in as oneself, or tell it no"), Account, Empty(204), || web::post().to(devices::decide)).takes(of::<device::DecideDevice>),
    Route::new(("GET", "/api/v1/auth/providers"), ("list_providers", "Who else one can log in by"), Public, Json(200, of::<Page<oidc::Provider>>), || web::get().to(others::providers)),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}"), ("go_to_provider", "Send a browser to a provider of identities to log in"), Public, Empty(303), || web::get().to(others::begin)).query(&["next"]),
    Route::new(("POST", "/api/v1/auth/oidc/{provider}"), ("begin_provider_login", "The same for a page that sends the browser itself; with an invitation, whoever comes back is a member at once"), Public, Json(200, of::<oidc::BegunLogin>), || web::post().to(others::begin_with)).takes(of::<oidc::BeginLogin>),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}/callback"), ("return_from_provider", "Where a provider sends the browser back to"), Public, Empty(303), || web::get().to(others::callback)).query(&["state", "code", "iss", "error"]),
    Route::new(("GET", "/api/v1/auth/identities"), ("list_identities", "The accounts of providers one has connected"), Account, Json(200, of::<Page<oidc::Identity>>), || web::get().to(others::identities)),
    Route::new(("POST", "/api/v1/auth/identities"), ("connect_identity", "Connect an account of a provider to one's own: the browser goes there and comes back"), Account, Json(200, of::<oidc::BegunLogin>), || web::post().to(others::connect)).takes(of::<oidc::ConnectIdentity>),
    Route::new(("DELETE", "/api/v1/auth/identities/{identity_id}"), ("disconnect_identity", "Take a connected account away, and the logins it began; not the last way in"), Account, Empty(204), || web::delete().to(others::disconnect)),

    Route::new(("GET", "/api/v1/organizations"), ("list_organizations", "The caller's organizations, their own first"), Own, Json(200, of::<Page<Organization>>), || web::get().to(organizations::list)),
    Route::new(("POST", "/api/v1/organizations"), ("create_organization", "Make an organization, with the caller as its owner"), Account, Json(201, of::<Organization>), || web::post().to(organizations::create)).takes(of::<NameOrganization>),
    Route::new(("GET", "/api/v1/organizations/{id}"), ("get_organization", "One organization"), OrganizationRead, Json(200, of::<Organization>), || web::get().to(organizations::get)),
    Route::new(("PATCH", "/api/v1/organizations/{id}"), ("rename_organization", "Give an organization another name"), OrganizationChange, Json(200, of::<Organization>), || web::patch().to(organizations::rename)).takes(of::<NameOrganization>),
    Route::new(("DELETE", "/api/v1/organizations/{id}"), ("delete_organization", "Delete an organization that holds no cluster any more"), OrganizationOwn, Empty(204), || web::delete().to(organizations::delete)),
    Route::new(("POST", "/api/v1/organizations/{id}/transfer"), ("transfer_organization", "Make another member its owner and the caller an admin"), OrganizationOwn, Json(200, of::<Organization>), || web::post().to(organizations::transfer)).takes(of::<Transfer>),
    Route::new(("GET", "/api/v1/organizations/{id}/members"), ("list_members", "Who is in an organization, in the order in which they came"), OrganizationRead, Json(200, of::<Page<Member>>), || web::get().to(organizations::members)).query(&["limit", "cursor"]),
    Route::new(("PATCH", "/api/v1/organizations/{id}/members/{user_id}"), ("change_member", "Give a member another role"), OrganizationChange, Json(200, of::<Member>), || web::patch().to(organizations::change_member)).takes(of::<ChangeMember>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/members/{user_id}"), ("remove_member", "Take a member out; everyone may take themselves out"), OrganizationRead, Empty(204), || web::delete().to(organizations::remove_member)),
    Route::new(("GET", "/api/v1/organizations/{id}/invitations"), ("list_invitations", "The invitations that can still be taken, newest first"), OrganizationChange, Json(200, of::<Page<Invitation>>), || web::get().to(organizations::invitations)).query(&["limit", "cursor"]),
    Route::new(("POST", "/api/v1/organizations/{id}/invitations"), ("create_invitation", "Invite somebody; the answer is the only time the token is shown"), OrganizationChange, Json(201, of::<NewInvitation>), || web::post().to(organizations::invite)).takes(of::<CreateInvitation>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/invitations/{invitation_id}"), ("revoke_invitation", "Take an invitation back"), OrganizationChange, Empty(204), || web::delete().to(organizations::revoke_invitation)),
    Route::new(("GET", "/api/v1/organizations/{id}/trusts"), ("list_trusts", "Which pipelines an organization lets in, oldest first"), OrganizationChange, Json(200, of::<Page<Trust>>), || web::get().to(trusts::list)),
    Route::new(("POST", "/api/v1/organizations/{id}/trusts"), ("create_trust", "Let a pipeline in by the token of its provider, as a member of its own"), OrganizationChange, Json(201, of::<Trust>), || web::post().to(trusts::create)).takes(of::<CreateTrust>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/trusts/{trust_id}"), ("end_trust", "Let a pipeline in no more; its logins end and its member goes"), OrganizationChange, Empty(204), || web::delete().to(trusts::end)),
    Route::new(("POST", "/api/v1/invitations/look"), ("look_at_invitation", "What an invitation is for"), Public, Json(200, of::<InvitationFor>), || web::post().to(organizations::look)).takes(of::<InvitationToken>),
    Route::new(("POST", "/api/v1/invitations/accept"), ("accept_invitation", "Become a member by an invitation"), Account, Json(200, of::<Organization>), || web::post().to(organizations::accept)).takes(of::<InvitationToken>),
    Route::new(("GET", "/api/v1/workspaces"), ("list_workspaces", "The workspaces of the caller's organizations, with what they hold and may hold"), Own, Json(200, of::<Page<WorkspaceDetail>>), || web::get().to(workspaces::list)).query(&["organization_id"]),
    Route::new(("POST", "/api/v1/workspaces"), ("create_workspace", "Make a workspace in an organization"), OrganizationChange, Json(201, of::<WorkspaceDetail>), || web::post().to(workspaces::create)).takes(of::<CreateWorkspace>),
    Route::new(("GET", "/api/v1/workspaces/{id}"), ("get_workspace", "One workspace, with what it holds and may hold"), OrganizationRead, Json(200, of::<WorkspaceDetail>), || web::get().to(workspaces::get)),
    Route::new(("PATCH", "/api/v1/workspaces/{id}"), ("change_workspace", "Give a workspace another name or quota"), OrganizationChange, Json(200, of::<WorkspaceDetail>), || web::patch().to(workspaces::change)).takes(of::<ChangeWorkspace>),
    Route::new(("DELETE", "/api/v1/workspaces/{id}"), ("delete_workspace", "Delete a workspace that holds no cluster any more"), OrganizationChange, Empty(204), || web::delete().to(workspaces::delete)),

    Route::new(("GET", "/api/v1/workspaces/{id}/webhooks"), ("list_webhooks", "The webhooks of a workspace, the oldest first"), OrganizationChange, Json(200, of::<Page<Webhook>>), || web::get().to(webhooks::list)),
    Route::new(("POST", "/api/v1/workspaces/{id}/webhooks"), ("create_webhook", "Send a workspace's events to an address; the answer is the only time the secret is shown"), OrganizationChange, Json(201, of::<NewWebhook>), || web::post().to(webhooks::create)).takes(of::<CreateWebhook>),
    Route::new(("GET", "/api/v1/webhooks/{id}"), ("get_webhook", "One webhook"), OrganizationChange, Json(200, of::<Webhook>), || web::get().to(webhooks::get)),
    Route::new(("PATCH", "/api/v1/webhooks/{id}"), ("change_webhook", "Another address or other types; turn it off, or on again where it stood"), OrganizationChange, Json(200, of::<Webhook>), || web::patch().to(webhooks::change)).takes(of::<ChangeWebhook>),
    Route::new(("DELETE", "/api/v1/webhooks/{id}"), ("delete_webhook", "Delete a webhook"), OrganizationChange, Empty(204), || web::delete().to(webhooks::delete)),
    Route::new(("POST", "/api/v1/webhooks/{id}/secret"), ("renew_webhook_secret", "Another secret; the one before signs along for a day"), OrganizationChange, Json(200, of::<NewWebhook>), || web::post().to(webhooks::renew_secret)),
    Route::new(("POST", "/api/v1/webhooks/{id}/test"), ("test_webhook", "Send a test event now; the answer says how it went"), OrganizationChange, Json(200, of::<Delivery>), || web::post().to(webhooks::test)),
    Route::new(("GET", "/api/v1/webhooks/{id}/deliveries"), ("list_deliveries", "What was tried in the last 30 days, newest first; `status=failed` is all that did not go through, given up or not"), OrganizationChange, Json(200, of::<Page<Delivery>>), || web::get().to(webhooks::deliveries)).query(&["status", "limit", "cursor"]),

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
    Route::new(("GET", "/api/v1/clusters/{id}/shares"), ("list_shares", "The shares and links of a cluster, newest first"), ClusterShare, Json(200, of::<Page<Share>>), || web::get().to(shares::list)).query(&["limit", "cursor"]),
    Route::new(("POST", "/api/v1/clusters/{id}/shares"), ("create_share", "Share a cluster with a person, or make a link; the answer is the only time its token is shown"), ClusterShare, Json(201, of::<NewShare>), || web::post().to(shares::create)).takes(of::<CreateShare>),
    Route::new(("DELETE", "/api/v1/clusters/{id}/shares/{share_id}"), ("end_share", "End a share, or a link and all that came by it; everyone may end their own"), ClusterRead, Empty(204), || web::delete().to(shares::end)),
    Route::new(("GET", "/api/v1/clusters/{id}/access"), ("get_access", "Who may do what with a cluster, and why"), ClusterRead, Json(200, of::<Access>), || web::get().to(shares::access)),
    Route::new(("POST", "/api/v1/shares/look"), ("look_at_share", "What a link to a cluster gives"), Public, Json(200, of::<ShareFor>), || web::post().to(shares::look)).takes(of::<RedeemShare>),
    Route::new(("POST", "/api/v1/shares/redeem"), ("redeem_share", "Take what a link gives"), Account, Json(200, of::<Share>), || web::post().to(shares::redeem)).takes(of::<RedeemShare>),
    Route::new(("GET", "/api/v1/cluster-versions"), ("list_cluster_versions", "The Kubernetes versions a create may name"), Own, Json(200, of::<Page<ClusterVersion>>), || web::get().to(clusters::versions)),

    Route::new(("GET", "/api/v1/tasks"), ("list_tasks", "The tasks of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Task>>), || web::get().to(tasks::list)).query(&["cluster_id", "workspace_id", "status", "kind", "limit", "cursor"]),
    Route::new(("GET", "/api/v1/tasks/{id}"), ("get_task", "One task with its steps"), ClusterRead, Json(200, of::<Task>), || web::get().to(tasks::get)),
    Route::new(("POST", "/api/v1/tasks/{id}/cancel"), ("cancel_task", "Cancel a create (deletes) or a start (stops); the task of that is the answer"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::cancel)).query(&["expect_status"]),
    Route::new(("POST", "/api/v1/tasks/{id}/retry"), ("retry_task", "Try a failed task again, from the step that failed; the new task is the answer"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(tasks::retry)).query(&["expect_status"]),

    Route::new(("GET", "/api/v1/hosts"), ("list_hosts", "The hosts, what they have and what is left over on them; for administrators"), Installation, Json(200, of::<Page<Host>>), || web::get().to(hosts::list)).query(&["limit", "cursor"]),
    Route::new(("GET", "/api/v1/installation"), ("get_installation", "Switches and self-checks; for administrators"), Installation, Json(200, of::<host::Installation>), || web::get().to(hosts::installation)),
    Route::new(("POST", "/api/v1/installation/pool"), ("switch_pool", "Pause the warm pool or let it go on; for administrators"), Installation, Json(200, of::<host::Installation>), || web::post().to(hosts::switch_pool)).takes(of::<PoolSwitch>),

    Route::new(("GET", "/api/v1/timeline"), ("list_timeline", "What happened, newest first; of deleted clusters too"), ClusterRead, Json(200, of::<Page<Event>>), || web::get().to(timeline::list)).query(&["organization_id", "workspace_id", "cluster_id", "user_id", "type", "from", "until", "limit", "cursor"]),

    Route::new(("GET", "/api/v1/audit"), ("list_audit", "What was done and what was refused, newest first: an organization's to its admins, everything to administrators, one's own to everyone"), AuditRead, Json(200, of::<Page<AuditEntry>>), || web::get().to(audit::list)).query(&["organization_id", "user_id", "cluster_id", "action", "allowed", "limit", "cursor"]),
    Route::new(("GET", "/api/v1/organizations/{id}/audit/export"), ("export_audit", "All of an organization's audit as a file, newest first: a JSON object a line, or CSV"), AuditRead, Text(200), || web::get().to(audit::export)).query(&["format", "user_id", "cluster_id", "action", "allowed"]),

    Route::new(("GET", "/health"), ("health", "Whether the gateway has what it needs"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/api/health"), ("api_health", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/readyz"), ("readyz", "The same"), Public, Json(200, of::<Health>), || web::get().to(meta::ready)),
    Route::new(("GET", "/livez"), ("livez", "Whether the process lives"), Public, Text(200), || web::get().to(meta::live)),
    Route::new(("GET", "/api/v1/openapi.json"), ("openapi", "This document"), Public, Text(200), || web::get().to(meta::document)),
    Route::new(("GET", "/docs"), ("docs", "The document's page"), Public, Empty(302), || web::get().to(meta::docs)),
    Route::new(("GET", "/docs/errors"), ("docs_errors", "The catalogue of error codes"), Public, Text(200), || web::get().to(meta::errors)),
    Route::new(("GET", "/docs/{path:.*}"), ("docs_files", "The page's files"), Public, Text(200), || web::get().to(meta::viewer)),
];

/// The route of a method and a path's pattern.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES
        .iter()
        .find(|route| route.path == path && route.method == method)
}

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
