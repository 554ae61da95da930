//! A nats-server of a test's own, on a free port, with the configuration of `deploy/nats`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use crate::{port::free_port, root::root};

/// A server that does not listen by then never will, on however busy a machine.
const START: Duration = Duration::from_secs(60);
/// Hosts that may log in (`host-h1` …); every password is the user's name.
const HOSTS: [&str; 3] = ["h1", "h2", "h3"];

pub struct Nats {
    server: Option<Child>,
    port: u16,
    folder: tempfile::TempDir,
}

impl Nats {
    /// Starts a server and waits until it listens.
    pub fn start() -> Self {
        let mut nats = Self {
            server: None,
            port: free_port(),
            folder: tempfile::tempdir().unwrap(),
        };
        nats.run();
        nats
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The way in for `api-gateway`, `events-gateway`, or `host-h1` to `host-h3`.
    pub fn user(&self, name: &str) -> bus::Config {
        bus::Config {
            url: self.url(),
            user: Some(name.to_owned()),
            password: Some(name.into()),
            name: format!("test {name}"),
        }
    }

    /// Kills the server; its clients find nobody.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts the server again, at the same port and knowing nothing.
    pub fn start_again(&mut self) {
        self.stop();
        self.run();
    }

    /// Replaces the server by an empty one.
    pub fn restart_empty(&mut self) {
        self.start_again();
    }

    /// What the server wrote: violations end up here.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("nats.log")).unwrap_or_default()
    }

    fn run(&mut self) {
        binary(); // the first who asks may have to wait for it to be built
        let deadline = Instant::now() + START;
        let config = self.folder.path().join("nats.conf");
        fs::write(&config, render(self.port)).unwrap();
        while !self.listens() {
            assert!(
                Instant::now() < deadline,
                "nats-server does not start: {}",
                self.log()
            );
            // The port may still be held by the server before.
            if self
                .server
                .as_mut()
                .is_none_or(|server| server.try_wait().unwrap().is_some())
            {
                self.server = Some(self.spawn(&config));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Our own server listens, not one before it.
    fn listens(&mut self) -> bool {
        let alive = self
            .server
            .as_mut()
            .is_some_and(|server| server.try_wait().unwrap().is_none());
        alive && std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    fn spawn(&self, config: &Path) -> Child {
        Command::new(binary())
            .arg("-c")
            .arg(config)
            .arg("-l")
            .arg(self.folder.path().join("nats.log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server starts")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

fn render(port: u16) -> String {
    let folder = root().join("deploy/nats");
    let host = fs::read_to_string(folder.join("host.conf.template")).unwrap();
    let hosts: String = HOSTS
        .iter()
        .map(|name| {
            host.replace("@HOST@", name)
                .replace("@PASSWORD@", &format!("host-{name}"))
        })
        .collect();
    fs::read_to_string(folder.join("nats-server.conf.template"))
        .unwrap()
        .replace("@HOSTS@", &hosts)
        .replace("@PORT@", &port.to_string())
        .replace("@API_GATEWAY_PASSWORD@", "api-gateway")
        .replace("@EVENTS_GATEWAY_PASSWORD@", "events-gateway")
}

/// `LABYARD_NATS_SERVER`, else what `deploy/tools/nats.sh` builds and names.
fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("LABYARD_NATS_SERVER") {
            return path.into();
        }
        let script = root().join("deploy/tools/nats.sh");
        let output = Command::new("bash")
            .arg(script)
            .output()
            .expect("deploy/tools/nats.sh runs");
        let printed = String::from_utf8(output.stdout).unwrap();
        let path = printed
            .lines()
            .last()
            .expect("deploy/tools/nats.sh prints a path");
        assert!(output.status.success(), "deploy/tools/nats.sh failed");
        path.into()
    })
}
