//! The main job from the terminal.

use std::os::unix::fs::PermissionsExt;

use e2e::{
    labs,
    person::{PASSWORD, Person},
};
use testkit::eventually;

use std::time::Duration;

/// Logs the person's command line in.
pub(crate) fn log_in(person: &Person) {
    let words = [
        "auth",
        "login",
        "--email",
        &person.email,
        "--password-stdin",
    ];
    person.labyard_given(&words, PASSWORD).ok();
}

/// Somebody new with a command line that is logged in.
pub(crate) async fn somebody(name: &str) -> Person {
    let person = Person::register(name).await;
    log_in(&person);
    person
}

#[tokio::test]
async fn a_cluster_is_made_used_and_deleted_from_the_terminal() {
    let ana = Person::register("cli").await;

    let refused = ana.labyard(&["cluster", "list"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("labyard auth login"), "{refused:?}");

    log_in(&ana);
    let mode = std::fs::metadata(ana.config_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(ana.labyard(&["auth", "whoami"]).ok().contains(&ana.email));

    ana.labyard(&[
        "cluster",
        "create",
        "--name",
        "terminal",
        "--ttl-hours",
        "1",
    ])
    .ok();
    let listed = ana.labyard(&["cluster", "list"]).ok();
    assert!(
        listed.contains("terminal") && listed.contains("RUNNING"),
        "{listed}"
    );

    let json = ana
        .labyard(&["cluster", "get", "terminal", "-o", "json"])
        .ok();
    let cluster: api::cluster::Cluster = serde_json::from_str(&json).unwrap();

    let nodes = ana
        .labyard(&[
            "cluster", "exec", "terminal", "--", "kubectl", "get", "nodes",
        ])
        .ok();
    assert!(nodes.contains("Ready"), "{nodes}");
    let failed = ana.labyard(&[
        "cluster",
        "exec",
        "terminal",
        "--",
        "sh",
        "-c",
        "echo no >&2; exit 7",
    ]);
    assert_eq!((failed.code, failed.err.trim()), (7, "no"), "{failed:?}");
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: piped }\n";
    let apply = [
        "cluster", "exec", "terminal", "--", "kubectl", "apply", "-f", "-",
    ];
    let applied = ana.labyard_given(&apply, manifest).ok();
    assert!(applied.contains("configmap/piped created"), "{applied}");

    let kubeconfig = ana.labyard(&["cluster", "get-kubeconfig", "terminal"]);
    assert!(kubeconfig.err.is_empty() && kubeconfig.out.contains("certificate-authority-data"));

    ana.labyard(&["cluster", "extend", "terminal", "--hours", "2"])
        .ok();
    let longer: api::cluster::Cluster = serde_json::from_str(
        &ana.labyard(&["cluster", "get", "terminal", "-o", "json"])
            .ok(),
    )
    .unwrap();
    let added = longer.expires_at.datetime() - cluster.expires_at.datetime();
    assert_eq!(added.num_minutes(), 120);

    let unknown = ana.labyard(&["cluster", "get", "nowhere"]);
    assert_eq!(unknown.code, 4, "{unknown:?}");
    let taken = ana.labyard(&["cluster", "create", "--name", "terminal"]);
    assert_eq!(taken.code, 5, "{taken:?}");

    ana.labyard(&["cluster", "delete", "terminal"]).ok();
    assert!(!ana.labyard(&["cluster", "list"]).ok().contains("terminal"));
    eventually(Duration::from_secs(30), || async {
        labs::leftovers(cluster.id).is_empty().then_some(())
    })
    .await;

    ana.labyard(&["auth", "logout"]).ok();
    assert_eq!(ana.labyard(&["auth", "whoami"]).code, 3);
}
