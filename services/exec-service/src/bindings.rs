//! Who may what inside a cluster: fixed bindings of groups to Kubernetes' own roles, made once for
//! each instance, and those of a namespace when it is first granted. Nothing about people is ever
//! written into a cluster.

use domain::Group;
use k8s_openapi::api::{
    core::v1::Namespace,
    rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding},
};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};

/// What operators may beyond `view`: `edit` as this cluster's Kubernetes has it, but for acting as others, and
/// nodes and metrics.
const OPERATOR: &str = "labyard:operator-extra";
/// What the cluster's owners add to `edit`, for kinds of their own.
const OPERATOR_ADDED: &str = "labyard:operator-added";
/// Kubernetes' own part of `edit`.
const EDIT: &str = "system:aggregate-to-edit";
/// Acting as a service account is acting with its rights, and those of the system's are the cluster's.
const IMPERSONATE: &str = "impersonate";
/// The binding of operators to the whole of `edit`, as earlier versions made it.
const OLD_BINDING: &str = "labyard:operator";

/// Makes the bindings, or finds them as they should be.
pub(crate) async fn ensure(client: &Client) -> Result<(), kube::Error> {
    let roles: Api<ClusterRole> = Api::all(client.clone());
    let bindings: Api<ClusterRoleBinding> = Api::all(client.clone());
    let how = PatchParams::apply("labyard").force();
    // An owner may have removed it; the rest still lets people in.
    let edit = roles.get_opt(EDIT).await?.and_then(|role| role.rules);
    let edit = edit.unwrap_or_default();
    for (name, role) in [
        (OPERATOR, operator(edit)),
        (OPERATOR_ADDED, operator_added()),
    ] {
        roles.patch(name, &how, &Patch::Apply(role)).await?;
    }
    for (name, group, role) in [
        ("labyard:owner", Group::Owner, "cluster-admin"),
        ("labyard:operator-view", Group::Operator, "view"),
        (OPERATOR, Group::Operator, OPERATOR),
        (OPERATOR_ADDED, Group::Operator, OPERATOR_ADDED),
        ("labyard:viewer", Group::Viewer, "view"),
    ] {
        bindings
            .patch(name, &how, &Patch::Apply(binding(name, &group, role)))
            .await?;
    }
    match bindings.delete(OLD_BINDING, &DeleteParams::default()).await {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop),
    }
}

fn operator(edit: Vec<PolicyRule>) -> Value {
    let mut rules: Vec<PolicyRule> = edit.into_iter().filter_map(without_impersonation).collect();
    let seen = |group: &str, resources: &[&str], verbs: &[&str]| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(owned(resources)),
        verbs: owned(verbs),
        ..PolicyRule::default()
    };
    rules.extend([
        seen(
            "",
            &["nodes", "namespaces", "persistentvolumes"],
            &["get", "list", "watch"],
        ),
        seen("metrics.k8s.io", &["nodes", "pods"], &["get", "list"]),
    ]);
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": OPERATOR },
        "rules": rules,
    })
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A rule without that verb; one that allows every verb is left out, as nobody's `edit` has such.
fn without_impersonation(mut rule: PolicyRule) -> Option<PolicyRule> {
    rule.verbs.retain(|verb| verb != IMPERSONATE && verb != "*");
    (!rule.verbs.is_empty()).then_some(rule)
}

fn operator_added() -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": OPERATOR_ADDED },
        "aggregationRule": { "clusterRoleSelectors": [{
            "matchLabels": { "rbac.authorization.k8s.io/aggregate-to-edit": "true" },
            "matchExpressions": [{ "key": "kubernetes.io/bootstrapping", "operator": "DoesNotExist" }],
        }] },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(resource: &str, verbs: &[&str]) -> PolicyRule {
        PolicyRule {
            resources: Some(owned(&[resource])),
            verbs: owned(verbs),
            ..PolicyRule::default()
        }
    }

    #[test]
    fn operators_edit_and_act_as_nobody() {
        let edit = vec![
            rule("serviceaccounts", &["impersonate"]),
            rule("secrets", &["get", "impersonate"]),
            rule("pods", &["create"]),
            rule("all", &["*"]),
        ];
        let role = operator(edit);
        let text = role.to_string();
        assert!(
            !text.contains("impersonate") && !text.contains("\"*\""),
            "{text}"
        );
        let first: Vec<Option<&str>> = (0..2)
            .map(|n| role["rules"][n]["resources"][0].as_str())
            .collect();
        assert_eq!(first, [Some("secrets"), Some("pods")]);
    }
}
