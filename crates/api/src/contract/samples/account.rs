//! Samples of logins, passwords and API tokens.

use serde_json::{Value, json};

use super::{LATER, ORGANIZATION, SESSION, THEN};

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
        _ => return None,
    })
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
