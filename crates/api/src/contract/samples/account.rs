//! Samples of logins, passwords and API tokens.

use serde_json::{Value, json};

use super::given::{LATER, ORGANIZATION, SESSION, THEN};

pub(super) fn of(name: &str) -> Option<Value> {
    Some(match name {
        "page_of_session" => json!({ "items": [{
            "id": SESSION, "kind": "browser", "address": "192.0.2.7", "created_at": THEN, "last_used_at": THEN,
            "expires_at": LATER, "current": true,
        }], "next_cursor": "a-cursor" }),
        "change_password" => json!({
            "password": "correct horse battery", "new_password": "battery horse correct",
        }),
        "change_account" => json!({
            "name": "Anna", "email": "anna@example.org", "password": "correct horse battery",
        }),
        "delete_account" => json!({ "password": "correct horse battery" }),
        "create_reset_link" => json!({ "email": "anna@example.org" }),
        "reset_link" => json!({
            "url": "http://localhost:3000/reset#a-secret", "token": "a-secret", "expires_at": LATER,
        }),
        "reset_password" => json!({ "token": "a-secret", "new_password": "battery horse correct" }),
        "create_api_token" => json!({ "name": "nightly", "scope": scope(), "days": 90 }),
        "page_of_api_token" => json!({ "items": [api_token()], "next_cursor": "a-cursor" }),
        "new_api_token" => json!({ "api_token": api_token(), "token": "lby_a-secret" }),
        "page_of_provider" => {
            json!({ "items": [{ "id": "acme", "label": "Acme" }], "next_cursor": "a-cursor" })
        }
        "page_of_identity" => json!({ "items": [{
            "id": "idn_0193000000007000800000000000000c", "provider": "acme", "subject": "248289761001",
            "email": "anna@example.org", "created_at": THEN, "last_used_at": THEN,
        }], "next_cursor": "a-cursor" }),
        "begun_device" => json!({
            "device_code": "a-secret", "user_code": "BCDF-GHJK", "verification_uri": "http://localhost:3000/device",
            "verification_uri_complete": "http://localhost:3000/device#BCDF-GHJK", "expires_in": 600, "interval": 2,
        }),
        "asking_device" => json!({
            "client": "labyard on box", "address": "192.0.2.7", "created_at": THEN, "expires_at": LATER,
        }),
        "create_trust" => json!({
            "name": "shop", "issuer": ISSUER, "audience": "http://localhost:3000", "claims": claims(),
            "level": "change", "minutes": 60,
        }),
        "page_of_trust" => json!({ "items": [{
            "id": "tru_0193000000007000800000000000000d", "name": "shop",
            "user_id": "usr_01930000000070008000000000000009", "issuer": ISSUER,
            "audience": "http://localhost:3000", "claims": claims(), "level": "change", "minutes": 60,
            "created_at": THEN, "last_used_at": THEN,
        }], "next_cursor": "a-cursor" }),
        _ => return None,
    })
}

const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn claims() -> Value {
    json!({ "repository": "acme/shop", "ref": "refs/heads/main" })
}

fn scope() -> Value {
    json!({ "level": "change", "organization_id": ORGANIZATION })
}

fn api_token() -> Value {
    json!({
        "id": SESSION, "name": "nightly", "prefix": "lby_0123abcd", "scope": scope(), "created_at": THEN,
        "expires_at": LATER, "last_used_at": THEN,
    })
}
