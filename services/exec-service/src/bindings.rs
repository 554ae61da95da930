//! Who may what inside a cluster: fixed bindings of groups to Kubernetes' own roles, made once for
//! each instance, and those of a namespace when it is first granted. Nothing about people is ever
//! written into a cluster.

use domain::Group;
use k8s_openapi::api::{
    core::v1::Namespace,
    rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding},
};
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
            .patch(name, &how, &Patch::Apply(binding(name, &group, role)))
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

/// Makes a granted namespace and the bindings of its two groups, or finds them as they should be.
/// Its pods are held to Kubernetes' `baseline`: who may only edit one namespace must not become
/// root on the node by a pod in it.
pub(crate) async fn ensure_namespace(client: &Client, namespace: &str) -> Result<(), kube::Error> {
    let how = PatchParams::apply("labyard").force();
    let wanted = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": namespace, "labels": { "pod-security.kubernetes.io/enforce": "baseline" } },
    });
    let namespaces: Api<Namespace> = Api::all(client.clone());
    namespaces
        .patch(namespace, &how, &Patch::Apply(wanted))
        .await?;
    let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), namespace);
    for (name, group, role) in [
        ("labyard:edit", Group::Edit(namespace.to_owned()), "edit"),
        ("labyard:view", Group::View(namespace.to_owned()), "view"),
    ] {
        bindings
            .patch(name, &how, &Patch::Apply(binding(name, &group, role)))
            .await?;
    }
    Ok(())
}

/// A binding of a group in its namespace, or in the whole cluster where it has none.
fn binding(name: &str, group: &Group, role: &str) -> Value {
    let kind = match group.namespace() {
        Some(_) => "RoleBinding",
        None => "ClusterRoleBinding",
    };
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": { "name": name, "namespace": group.namespace() },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group.to_string() }],
    })
}
