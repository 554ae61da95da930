//! The contract on real Docker, with real Kubernetes: pods, Services, names.

use std::time::Duration;

use domain::Goal;
use drivers::{Command, Driver, Output, Provision, Reach, Spec, contract};
use futures_util::StreamExt;

use crate::{installation, options, spec};

const PODS: &str = r#"kubectl apply -f - <<'YAML'
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
spec: {containers: [{name: client, image: "labyard/probe:1", imagePullPolicy: Never, command: [sleep, infinity]}]}
YAML
kubectl wait --for=condition=Ready --timeout=60s pod/web pod/client"#;

/// Asked again for 30 s: DNS comes a moment after the cluster is ready.
const REACH: &str = r#"for i in $(seq 30); do
  kubectl exec client -- wget -q -T 2 -O - http://web | grep -q 'labyard probe' &&
  kubectl exec client -- wget -q -T 2 -O - --no-check-certificate https://kubernetes.default.svc/readyz | grep -q ok &&
  kubectl exec client -- nslookup -type=a web.default.svc.cluster.local && exit 0
  sleep 1
done; exit 1"#;

/// What a stranger's uid can read of the node's secrets: it must be nothing.
const SECRETS: &str = r#"for f in /var/lib/rancher/k3s/server/db/state.db /etc/rancher/k3s/k3s.yaml /var/lib/rancher/k3s/server/tls; do
  if cat "$f" >/dev/null 2>&1 || ls "$f" >/dev/null 2>&1 && [ -r "$f" ]; then echo "$f"; fi
done"#;

/// What a lab's root puts in the place of its credential: what never answers, never ends, is no file or says something else.
const WORST: [&str; 6] = [
    "mkfifo k3s.yaml",
    "ln -s /dev/zero k3s.yaml",
    "ln -s /proc/kmsg k3s.yaml",
    "yes 'client-key-data: ' | head -c 100000000 >k3s.yaml",
    "mkdir k3s.yaml",
    "printf 'users:\\n- user:\\n    exec: {command: touch}\\n' >k3s.yaml",
];
/// A lab's answer is waited for seconds; this machine may have other work beside.
const PATIENCE: Duration = Duration::from_secs(30);

async fn run(driver: &Driver, spec: &Spec, script: &str, user: Option<&str>) -> (i32, String) {
    let command = Command {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        env: vec!["KUBECONFIG=/etc/rancher/k3s/k3s.yaml".into()],
        user: user.map(str::to_owned),
        ..Command::default()
    };
    let mut running = driver.exec(spec.instance(), command).await.unwrap();
    let mut said = String::new();
    while let Some(piece) = running.output.next().await {
        let (Output::Stdout(bytes) | Output::Stderr(bytes)) = piece.unwrap();
        said.push_str(&String::from_utf8_lossy(&bytes));
    }
    (running.exit.await.unwrap(), said)
}

#[track_caller]
fn good((code, said): (i32, String)) -> String {
    assert_eq!(code, 0, "{said}");
    said
}

#[tokio::test]
async fn the_contract_holds() {
    if std::env::var_os("LABYARD_TEST_DOCKER").is_none() {
        return;
    }
    let driver = options(&["--driver", "docker"]).connect().await.unwrap();
    let id = installation();
    let mut first = spec(&id);
    let outcome = tokio::spawn({
        let (driver, id) = (driver.clone(), id.clone());
        async move {
            life(&driver, &mut first).await;
            contract::remove_from_every_state(&driver, || spec(&id)).await;
            contract::what_undoes_a_step_does(&driver, || spec(&id)).await;
            contract::a_late_create_makes_nothing_twice(&driver, &mut spec(&id)).await;
        }
    })
    .await;
    for item in driver.inventory(&id).await.items {
        driver.remove(&id, item.cluster).await.unwrap();
    }
    outcome.unwrap();
}

async fn life(driver: &Driver, spec: &mut Spec) {
    assert!(contract::reach(driver, spec).await.ready);
    contract::others_are_left_alone(driver, spec).await;
    good(run(driver, spec, PODS, None).await);
    good(run(driver, spec, REACH, None).await);
    assert_eq!(
        good(run(driver, spec, SECRETS, Some("65534:65534")).await).trim(),
        ""
    );
    hostile(driver, spec).await;
    let before = good(run(driver, spec, "kubectl get pod,service -o name | sort", None).await);

    spec.desired.goal = Goal::Stopped;
    let began = std::time::Instant::now();
    contract::reach(driver, spec).await;
    assert!(
        began.elapsed() < PATIENCE * 2,
        "stopping took {:?}",
        began.elapsed()
    );
    spec.desired.goal = Goal::Running;
    assert!(contract::reach(driver, spec).await.ready);
    let after = good(run(driver, spec, "kubectl get pod,service -o name | sort", None).await);
    assert_eq!(after, before, "stop and start kept the objects");

    spec.desired.goal = Goal::Deleted;
    contract::nothing_is_left(driver, spec).await;
}

/// The lab stays as reachable as it is, and says at once that it is not ready.
async fn hostile(driver: &Driver, spec: &Spec) {
    assert!(driver.credential(spec.instance()).await.is_ok());
    good(run(driver, spec, "cp /etc/rancher/k3s/k3s.yaml /run/kept", None).await);
    for worst in WORST {
        let script = format!("cd /etc/rancher/k3s && rm -rf k3s.yaml && {worst}");
        good(run(driver, spec, &script, None).await);
        let began = std::time::Instant::now();
        assert!(driver.credential(spec.instance()).await.is_err(), "{worst}");
        assert!(began.elapsed() < PATIENCE, "{worst}: {:?}", began.elapsed());
        let observed = driver.observe(spec).await.unwrap();
        assert!(!observed.ready && began.elapsed() < PATIENCE * 2, "{worst}");
    }
    let restore = "cd /etc/rancher/k3s && rm -rf k3s.yaml && cp /run/kept k3s.yaml";
    good(run(driver, spec, restore, None).await);
    assert!(driver.observe(spec).await.unwrap().ready);
}
