//! The contract as data: every message with its JSON Schema and a golden sample, and from these the
//! files in `proto/`. Nothing here runs in a service.

mod asyncapi;
mod events_page;
mod message;
mod samples;

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

pub use message::{Message, VERSION};

use crate::{
    audit, auth, bus, cluster, event, health, host, organization, page::Page, problem::Problem,
    share, socket, task, trust, webhook,
};

macro_rules! messages {
    ($($name:literal: $type:ty;)*) => {
        /// Every message there is.
        pub fn messages() -> Vec<Message> {
            vec![$(Message::new::<$type>($name, samples::of($name))),*]
        }
    };
}

messages! {
    // HTTP
    "problem": Problem;
    "health": health::Health;
    "user": auth::User;
    "register": auth::Register;
    "login": auth::Login;
    "token_form": auth::TokenForm;
    "tokens": auth::Tokens;
    "refresh": auth::Refresh;
    "stream_token": auth::StreamToken;
    "me": auth::Me;
    "page_of_session": Page<auth::account::Session>;
    "change_password": auth::account::ChangePassword;
    "change_account": auth::account::ChangeAccount;
    "delete_account": auth::account::DeleteAccount;
    "create_reset_link": auth::account::CreateResetLink;
    "reset_link": auth::account::ResetLink;
    "reset_password": auth::account::ResetPassword;
    "create_api_token": auth::account::CreateApiToken;
    "page_of_api_token": Page<auth::account::ApiToken>;
    "new_api_token": auth::account::NewApiToken;
    "organization": organization::Organization;
    "page_of_organization": Page<organization::Organization>;
    "name_organization": organization::NameOrganization;
    "member": organization::Member;
    "page_of_member": Page<organization::Member>;
    "change_member": organization::ChangeMember;
    "transfer": organization::Transfer;
    "invitation": organization::Invitation;
    "page_of_invitation": Page<organization::Invitation>;
    "create_invitation": organization::CreateInvitation;
    "new_invitation": organization::NewInvitation;
    "invitation_token": organization::InvitationToken;
    "invitation_for": organization::InvitationFor;
    "workspace_detail": organization::WorkspaceDetail;
    "page_of_workspace_detail": Page<organization::WorkspaceDetail>;
    "create_workspace": organization::CreateWorkspace;
    "change_workspace": organization::ChangeWorkspace;
    "share": share::Share;
    "page_of_share": Page<share::Share>;
    "create_share": share::CreateShare;
    "new_share": share::NewShare;
    "redeem_share": share::RedeemShare;
    "share_for": share::ShareFor;
    "access": share::Access;
    "page_of_provider": Page<auth::oidc::Provider>;
    "page_of_identity": Page<auth::oidc::Identity>;
    "begun_device": auth::device::BegunDevice;
    "asking_device": auth::device::AskingDevice;
    "create_trust": trust::CreateTrust;
    "page_of_trust": Page<trust::Trust>;
    "webhook": webhook::Webhook;
    "page_of_webhook": Page<webhook::Webhook>;
    "create_webhook": webhook::CreateWebhook;
    "change_webhook": webhook::ChangeWebhook;
    "new_webhook": webhook::NewWebhook;
    "delivery": webhook::Delivery;
    "page_of_delivery": Page<webhook::Delivery>;
    "audit_entry": audit::AuditEntry;
    "page_of_audit_entry": Page<audit::AuditEntry>;
    "cluster": cluster::Cluster;
    "page_of_cluster": Page<cluster::Cluster>;
    "create_cluster": cluster::CreateCluster;
    "extend": cluster::Extend;
    "auto_stop": cluster::AutoStop;
    "accepted": cluster::Accepted;
    "exec": cluster::Exec;
    "exec_result": cluster::ExecResult;
    "page_of_cluster_version": Page<cluster::ClusterVersion>;
    "task": task::Task;
    "page_of_task": Page<task::Task>;
    "page_of_event": Page<event::Event>;
    "page_of_host": Page<host::Host>;
    "installation": host::Installation;
    "pool_switch": host::PoolSwitch;
    // Events
    "event": event::Event;
    "ready": event::Ready;
    "reset": event::Reset;
    "access_changed": event::AccessChanged;
    "changed": event::Changed;
    // The WebSocket
    "to_server": socket::ToServer;
    "connected": socket::ToClient<socket::Connected>;
    "heartbeat": socket::ToClient<socket::Heartbeat>;
    "subscribe": socket::Subscribe;
    "subscribed": socket::ToClient<socket::Subscribed>;
    "unsubscribe": socket::Unsubscribe;
    "unsubscribed": socket::ToClient<socket::Unsubscribed>;
    "event_message": socket::EventMessage;
    "health_message": socket::HealthMessage;
    "socket_reset": socket::ToClient<socket::SocketReset>;
    "socket_error": socket::ToClient<socket::SocketError>;
    "whereabouts": socket::Whereabouts;
    "presence": socket::ToClient<socket::Presence>;
    // The bus
    "answer": bus::Answer<Value>;
    "published": bus::Published;
    "log_head": bus::LogHead;
    "log_request": bus::LogRequest;
    "log_reply": bus::LogReply;
    "presence_update": bus::PresenceUpdate;
    "admit_request": bus::AdmitRequest;
    "credential": bus::Credential;
    "admit_reply": bus::AdmitReply;
    "acquire_request": bus::AcquireRequest;
    "acquire_reply": bus::AcquireReply;
    "renew_request": bus::RenewRequest;
    "renew_reply": bus::RenewReply;
    "release_request": bus::ReleaseRequest;
    "release_reply": bus::ReleaseReply;
    "report_request": bus::ReportRequest;
    "verdict": bus::Verdict;
    "inventory_request": bus::InventoryRequest;
    "inventory_reply": bus::InventoryReply;
    "open_request": bus::OpenRequest;
    "open_reply": bus::OpenReply;
    "capability": bus::Capability;
    "control": bus::Control;
}

/// The generated files by their paths relative to `proto/`. They are written anew each time.
pub fn generated() -> BTreeMap<PathBuf, Value> {
    let messages = messages();
    let asyncapi = asyncapi::document(&messages);
    let schemas = messages
        .into_iter()
        .map(|message| (message.schema_path(), message.schema));
    schemas
        .chain([(PathBuf::from("asyncapi.json"), asyncapi)])
        .collect()
}

/// The text of `docs/events.md`, from the same source.
pub fn events_page() -> String {
    events_page::page(&messages())
}

/// A value as a file's text: indented, with a line break at the end.
pub fn text(value: &Value) -> String {
    format!("{value:#}\n")
}
