//! Who may what inside a cluster: three fixed bindings of groups to Kubernetes' own roles, made
//! once for each instance. Nothing about people is ever written into a cluster.

use domain::role::Group;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

/// Nodes and metrics, which `edit` leaves out.
const OPERATOR_EXTRA: &str = "labyard:operator-extra";

/// Makes the bindings, or finds them as they should be.
pub(crate) async fn ensure(client: &Client) -> Result<(), kube::Error> {
    let roles: Api<ClusterRole> = Api::all(client.clone());
    let bindings: Api<ClusterRoleBinding> = Api::all(client.clone());
    let how = PatchParams::apply("labyard").force();
    roles
        .patch(OPERATOR_EXTRA, &how, &Patch::Apply(operator_extra()))
        .await?;
    for (name, group, role) in [
        ("labyard:owner", Group::Owner, "cluster-admin"),
        ("labyard:operator", Group::Operator, "edit"),
        (OPERATOR_EXTRA, Group::Operator, OPERATOR_EXTRA),
        ("labyard:viewer", Group::Viewer, "view"),
    ] {
        bindings
            .patch(name, &how, &Patch::Apply(binding(name, group, role)))
            .await?;
    }
    Ok(())
}

fn operator_extra() -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": OPERATOR_EXTRA },
        "rules": [
            { "apiGroups": [""], "resources": ["nodes", "namespaces", "persistentvolumes"], "verbs": ["get", "list", "watch"] },
            { "apiGroups": ["metrics.k8s.io"], "resources": ["nodes", "pods"], "verbs": ["get", "list"] },
        ],
    })
}

fn binding(name: &str, group: Group, role: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group.as_str() }],
    })
}
