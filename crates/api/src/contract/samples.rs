//! One value of every message, with every field that can be there. A test shows that each is read
//! and written without a change.

mod account;
mod given;
mod people;

use serde_json::{Value, json};

use given::{
    CLUSTER, EVENT, HOST, INSTALLATION, LATER, ORGANIZATION, SEALED, SESSION, TASK, THEN, USER,
    WORKER, WORKSPACE,
};

/// The sample of a message of the registry; `null` for a name that is not there.
pub(super) fn of(name: &str) -> Value {
    http(name)
        .or_else(|| account::of(name))
        .or_else(|| people::of(name))
        .or_else(|| events(name))
        .or_else(|| bus(name))
        .or_else(|| work(name))
        .or_else(|| reach(name))
        .unwrap_or_default()
}

fn http(name: &str) -> Option<Value> {
    Some(match name {
        "problem" => json!({
            "type": "/docs/errors#invalid", "title": "A field is not valid", "status": 422,
            "detail": "The name is not valid. Change the fields named in `errors` and send the request again.",
            "code": "invalid", "reason": reason("invalid"),
            "errors": [{ "pointer": "/name", "detail": "must start with a lower-case letter" }],
            "request_id": "0123456789abcdef",
        }),
        "health" => json!({
            "status": "ok", "service": "api-gateway", "version": "0.1.0", "checks": [check()],
        }),
        "user" => user(),
        "register" => json!({
            "email": "anna@example.org", "password": "correct horse battery", "name": "Anna",
            "invitation": "a-secret",
        }),
        "login" => json!({ "email": "anna@example.org", "password": "correct horse battery" }),
        "token_form" => json!({
            "username": "anna@example.org", "password": "correct horse battery", "grant_type": "password",
        }),
        "tokens" => json!({
            "access_token": "header.claims.signature", "token_type": "bearer", "expires_in": 3600,
            "refresh_token": "family.n.mac",
        }),
        "refresh" => json!({ "refresh_token": "family.n.mac" }),
        "stream_token" => json!({ "token": "header.claims.signature", "expires_in": 60 }),
        "me" => json!({
            "user": user(), "session_id": SESSION,
            "organizations": [{
                "organization_id": ORGANIZATION, "name": "Anna", "role": "owner", "personal": true,
                "actions": ["cluster_read", "cluster_create"],
            }],
            "workspaces": [{ "id": WORKSPACE, "organization_id": ORGANIZATION, "name": "default" }],
            "scope": { "level": "use", "organization_id": ORGANIZATION }, "isolation": "dev",
            "has_password": true,
        }),
        "cluster" => cluster(),
        "page_of_cluster" => json!({ "items": [cluster()], "next_cursor": "b3BhcXVl" }),
        "create_cluster" => json!({
            "name": "demo", "ttl_hours": 4.0, "workspace_id": WORKSPACE, "k8s_version": "v1.34.4",
            "auto_stop_minutes": 30,
        }),
        "extend" => json!({ "hours": 2.0 }),
        "auto_stop" => json!({ "minutes": 30 }),
        "accepted" => json!({ "cluster": cluster(), "task": task() }),
        "exec" => json!({ "command": "kubectl get nodes", "encoding": "utf-8" }),
        "exec_result" => json!({
            "output": "node/demo\n", "error": "", "encoding": "utf-8", "exit_code": 0, "truncated": false,
        }),
        "page_of_cluster_version" => json!({
            "items": [{ "version": "v1.34.4", "default": true }], "next_cursor": null,
        }),
        "task" => task(),
        "page_of_task" => json!({ "items": [task()], "next_cursor": null }),
        "page_of_event" => json!({ "items": [event()], "next_cursor": "7" }),
        "page_of_host" => json!({ "items": [host()], "next_cursor": null }),
        "installation" => json!({
            "id": INSTALLATION, "version": "0.1.0", "pool_paused": false,
            "locked": reason("reaper_locked"),
            "invariants": [{
                "name": "broken_two_open_tasks", "what": "A cluster has at most one open task.",
                "violations": 1, "examples": [CLUSTER],
            }],
        }),
        "pool_switch" => json!({ "paused": true }),
        _ => return None,
    })
}

fn events(name: &str) -> Option<Value> {
    Some(match name {
        "event" => event(),
        "ready" => json!({ "cursor": "0000000a-7" }),
        "reset" => json!({ "reason": "too_old" }),
        "changed" => json!({
            "workspace_id": WORKSPACE, "cluster_id": CLUSTER, "host": "h0123456789ab",
            "webhook_id": "whk_0193000000007000800000000000000c",
        }),
        "access_changed" => json!({
            "user_id": USER, "session_ended": SESSION, "grants": grants(),
        }),
        other => return socket(other),
    })
}

fn socket(name: &str) -> Option<Value> {
    let said = |kind: &str, data: Value| json!({ "type": kind, "data": data });
    let here = || json!([{ "user_id": USER, "page": "/clusters/demo", "since": THEN }]);
    Some(match name {
        "to_server" => said(
            "subscribe:workspace",
            json!({ "id": WORKSPACE, "since": "0000000a-7" }),
        ),
        "connected" => said(
            "connected",
            json!({
                "user_id": USER, "session_id": SESSION, "cursor": "0000000a-7", "heartbeat_secs": 15,
            }),
        ),
        "heartbeat" => said("heartbeat", json!({ "cursor": "0000000a-7" })),
        "subscribe" => json!({
            "id": WORKSPACE, "since": "0000000a-7", "types": ["cluster.*", "task.changed"],
        }),
        "subscribed" => said(
            "subscribed",
            json!({
                "topic": "workspace", "id": WORKSPACE, "cursor": "0000000a-7", "reset": "too_old",
            }),
        ),
        "unsubscribe" => json!({ "id": WORKSPACE }),
        "unsubscribed" => said(
            "unsubscribed",
            json!({ "topic": "workspace", "id": WORKSPACE }),
        ),
        "event_message" => json!({
            "type": "workspace:status", "cursor": "0000000a-7", "data": event(),
        }),
        "health_message" => json!({
            "type": "vcluster:health", "cursor": "0000000a-7",
            "data": {
                "cluster_id": CLUSTER, "workspace_id": WORKSPACE, "status": "RUNNING",
                "version": 4, "health": "OK",
                "components": { "node": "OK", "storage": "OK", "api": "DOWN" },
            },
        }),
        "socket_reset" => said(
            "reset",
            json!({ "reason": "too_old", "cursor": "0000000a-7" }),
        ),
        "socket_error" => said(
            "error",
            json!({
                "code": "not_found", "message": "Not found, or you don't have access.",
                "about": "subscribe:cluster",
            }),
        ),
        "whereabouts" => json!({
            "organization_id": ORGANIZATION, "workspace_id": WORKSPACE, "cluster_id": CLUSTER,
            "page": "/clusters/demo",
        }),
        "presence" => said(
            "presence",
            json!({
                "organization_id": ORGANIZATION, "workspace_id": WORKSPACE, "cluster_id": CLUSTER,
                "here": here(),
            }),
        ),
        "presence_update" => json!({
            "replica": "0123456789abcdef", "organization_id": ORGANIZATION,
            "workspace_id": WORKSPACE, "cluster_id": CLUSTER, "here": here(),
        }),
        _ => return None,
    })
}

fn bus(name: &str) -> Option<Value> {
    Some(match name {
        "answer" => json!({ "fault": fault() }),
        "published" => json!({ "audience": audience(), "event": event() }),
        "log_head" => head(),
        "log_request" => json!({ "after": 6 }),
        "log_reply" => json!({
            "head": head(), "first": 1,
            "events": [{ "position": 7, "audience": audience(), "event": event() }],
        }),
        "admit_request" => json!({ "credential": SEALED, "seen": "0000000a-7" }),
        "credential" => json!({ "kind": "bearer", "value": "header.claims.signature" }),
        "admit_reply" => json!({
            "user_id": USER, "session_id": SESSION, "expires_at": LATER, "grants": grants(),
            "at": "0000000a-7",
        }),
        _ => return None,
    })
}

fn work(name: &str) -> Option<Value> {
    Some(match name {
        "acquire_request" => json!({
            "worker": WORKER, "life": 42, "driver": "docker", "free_slots": 4, "ask": 7, "held": [8],
        }),
        "acquire_reply" => json!({
            "installation": INSTALLATION,
            "leases": [{
                "cluster": CLUSTER, "fence": 9, "lease_secs": 60, "desired": desired(),
                "desired_rev": 3, "task": { "id": TASK, "kind": "create" },
            }],
        }),
        "renew_request" => json!({
            "worker": WORKER, "life": 42,
            "leases": [{ "cluster": CLUSTER, "fence": 9, "desired_rev": 3 }],
        }),
        "renew_reply" => json!({ "leases": [{ "cluster": CLUSTER, "verdict": verdict() }] }),
        "release_request" => json!({ "worker": WORKER, "life": 42 }),
        "release_reply" => json!({ "released": 1 }),
        "report_request" => json!({
            "worker": WORKER, "life": 42, "cluster": CLUSTER, "fence": 9, "desired_rev": 3,
            "step": {
                "step": "start", "generation": 1,
                "outcome": { "outcome": "failed", "reason": reason("step_failed"), "retryable": true },
                "log": ["the network is there"],
            },
            "observed": {
                "prepared": true, "node": "running", "ready": false, "api_port": 20000, "resources": 5,
                "endpoint": { "address": "127.0.0.1", "port": 20000, "server_name": "127.0.0.1" },
            },
            "admin": SEALED,
        }),
        "verdict" => verdict(),
        "inventory_request" => json!({
            "worker": WORKER, "driver": "docker", "slots": 4,
            "capacity": {
                "cpu_millis": 2000, "memory_mib": 8192, "memory_free_mib": 4096,
                "disk_mib": 102_400, "disk_free_mib": 51_200, "load_hundredths": 50,
            },
            "complete": true,
            "items": [{
                "cluster": CLUSTER, "generation": 1, "role": "node",
                "name": "labyard-01930000000070008000000000000005-g1", "running": true,
            }],
            "checks": [check()], "versions": ["v1.34.4"], "highest_fence": 0, "pool": 1,
            "fences": { INSTALLATION: 9 },
        }),
        "inventory_reply" => json!({ "installation": INSTALLATION, "remove": [CLUSTER] }),
        _ => return None,
    })
}

fn reach(name: &str) -> Option<Value> {
    Some(match name {
        "open_request" => json!({
            "stream": "0193a0b1", "capability": "header.claims.signature",
            "open": { "open": "exec", "argv": ["kubectl", "get", "nodes"] },
        }),
        "open_reply" => json!({ "sealed": SEALED }),
        "capability" => json!({
            "jti": "0193a0b1", "host": HOST, "cluster": CLUSTER, "generation": 1, "kind": "exec",
            "session": SESSION, "user": USER, "user_name": USER, "user_number": 0,
            "groups": ["labyard:owner"], "secs_max": 60, "output_max": 1_048_576,
            "exp": 1_795_176_030,
        }),
        "control" => json!({ "control": "exit", "offset": 1024, "code": 0, "truncated": false }),
        _ => return None,
    })
}

fn reason(code: &str) -> Value {
    json!({ "code": code, "message": "What happened here.", "fix": "What to do next." })
}

fn fault() -> Value {
    json!({ "code": "unavailable", "message": "Not now.", "retryable": true })
}

fn check() -> Value {
    json!({ "name": "bus", "ok": true, "message": "ok" })
}

fn user() -> Value {
    json!({
        "id": USER, "email": "anna@example.org", "name": "Anna", "is_admin": true, "created_at": THEN,
    })
}

fn resources() -> Value {
    json!({ "cpu_millis": 2000, "memory_mib": 2048, "pids": 4096 })
}

fn cluster() -> Value {
    json!({
        "id": CLUSTER, "organization_id": ORGANIZATION, "workspace_id": WORKSPACE, "name": "demo",
        "status": "PROVISIONING", "reason": reason("queued"), "k8s_version": "v1.34.4",
        "driver": "docker", "host": HOST, "generation": 1, "resources": resources(),
        "created_by": USER, "created_at": THEN, "expires_at": LATER, "deleted_at": null,
        "health": "OK", "components": { "node": "OK", "storage": "OK", "api": "DOWN" }, "auto_stop_minutes": 30,
        "idle": { "since": THEN, "because": "exec", "stops_at": LATER },
        "task_id": TASK, "version": 2,
    })
}

fn host() -> Value {
    json!({
        "id": HOST, "driver": "docker", "seen_at": THEN, "reachable": true, "slots": 4, "busy": 1,
        "clusters": 2,
        "capacity": {
            "cpu_millis": 2000, "memory_mib": 8192, "memory_free_mib": 4096,
            "disk_mib": 102_400, "disk_free_mib": 51_200,
        },
        "reserved": { "cpu_millis": 4000, "memory_mib": 4096 }, "load": 0.5,
        "full": reason("queued"), "checks": [check()], "versions": ["v1.34.4"],
        "pool": { "wanted": 1, "ready": 1, "filling": 0 },
        "ledger": [{
            "name": "labyard-01930000000070008000000000000005-g1", "role": "node",
            "cluster_id": CLUSTER, "first_seen_at": THEN, "seen": 2,
        }],
    })
}

fn task() -> Value {
    json!({
        "id": TASK, "organization_id": ORGANIZATION, "workspace_id": WORKSPACE,
        "cluster_id": CLUSTER, "cluster_name": "demo", "kind": "create", "status": "in_progress",
        "percent": 25,
        "steps": [{
            "step": "prepare", "worker": WORKER, "started_at": THEN, "ended_at": LATER,
            "reason": reason("no_port"), "log": ["the network is there"],
        }],
        "reason": reason("queued"), "failure": { "by": "platform", "retryable": true },
        "queue": { "position": 1, "wait_secs": 5 }, "retry_of": TASK, "attempt": 1, "created_by": USER, "created_at": THEN,
        "started_at": THEN, "ended_at": null, "version": 2,
    })
}

fn event() -> Value {
    json!({
        "id": EVENT, "type": "cluster.changed", "time": LATER, "organization_id": ORGANIZATION,
        "workspace_id": WORKSPACE, "cluster_id": CLUSTER, "task_id": TASK,
        "status": "PROVISIONING", "version": 2, "data": cluster(),
    })
}

fn audience() -> Value {
    json!({ "to": "organization", "organization_id": ORGANIZATION, "least_role": "viewer" })
}

fn grants() -> Value {
    json!({
        "organizations": [{ "organization_id": ORGANIZATION, "role": "member" }],
        "clusters": [{ "cluster_id": CLUSTER, "until": LATER }],
    })
}

fn head() -> Value {
    json!({ "incarnation": "0000000a", "position": 7 })
}

fn desired() -> Value {
    json!({
        "goal": "running", "generation": 1, "data_generation": 1, "k8s_version": "v1.34.4",
        "resources": resources(), "api_port": 20000,
    })
}

fn verdict() -> Value {
    json!({ "verdict": "continue", "lease_secs": 60, "desired_rev": 4, "desired": desired() })
}
