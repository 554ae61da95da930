//! The bare node: the same image, settings, limits and conditions, by the docker command alone.

use std::time::{Duration, Instant};

use e2e::command::{docker, run};

/// The first of the ports; the next numbers have the next ones.
const PORT: u16 = 19_900;
/// The same prober's interval for both arms.
const POLL: Duration = Duration::from_millis(25);
const READY_MAX: Duration = Duration::from_secs(120);
const VOLUMES: [(&str, &str); 4] = [
    ("state", "/var/lib/rancher/k3s/server"),
    ("data", "/var/lib/rancher/k3s/storage"),
    ("cache", "/var/lib/rancher/k3s/agent/containerd"),
    ("kubelet", "/var/lib/kubelet"),
];

/// A bare lab that is removed when dropped. Labs of different numbers stand beside each other.
pub(crate) struct Bare {
    name: String,
    port: u16,
}

impl Bare {
    /// Runs a node until it is ready; gives the seconds from the first command on.
    pub(crate) fn start(number: u8) -> (Self, f64) {
        let lab = Self {
            name: format!("labyard-bench-bare-{number}"),
            port: PORT + u16::from(number),
        };
        lab.remove();
        let began = Instant::now();
        let subnet = format!("10.212.{number}.0/28");
        docker(&["network", "create", "--subnet", &subnet, &lab.name]).ok();
        let image =
            std::env::var("LABYARD_NODE_IMAGE").expect("LABYARD_NODE_IMAGE names the image");
        let mut arguments = "run -d --hostname lab --cap-add ALL --cap-drop SYS_RESOURCE --cgroupns private \
            --device /dev/kmsg --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
            --security-opt systempaths=unconfined --tmpfs /run --tmpfs /tmp --cpus 2 --memory 2g --memory-swap 2g \
            --pids-limit 4096 --log-opt max-size=10m --log-opt max-file=3"
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        arguments
            .extend(["--name", &lab.name, "--network", &lab.name, "--publish"].map(str::to_owned));
        arguments.push(format!("127.0.0.1:{}:6443", lab.port));
        for (role, path) in VOLUMES {
            arguments.extend(["--volume".to_owned(), format!("{}-{role}:{path}", lab.name)]);
        }
        arguments.push(image);
        docker(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).ok();
        lab.until_ready(began);
        let seconds = began.elapsed().as_secs_f64();
        (lab, seconds)
    }

    /// Stops it, and starts it again until it is ready; gives the seconds of the start.
    pub(crate) fn restart(&self) -> f64 {
        docker(&["stop", &self.name]).ok();
        let began = Instant::now();
        docker(&["start", &self.name]).ok();
        self.until_ready(began);
        began.elapsed().as_secs_f64()
    }

    /// `/readyz`, then the default ServiceAccount and a Ready node, then the ClusterIP from inside.
    fn until_ready(&self, began: Instant) {
        let url = format!("https://127.0.0.1:{}/readyz", self.port);
        let api = || {
            let said =
                run(std::process::Command::new("curl").args(["-sk", "--max-time", "1", &url]));
            said.out == "ok"
        };
        let inside = |script: &str| docker(&["exec", &self.name, "sh", "-c", script]).code == 0;
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

    fn remove(&self) {
        docker(&["rm", "-f", "-v", &self.name]);
        for (role, _) in VOLUMES {
            docker(&["volume", "rm", "-f", &format!("{}-{role}", self.name)]);
        }
        docker(&["network", "rm", &self.name]);
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.remove();
    }
}

fn wait(began: Instant, ready: impl Fn() -> bool) {
    while !ready() {
        assert!(began.elapsed() < READY_MAX, "the bare node is not ready");
        std::thread::sleep(POLL);
    }
}
