//! JSON: bodies of requests, and what a WebSocket's client says.

use api::{
    auth::{self, account, device, oidc},
    cluster::{AutoStop, CreateCluster, Exec, Extend},
    host::PoolSwitch,
    object::Object,
    organization::{
        ChangeMember, ChangeWorkspace, CreateInvitation, CreateWorkspace, InvitationToken,
        NameOrganization, Transfer,
    },
    share::{CreateShare, RedeemShare},
    socket::{Subscribe, ToServer, Unsubscribe, Whereabouts},
    trust::CreateTrust,
    webhook::{ChangeWebhook, CreateWebhook},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A body is an object, and says the same when it is written and read again.
pub fn bodies(bytes: &[u8]) {
    body::<account::ChangeAccount>(bytes);
    body::<account::ChangePassword>(bytes);
    body::<account::CreateApiToken>(bytes);
    body::<account::CreateResetLink>(bytes);
    body::<account::DeleteAccount>(bytes);
    body::<account::ResetPassword>(bytes);
    body::<auth::Login>(bytes);
    body::<auth::Refresh>(bytes);
    body::<auth::Register>(bytes);
    body::<auth::TokenForm>(bytes);
    body::<device::BeginDevice>(bytes);
    body::<device::DecideDevice>(bytes);
    body::<device::UserCode>(bytes);
    body::<oidc::BeginLogin>(bytes);
    body::<AutoStop>(bytes);
    body::<ChangeMember>(bytes);
    body::<ChangeWebhook>(bytes);
    body::<ChangeWorkspace>(bytes);
    body::<CreateCluster>(bytes);
    body::<CreateInvitation>(bytes);
    body::<CreateShare>(bytes);
    body::<CreateTrust>(bytes);
    body::<CreateWebhook>(bytes);
    body::<CreateWorkspace>(bytes);
    body::<Exec>(bytes);
    body::<Extend>(bytes);
    body::<InvitationToken>(bytes);
    body::<NameOrganization>(bytes);
    body::<PoolSwitch>(bytes);
    body::<RedeemShare>(bytes);
    body::<Transfer>(bytes);
}

fn body<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Object<T>>(bytes) else {
        return;
    };
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    assert_eq!(first, Some(&b'{'), "no object was read as one");
    again(&read.0);
}

/// Written, read and written once more it is the same.
fn again<T: DeserializeOwned + Serialize>(value: &T) {
    let written = serde_json::to_value(value).ok();
    let read = written
        .clone()
        .and_then(|value| serde_json::from_value::<T>(value).ok());
    let rewritten = read.and_then(|value| serde_json::to_value(value).ok());
    assert!(written.is_some(), "what was read cannot be written");
    assert_eq!(written, rewritten);
}

/// A message of a WebSocket's client.
pub fn socket(bytes: &[u8]) {
    let Ok(message) = serde_json::from_slice::<ToServer>(bytes) else {
        return;
    };
    let data = message.data.unwrap_or(Value::Null);
    if let Ok(wanted) = serde_json::from_value::<Subscribe>(data.clone()) {
        again(&wanted);
    }
    if let Ok(wanted) = serde_json::from_value::<Unsubscribe>(data.clone()) {
        again(&wanted);
    }
    if let Ok(place) = serde_json::from_value::<Whereabouts>(data) {
        again(&place);
    }
}
