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
    api::{DeleteParams, ListParams, PartialObjectMeta, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::guard::SYSTEM;

/// What operators may beyond `view`: `edit` as this cluster's Kubernetes has it, but for acting as others, and
/// nodes and metrics.
const OPERATOR: &str = "labyard:operator-extra";
/// What those who edit a namespace may there beyond `view`: the same without nodes.
const EDITOR: &str = "labyard:editor";
/// What operators read of Secrets, in each namespace that is not the cluster's own: in those lie tokens of its administrators.
const SECRETS: &str = "labyard:secrets";
/// Namespaces in which operators read Secrets, at most.
const NAMESPACES_MAX: u32 = 500;
/// What reads.
const READS: [&str; 3] = ["get", "list", "watch"];
/// What the cluster's owners add to `edit`, for kinds of their own.
const OPERATOR_ADDED: &str = "labyard:operator-added";
/// Kubernetes' own part of `edit`.
const EDIT: &str = "system:aggregate-to-edit";
/// Acting as a service account is acting with its rights, and those of the system's are the cluster's.
const IMPERSONATE: &str = "impersonate";
/// So is asking for its token, under which name ever a rule has it.
const TOKENS: [&str; 3] = ["serviceaccounts/token", "*/token", "*"];
/// The bindings to the whole of `edit`, as earlier versions made them: of operators, and of those who edit a namespace.
const OLD_BINDING: &str = "labyard:operator";
const OLD_NAMESPACE_BINDING: &str = "labyard:edit";

/// Makes the bindings, or finds them as they should be.
pub(crate) async fn ensure(client: &Client) -> Result<(), kube::Error> {
    let roles: Api<ClusterRole> = Api::all(client.clone());
    let bindings: Api<ClusterRoleBinding> = Api::all(client.clone());
    let how = PatchParams::apply("labyard").force();
    // An owner may have removed it; the rest still lets people in.
    let edit = roles.get_opt(EDIT).await?.and_then(|role| role.rules);
    let edit = edit.unwrap_or_default();
    for (name, role) in [
        (EDITOR, role(EDITOR, editor(edit.clone()))),
        (OPERATOR, role(OPERATOR, operator(edit))),
        (SECRETS, role(SECRETS, vec![seen("", &["secrets"], &READS)])),
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
    gone(bindings.delete(OLD_BINDING, &DeleteParams::default()).await)
}

/// What is not there needs not be deleted.
fn gone<T>(deleted: Result<T, kube::Error>) -> Result<(), kube::Error> {
    match deleted {
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        other => other.map(drop),
    }
}

fn editor(edit: Vec<PolicyRule>) -> Vec<PolicyRule> {
    edit.into_iter().filter_map(as_nobody_else).collect()
}

fn operator(edit: Vec<PolicyRule>) -> Vec<PolicyRule> {
    let mut rules: Vec<PolicyRule> = editor(edit)
        .into_iter()
        .flat_map(reading_no_secrets)
        .collect();
    rules.extend([
        seen("", &["nodes", "namespaces", "persistentvolumes"], &READS),
        seen("metrics.k8s.io", &["nodes", "pods"], &["get", "list"]),
    ]);
    rules
}

fn seen(group: &str, resources: &[&str], verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(owned(resources)),
        verbs: owned(verbs),
        ..PolicyRule::default()
    }
}

/// A rule as it is but for Secrets, and beside it what it lets one do to Secrets without reading them.
fn reading_no_secrets(rule: PolicyRule) -> impl Iterator<Item = PolicyRule> {
    let resources = rule.resources.clone().unwrap_or_default();
    let (secrets, others): (Vec<String>, Vec<String>) = resources
        .into_iter()
        .partition(|resource| resource == "secrets");
    let mut unread = rule.verbs.clone();
    unread.retain(|verb| !READS.contains(&verb.as_str()));
    let kept = PolicyRule {
        resources: Some(others),
        ..rule.clone()
    };
    let written = PolicyRule {
        resources: Some(secrets),
        verbs: unread,
        ..rule
    };
    let says = |rule: &PolicyRule| {
        !rule.verbs.is_empty() && rule.resources.as_ref().is_some_and(|all| !all.is_empty())
    };
    [kept, written].into_iter().filter(says)
}

/// The namespaces in which operators may read Secrets: all but the cluster's own, each by its UID, as one that is made anew
/// has nothing of the one before.
pub(crate) async fn guests_namespaces(
    client: &Client,
) -> Result<Vec<(String, String)>, kube::Error> {
    let all: Api<Namespace> = Api::all(client.clone());
    let listed = all
        .list_metadata(&ListParams::default().limit(NAMESPACES_MAX))
        .await?;
    let named = |one: PartialObjectMeta<Namespace>| Some((one.metadata.uid?, one.metadata.name?));
    let names = listed.items.into_iter().filter_map(named);
    Ok(names
        .filter(|(_, name)| !name.starts_with(SYSTEM))
        .collect())
}

/// Lets operators read Secrets in a namespace; false where it is going and takes no more.
pub(crate) async fn ensure_secrets(client: &Client, namespace: &str) -> Result<bool, kube::Error> {
    let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), namespace);
    let mut wanted = binding(SECRETS, &Group::Operator, SECRETS);
    wanted["kind"] = "RoleBinding".into();
    wanted["metadata"]["namespace"] = namespace.into();
    let how = PatchParams::apply("labyard").force();
    match bindings.patch(SECRETS, &how, &Patch::Apply(wanted)).await {
        Err(kube::Error::Api(status)) if [403, 404].contains(&status.code) => Ok(false),
        Err(error) => Err(error),
        Ok(_) => Ok(true),
    }
}

fn role(name: &str, rules: Vec<PolicyRule>) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": { "name": name },
        "rules": rules,
    })
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A rule without what makes one somebody else; what allows every verb or every kind is left out, as nobody's `edit` has
/// such.
fn as_nobody_else(mut rule: PolicyRule) -> Option<PolicyRule> {
    rule.verbs.retain(|verb| verb != IMPERSONATE && verb != "*");
    let mut resources = rule.resources.take().unwrap_or_default();
    resources.retain(|resource| !TOKENS.contains(&resource.as_str()));
    let left = !rule.verbs.is_empty() && !resources.is_empty();
    rule.resources = Some(resources);
    left.then_some(rule)
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
    let (edit, view) = (
        Group::Edit(namespace.to_owned()),
        Group::View(namespace.to_owned()),
    );
    for (name, group, role) in [
        ("labyard:editor", &edit, EDITOR),
        ("labyard:editor-added", &edit, OPERATOR_ADDED),
        ("labyard:editor-view", &edit, "view"),
        ("labyard:view", &view, "view"),
    ] {
        bindings
            .patch(name, &how, &Patch::Apply(binding(name, group, role)))
            .await?;
    }
    let how = DeleteParams::default();
    gone(bindings.delete(OLD_NAMESPACE_BINDING, &how).await)
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
    fn guests_edit_and_act_as_nobody_else() {
        let edit = vec![
            rule("serviceaccounts", &["impersonate"]),
            rule("serviceaccounts/token", &["create"]),
            rule("secrets", &["get", "impersonate"]),
            rule("pods", &["create"]),
            rule("all", &["*"]),
            rule("*", &["create"]),
            rule("*/token", &["create"]),
            PolicyRule {
                resources: Some(owned(&["serviceaccounts/token", "configmaps"])),
                verbs: owned(&["create", "get"]),
                ..PolicyRule::default()
            },
            PolicyRule {
                non_resource_urls: Some(owned(&["/metrics"])),
                verbs: owned(&["get"]),
                ..PolicyRule::default()
            },
        ];
        for role in [
            role(EDITOR, editor(edit.clone())),
            role(OPERATOR, operator(edit)),
        ] {
            let text = role.to_string();
            for word in ["impersonate", "\"*\"", "token"] {
                assert!(!text.contains(word), "{word}: {text}");
            }
            for word in ["pods", "configmaps"] {
                assert!(text.contains(word), "{word}: {text}");
            }
        }
    }

    /// Tokens of the cluster's administrators lie in its own namespaces.
    #[test]
    fn operators_write_secrets_everywhere_and_read_them_in_namespaces_alone() {
        let edit = vec![
            rule("secrets", &["get", "list", "watch"]),
            rule("secrets", &["create", "get", "delete"]),
            PolicyRule {
                resources: Some(owned(&["secrets", "services/proxy"])),
                verbs: owned(&["watch", "get"]),
                ..PolicyRule::default()
            },
        ];
        let rules = operator(edit.clone());
        let said = |rule: &PolicyRule| {
            (
                rule.resources.clone().unwrap_or_default(),
                rule.verbs.clone(),
            )
        };
        assert_eq!(
            rules[..2].iter().map(said).collect::<Vec<_>>(),
            [
                (owned(&["secrets"]), owned(&["create", "delete"])),
                (owned(&["services/proxy"]), owned(&["watch", "get"])),
            ]
        );
        assert_eq!(
            editor(edit.clone()).len(),
            edit.len(),
            "in a namespace as Kubernetes has it"
        );
    }

    #[test]
    fn editors_see_and_edit_in_their_namespace_alone() {
        let namespaced = binding("labyard:editor", &Group::Edit("web".into()), EDITOR);
        assert_eq!(namespaced["kind"], "RoleBinding");
        assert_eq!(namespaced["metadata"]["namespace"], "web");
        assert_eq!(namespaced["roleRef"]["name"], "labyard:editor");
        assert_eq!(namespaced["subjects"][0]["name"], "labyard:edit:web");
    }
}
