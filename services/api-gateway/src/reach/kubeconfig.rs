//! A kubeconfig on its way from a host to a person: kubectl obeys programs, files and proxies in one, and a host may be
//! hostile. Taken is what ours have and nothing else, and it leads to this machine alone.

use domain::{ClusterId, Code};
use serde::{Deserialize, Serialize};

use crate::kernel::error::Error;

/// Larger than any of ours.
const BYTES_MAX: usize = 64 << 10;
/// Where clusters answer who is on their host (docs/ARCHITECTURE.md, "kubeconfig").
const LOOPBACK: &str = "https://127.0.0.1:";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Kubeconfig {
    #[serde(rename = "apiVersion")]
    api_version: String,
    kind: String,
    current_context: String,
    clusters: [NamedCluster; 1],
    users: [NamedUser; 1],
    contexts: [NamedContext; 1],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority_data: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedUser {
    name: String,
    user: User,
}

/// Not printed, so not `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct User {
    client_certificate_data: String,
    client_key_data: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Context {
    cluster: String,
    user: String,
}

/// What a cluster, its user and its context are called in a kubeconfig: after the cluster, with its workspace where the
/// person sees another of its name, by its ID where that is not enough. Several kubeconfigs are read as one, and what has
/// one name is one thing there.
pub(crate) fn name(cluster: &Named, others: &[Named]) -> String {
    let alike = |other: &&Named| other.name == cluster.name && other.id != cluster.id;
    let (id, name) = (cluster.id, &cluster.name);
    match (&cluster.workspace, others.iter().find(alike)) {
        (_, None) => format!("labyard-{name}"),
        (Some(workspace), Some(_))
            if others
                .iter()
                .filter(alike)
                .all(|other| other.workspace.as_ref() != Some(workspace)) =>
        {
            format!("labyard-{workspace}/{name}")
        }
        _ => format!("labyard-{name}-{id}"),
    }
}

/// A cluster as a person knows it.
pub(crate) struct Named {
    pub(crate) id: ClusterId,
    pub(crate) name: String,
    /// Its workspace's name, for those who are in it.
    pub(crate) workspace: Option<String>,
}

/// What a host made for somebody, written anew under the cluster's name: JSON, which every YAML reader reads.
///
/// # Errors
/// When it is anything but such a kubeconfig.
pub(crate) fn read(bytes: &[u8], name: &str) -> Result<String, Error> {
    let refused = |why: &str| {
        tracing::error!(why, "a host made a kubeconfig that is not given to anybody");
        Error::new(
            Code::Unavailable,
            "The cluster's host returned an unusable kubeconfig.",
        )
    };
    if bytes.len() > BYTES_MAX {
        return Err(refused("it is too large"));
    }
    let mut read: Kubeconfig =
        serde_json::from_slice(bytes).map_err(|error| refused(&error.to_string()))?;
    let port = read.clusters[0].cluster.server.strip_prefix(LOOPBACK);
    if port.is_none_or(|port| port.parse::<u16>().is_err() || port.starts_with('+')) {
        return Err(refused("its server is not on the loopback"));
    }
    if (read.api_version.as_str(), read.kind.as_str()) != ("v1", "Config") {
        return Err(refused("it is of another kind"));
    }
    for place in [
        &mut read.current_context,
        &mut read.clusters[0].name,
        &mut read.users[0].name,
        &mut read.contexts[0].name,
        &mut read.contexts[0].context.cluster,
        &mut read.contexts[0].context.user,
    ] {
        name.clone_into(place);
    }
    let text = serde_json::to_string_pretty(&read).map_err(|error| refused(&error.to_string()))?;
    Ok(text + "\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NAME: &str = "labyard-demo";

    fn read(bytes: &[u8]) -> Result<String, Error> {
        super::read(bytes, NAME)
    }

    fn ours() -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": NAME,
            "clusters": [{ "name": NAME, "cluster": {
                "server": "https://127.0.0.1:20001", "certificate-authority-data": "QQ==",
            }}],
            "users": [{ "name": NAME, "user": {
                "client-certificate-data": "Qw==", "client-key-data": "Sw==",
            }}],
            "contexts": [{ "name": NAME, "context": { "cluster": NAME, "user": NAME } }],
        })
    }

    #[test]
    fn what_ours_have_is_given() {
        let given = read(ours().to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&given).unwrap(), ours());
    }

    /// Two of them in one `KUBECONFIG` had one user, and the second cluster knew nobody.
    #[test]
    fn whatever_a_host_calls_things_they_have_the_clusters_name() {
        let theirs = ours().to_string().replace(NAME, "usr_y");
        assert_eq!(
            read(theirs.as_bytes()).unwrap(),
            read(ours().to_string().as_bytes()).unwrap()
        );
        let named = |n: u128, name: &str, workspace: Option<&str>| Named {
            id: ClusterId::from_uuid(uuid::Uuid::from_u128(n)),
            name: name.into(),
            workspace: workspace.map(Into::into),
        };
        let demo = || named(1, "demo", Some("team"));
        for (others, wanted) in [
            (vec![], "labyard-demo".to_owned()),
            (
                vec![demo(), named(2, "other", Some("team"))],
                "labyard-demo".into(),
            ),
            (
                vec![demo(), named(2, "demo", Some("mine"))],
                "labyard-team/demo".into(),
            ),
            (
                vec![demo(), named(2, "demo", None)],
                "labyard-team/demo".into(),
            ),
            (
                vec![demo(), named(2, "demo", Some("team"))],
                format!("labyard-demo-{}", demo().id),
            ),
        ] {
            assert_eq!(name(&demo(), &others), wanted);
        }
        let shared = named(1, "demo", None);
        assert_eq!(name(&shared, &[demo()]), "labyard-demo");
        let other = named(2, "demo", None);
        assert_eq!(
            name(&shared, &[other]),
            format!("labyard-demo-{}", shared.id)
        );
    }

    /// Each field by which kubectl does what the file says.
    #[test]
    fn a_host_has_kubectl_do_nothing() {
        let with = |pointer: &str, key: &str, value: Value| {
            let mut changed = ours();
            changed.pointer_mut(pointer).unwrap()[key] = value;
            changed
        };
        let user = "/users/0/user";
        let cluster = "/clusters/0/cluster";
        let program = json!({ "apiVersion": "client.authentication.k8s.io/v1", "command": "sh" });
        let second = json!({ "name": "b", "user": { "exec": program } });
        for changed in [
            with(user, "exec", program.clone()),
            with(user, "auth-provider", json!({ "name": "oidc" })),
            with(user, "tokenFile", json!("/etc/passwd")),
            with(user, "token", json!("t")),
            with(user, "client-key", json!("/etc/ssl/private/key")),
            with(user, "as", json!("system:admin")),
            with(cluster, "proxy-url", json!("http://192.0.2.1")),
            with(cluster, "certificate-authority", json!("/etc/passwd")),
            with(cluster, "insecure-skip-tls-verify", json!(true)),
            with(cluster, "tls-server-name", json!("x")),
            with(cluster, "server", json!("https://192.0.2.1:6443")),
            with(
                cluster,
                "server",
                json!("https://127.0.0.1:1@192.0.2.1:6443"),
            ),
            with(cluster, "server", json!("https://127.0.0.1:20001/path")),
            with("", "extensions", json!([])),
            with("", "preferences", json!({ "colors": true })),
            with("", "kind", json!("List")),
            with("", "users", json!([])),
            with("", "users", json!([ours()["users"][0], second])),
        ] {
            assert!(read(changed.to_string().as_bytes()).is_err(), "{changed}");
        }
        for text in ["", "apiVersion: v1\n", "[]", "null", "{}"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        let twice = ours()
            .to_string()
            .replacen("\"kind\"", "\"kind\":\"Config\",\"kind\"", 1);
        assert!(read(twice.as_bytes()).is_err(), "a field twice");
        let long = with("", "current-context", json!("x".repeat(BYTES_MAX)));
        assert!(read(long.to_string().as_bytes()).is_err(), "without end");
    }
}
