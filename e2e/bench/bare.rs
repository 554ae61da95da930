//! The bare node: the same image, settings, limits and conditions, by the docker command alone.

use std::time::{Duration, Instant};

use e2e::command::{docker, run};

const NAME: &str = "labyard-bench-bare";
const PORT: &str = "19999";
/// The same prober's interval for both arms.
const POLL: Duration = Duration::from_millis(25);
const READY_MAX: Duration = Duration::from_secs(120);
const VOLUMES: [(&str, &str); 4] = [
    ("state", "/var/lib/rancher/k3s/server"),
    ("data", "/var/lib/rancher/k3s/storage"),
    ("cache", "/var/lib/rancher/k3s/agent/containerd"),
    ("kubelet", "/var/lib/kubelet"),
];

/// A bare lab that is removed when dropped.
pub(crate) struct Bare;

impl Bare {
    /// Runs a node until it is ready; gives the seconds from the first command on.
    pub(crate) fn start() -> (Self, f64) {
        remove();
        let began = Instant::now();
        docker(&["network", "create", "--subnet", "10.212.0.0/28", NAME]).ok();
        let image =
            std::env::var("LABYARD_NODE_IMAGE").expect("LABYARD_NODE_IMAGE names the image");
        let mut arguments = "run -d --hostname lab --cap-add ALL --cap-drop SYS_RESOURCE --cgroupns private \
            --device /dev/kmsg --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
            --security-opt systempaths=unconfined --tmpfs /run --tmpfs /tmp --cpus 2 --memory 2g --memory-swap 2g \
            --pids-limit 4096 --log-opt max-size=10m --log-opt max-file=3"
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        arguments.extend(["--name", NAME, "--network", NAME, "--publish"].map(str::to_owned));
        arguments.push(format!("127.0.0.1:{PORT}:6443"));
        for (role, path) in VOLUMES {
            arguments.extend(["--volume".to_owned(), format!("{NAME}-{role}:{path}")]);
        }
        arguments.push(image);
        docker(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).ok();
        until_ready(began);
        (Self, began.elapsed().as_secs_f64())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        remove();
    }
}

/// `/readyz`, then the default ServiceAccount and a Ready node, then the ClusterIP from inside.
fn until_ready(began: Instant) {
    let url = format!("https://127.0.0.1:{PORT}/readyz");
    let api = || {
        let said = run(std::process::Command::new("curl").args(["-sk", "--max-time", "1", &url]));
        said.out == "ok"
    };
    let inside = |script: &str| docker(&["exec", NAME, "sh", "-c", script]).code == 0;
    wait(began, api);
    wait(began, || {
        inside(
            "kubectl get serviceaccount default -n default >/dev/null 2>&1 && \
             kubectl get node -o 'jsonpath={.items[*].status.conditions[?(@.type==\"Ready\")].status}' | grep -q True",
        )
    });
    wait(began, || {
        inside("kubectl --server=https://10.43.0.1 --request-timeout=1s get --raw /readyz")
    });
}

fn wait(began: Instant, ready: impl Fn() -> bool) {
    while !ready() {
        assert!(began.elapsed() < READY_MAX, "the bare node is not ready");
        std::thread::sleep(POLL);
    }
}

fn remove() {
    docker(&["rm", "-f", "-v", NAME]);
    for (role, _) in VOLUMES {
        docker(&["volume", "rm", "-f", &format!("{NAME}-{role}")]);
    }
    docker(&["network", "rm", NAME]);
}
