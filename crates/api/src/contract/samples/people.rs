//! Samples of organizations, workspaces, shares and the audit.

use serde_json::{Value, json};

use super::given::{CLUSTER, EVENT, LATER, ORGANIZATION, THEN, USER, WORKSPACE};

const INVITATION: &str = "inv_01930000000070008000000000000009";
const SHARE: &str = "shr_0193000000007000800000000000000a";
const HOOK: &str = "https://example.org/hook";
const LINK: &str = "shr_0193000000007000800000000000000b";

pub(super) fn of(name: &str) -> Option<Value> {
    Some(match name {
        "organization" => organization(),
        "page_of_organization" => page(organization()),
        "name_organization" => json!({ "name": "Physics" }),
        "member" => member(),
        "page_of_member" => page(member()),
        "change_member" => json!({ "role": "admin" }),
        "transfer" => json!({ "user_id": USER }),
        "invitation" => invitation(),
        "page_of_invitation" => page(invitation()),
        "create_invitation" => json!({
            "role": "member", "email": "ben@example.org", "uses": 1, "days": 7,
        }),
        "new_invitation" => json!({
            "invitation": invitation(), "token": "a-secret", "url": "http://localhost:3000/invitation#a-secret",
        }),
        "invitation_token" | "redeem_share" => json!({ "token": "a-secret" }),
        "invitation_for" => json!({
            "organization_id": ORGANIZATION, "organization_name": "Physics", "role": "member",
            "email": "ben@example.org", "expires_at": LATER,
        }),
        "workspace_detail" => workspace(),
        "page_of_workspace_detail" => page(workspace()),
        "create_workspace" => json!({
            "organization_id": ORGANIZATION, "name": "class-7", "quota": quota(),
        }),
        "change_workspace" => json!({ "name": "class-8", "quota": quota() }),
        "share" => share(),
        "page_of_share" => page(share()),
        "create_share" => json!({
            "email": "ben@example.org", "level": "namespaces", "namespaces": namespaces(),
            "hours": 2.5, "uses": 1,
        }),
        "new_share" => json!({
            "share": share(), "token": "a-secret", "url": "http://localhost:3000/share#a-secret",
        }),
        "share_for" => json!({
            "cluster_name": "demo", "shared_by": "Anna", "level": "namespaces", "namespaces": namespaces(),
            "expires_at": LATER,
        }),
        "access" => json!({ "cluster_id": CLUSTER, "people": [{
            "person": person(), "actions": ["cluster_read", "cluster_use"],
            "groups": ["labyard:owner", "labyard:edit:team-a"],
            "because": [
                { "by": "role", "role": "owner" },
                { "by": "made_it" },
                { "by": "share", "share_id": SHARE, "level": "namespaces", "namespaces": namespaces(), "until": LATER, "link": true },
            ],
        }], "links": [link()], "more": true }),
        "webhook" => webhook(),
        "page_of_webhook" => page(webhook()),
        "create_webhook" => json!({ "url": HOOK, "types": ["cluster.changed"] }),
        "change_webhook" => json!({ "url": HOOK, "types": ["cluster.changed"], "enabled": true }),
        "new_webhook" => json!({ "webhook": webhook(), "secret": "whsec_YS1zZWNyZXQ=" }),
        "delivery" => delivery(),
        "page_of_delivery" => page(delivery()),
        "audit_entry" => entry(),
        "page_of_audit_entry" => page(entry()),
        _ => return None,
    })
}

fn page(item: Value) -> Value {
    json!({ "items": [item], "next_cursor": "a-cursor" })
}

fn webhook() -> Value {
    json!({
        "id": "whk_0193000000007000800000000000000c", "organization_id": ORGANIZATION, "workspace_id": WORKSPACE,
        "url": HOOK, "types": ["cluster.changed"], "enabled": false,
        "off_because": "Nothing went through for 5 days.", "failing_since": THEN, "next_try_at": LATER,
        "created_by": USER, "created_at": THEN,
    })
}

fn delivery() -> Value {
    json!({
        "at": LATER, "event_id": EVENT, "type": "cluster.changed", "attempt": 2, "outcome": "failed",
        "status": 502, "detail": "It answered 502 Bad Gateway.", "took_millis": 31,
    })
}

fn organization() -> Value {
    json!({
        "id": ORGANIZATION, "name": "Physics", "personal": false, "role": "owner", "members": 12,
        "workspaces": 2, "created_at": THEN,
    })
}

fn person() -> Value {
    json!({
        "user_id": USER, "name": "Anna", "email": "\u{430}nna@example.org", "email_verified": true,
        "lookalike": { "spelled": "\\u{430}nna@example.org", "looks_like": "anna@example.org", "mixed_scripts": true },
    })
}

fn member() -> Value {
    json!({
        "user_id": USER, "name": "Anna", "email": "anna@example.org", "role": "owner", "since": THEN,
    })
}

fn invitation() -> Value {
    json!({
        "id": INVITATION, "organization_id": ORGANIZATION, "role": "member", "email": "ben@example.org",
        "uses_left": 1, "expires_at": LATER, "created_by": USER, "created_at": THEN,
    })
}

fn quota() -> Value {
    json!({ "clusters": 20, "cpu_millis": 16000, "memory_mib": 32768, "cluster_hours": 400 })
}

fn workspace() -> Value {
    json!({
        "id": WORKSPACE, "organization_id": ORGANIZATION, "name": "class-7", "role": "admin",
        "status": "RUNNING",
        "full": {
            "code": "quota_exceeded", "message": "The workspace class-7 has 6 CPUs in use; 8 are allowed.",
            "fix": "What to do next.",
        },
        "quota": quota(),
        "used": { "clusters": 3, "cpu_millis": 6000, "memory_mib": 6144, "cluster_hours": 12.5 },
        "created_at": THEN,
    })
}

fn namespaces() -> Value {
    json!([{ "name": "team-a", "edit": true }])
}

fn share() -> Value {
    json!({
        "id": SHARE, "cluster_id": CLUSTER, "person": person(), "link_id": LINK, "level": "namespaces",
        "namespaces": namespaces(), "uses_left": 3, "expires_at": LATER, "created_by": USER,
        "created_at": THEN,
    })
}

fn link() -> Value {
    json!({
        "id": LINK, "cluster_id": CLUSTER, "level": "namespaces", "namespaces": namespaces(), "uses_left": 3,
        "expires_at": LATER, "created_by": USER, "created_at": THEN,
    })
}

fn entry() -> Value {
    json!({
        "number": 7, "at": THEN, "organization_id": ORGANIZATION, "workspace_id": WORKSPACE,
        "cluster_id": CLUSTER, "user_id": USER, "email": "anna@example.org", "action": "delete_cluster",
        "object": CLUSTER, "allowed": false, "code": "forbidden", "address": "192.0.2.7",
        "detail": { "role": "viewer" },
    })
}
