//! The downloaded kubeconfig with a real kubectl: pods that find each other, logs, an end.

use std::{fs, path::Path, time::Duration};

use e2e::{command::kubectl, person::Person};
use testkit::eventually;

use crate::cli::log_in;

const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: "labyard/probe:1", imagePullPolicy: Never}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: client, image: "labyard/probe:1", imagePullPolicy: Never, command: [sleep, "600"]}]}
"#;

#[tokio::test]
async fn a_pod_reaches_another_by_its_services_name() {
    let ben = Person::register("kubectl").await;
    log_in(&ben);
    ben.labyard(&["cluster", "create", "--name", "pods"]).ok();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    fs::write(
        &config,
        ben.labyard(&["cluster", "get-kubeconfig", "pods"]).ok(),
    )
    .unwrap();
    let manifest = folder.path().join("pods.yaml");
    fs::write(&manifest, PODS).unwrap();

    let who = kubectl(&config, &["auth", "whoami", "-o", "json"]).ok();
    assert!(who.contains("labyard:owner"), "{who}");
    kubectl(&config, &["apply", "-f", manifest.to_str().unwrap()]).ok();
    kubectl(
        &config,
        &[
            "wait",
            "--for=condition=Ready",
            "--timeout=240s",
            "pod/web",
            "pod/client",
        ],
    )
    .ok();
    reach(&config, "http://web").await;
    let logs = kubectl(&config, &["logs", "web"]);
    assert_eq!(logs.code, 0, "{logs:?}");

    ben.labyard(&["cluster", "delete", "pods"]).ok();
    assert_ne!(
        kubectl(&config, &["get", "nodes", "--request-timeout=2s"]).code,
        0
    );
}

async fn reach(config: &Path, url: &str) {
    let answer = eventually(Duration::from_secs(30), || async {
        let said = kubectl(
            config,
            &[
                "exec", "client", "--", "wget", "-q", "-T", "2", "-O", "-", url,
            ],
        );
        (said.code == 0).then_some(said.out)
    })
    .await;
    assert!(answer.contains("labyard probe"), "{answer}");
}
