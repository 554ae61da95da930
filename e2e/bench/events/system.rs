//! The systems that are compared: each a program of its own on a processor of its own, with its way of publishing.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use e2e::{
    receivers::{Kind, Receiver},
    standin::{self, StandIn},
};
use testkit::{Nats, eventually};

use super::floor;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum System {
    Labyard,
    LabyardEdge,
    Nchan,
    Floor,
}

/// Receivers of events, and those beside them.
pub(crate) const ACTIVE: u32 = 1;
pub(crate) const IDLE: u32 = 2;
/// People have at most this many streams each, as S-03 has it.
const STREAMS_EACH: u32 = 20;
const START: Duration = Duration::from_secs(20);
/// The processor of the measured server; everything else runs on another.
const PROCESSOR: &str = "0";

/// A running system.
pub(crate) struct Server {
    pub(crate) system: System,
    pub(crate) address: SocketAddr,
    pub(crate) pids: Vec<u32>,
    publisher: Publisher,
    children: Vec<Child>,
    _folder: tempfile::TempDir,
}

enum Publisher {
    Bus(Box<(StandIn, Nats)>),
    Post(TcpStream),
    /// Connected when the receivers are there: the floor listens to one at a time.
    Raw(Option<TcpStream>),
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in &mut self.children {
            // nginx ends its workers only when it is asked.
            let pid = child.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &pid]).status();
            if self.system == System::Floor || child.wait().is_err() {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

impl Server {
    pub(crate) async fn start(system: System) -> Self {
        let folder = tempfile::tempdir().unwrap();
        match system {
            System::Labyard | System::LabyardEdge => Self::labyard(system, folder).await,
            System::Nchan => Self::nchan(folder).await,
            System::Floor => Self::floor(folder).await,
        }
    }

    async fn labyard(system: System, folder: tempfile::TempDir) -> Self {
        let nats = Nats::start();
        let standin = StandIn::start(&nats).await;
        let mut address = free();
        let program = std::env::var_os("LABYARD_EVENTS_GATEWAY")
            .expect("LABYARD_EVENTS_GATEWAY names the program");
        let log = fs::File::create(log_file("events-gateway")).unwrap();
        let child = pinned(&program.to_string_lossy())
            .env_clear()
            .env("LABYARD_HTTP_ADDR", address.to_string())
            .env("LABYARD_PUBLIC_URL", "http://localhost:3000")
            .env("LABYARD_GATEWAY_KEYS", StandIn::keys().to_string())
            .env("LABYARD_STREAMS_PER_USER", STREAMS_EACH.to_string())
            .env("LABYARD_STREAMS_MAX", "100000")
            .env("NATS_URL", nats.url())
            .env("NATS_USER", "events-gateway")
            .env("NATS_PASSWORD", "events-gateway")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut children = vec![child];
        answers(address, "/readyz").await;
        if system == System::LabyardEdge {
            let edge = free();
            children.push(nginx(
                folder.path(),
                &edge_config(folder.path(), edge, address),
            ));
            address = edge;
            answers(address, "/api/v1/events").await;
        }
        Self {
            system,
            address,
            pids: children.iter().map(Child::id).collect(),
            publisher: Publisher::Bus(Box::new((standin, nats))),
            children,
            _folder: folder,
        }
    }

    async fn nchan(folder: tempfile::TempDir) -> Self {
        let address = free();
        let child = nginx(folder.path(), &nchan_config(folder.path(), address));
        answers(address, "/pub/start").await;
        let socket = TcpStream::connect(address).unwrap();
        drain(&socket);
        Self {
            system: System::Nchan,
            address,
            pids: vec![child.id()],
            publisher: Publisher::Post(socket),
            children: vec![child],
            _folder: folder,
        }
    }

    async fn floor(folder: tempfile::TempDir) -> Self {
        let address = free();
        let myself = std::env::current_exe().unwrap();
        let child = pinned(&myself.to_string_lossy())
            .args(["floor", &address.port().to_string()])
            .spawn()
            .unwrap();
        eventually(START, || async { TcpStream::connect(address).ok() })
            .await
            .write_all(b"GET /idle\r\n\r\n")
            .unwrap();
        Self {
            system: System::Floor,
            address,
            pids: vec![child.id()],
            publisher: Publisher::Raw(None),
            children: vec![child],
            _folder: folder,
        }
    }

    pub(crate) fn receivers(&self, kind: Kind, organization: u32, count: usize) -> Vec<Receiver> {
        let one = |number| self.receiver(kind, organization, number);
        (0..u32::try_from(count).unwrap()).map(one).collect()
    }

    /// What the server says when events may come.
    pub(crate) fn ready(&self, kind: Kind) -> Option<&'static str> {
        match (self.system, kind) {
            (System::Nchan | System::Floor, _) => None,
            (_, Kind::Sse) => Some("ready"),
            (_, Kind::WebSocket) => Some("\"subscribed"),
        }
    }

    fn receiver(&self, kind: Kind, group: u32, number: u32) -> Receiver {
        let path = match (self.system, kind, group) {
            (System::Nchan, _, group) => format!("/sub/g{group}"),
            (System::Floor, _, ACTIVE) => floor::ACTIVE.into(),
            (System::Floor, ..) => "/idle".into(),
            (_, Kind::Sse, _) => "/api/v1/events".into(),
            (_, Kind::WebSocket, _) => "/ws".into(),
        };
        let token = standin::token(group, number / STREAMS_EACH);
        let mut head =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n");
        head.push_str(match kind {
            Kind::Sse => "Accept: text/event-stream\r\n",
            Kind::WebSocket => {
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            }
        });
        let ours = matches!(self.system, System::Labyard | System::LabyardEdge);
        let subscribes = (kind == Kind::WebSocket && ours).then(|| standin::organization(group));
        Receiver { head, subscribes }
    }

    /// Before the first event, when all receivers are there.
    pub(crate) fn all_are_there(&mut self) {
        if let Publisher::Raw(socket) = &mut self.publisher {
            let mut connected = TcpStream::connect(self.address).unwrap();
            let line = format!("{}\r\n\r\n", floor::PUBLISH);
            connected.write_all(line.as_bytes()).unwrap();
            *socket = Some(connected);
        }
    }

    /// One that is not timed counts in no delay.
    pub(crate) async fn publish(&mut self, version: u64, timed: bool) {
        let organization = standin::organization(ACTIVE);
        match &mut self.publisher {
            Publisher::Bus(bus) => bus.0.publish(organization, version, timed).await,
            Publisher::Post(socket) => {
                let event = text(version, timed);
                let head = "POST /pub/g1 HTTP/1.1\r\nHost: localhost\r\nContent-Length:";
                let request = format!("{head} {}\r\n\r\n{event}", event.len());
                socket.write_all(request.as_bytes()).unwrap();
            }
            Publisher::Raw(socket) => {
                let event = text(version, timed);
                let mut message = u32::try_from(event.len()).unwrap().to_be_bytes().to_vec();
                message.extend_from_slice(event.as_bytes());
                let socket = socket.as_mut().expect("all are there");
                socket.write_all(&message).unwrap();
            }
        }
    }
}

fn text(version: u64, timed: bool) -> String {
    let event = standin::event(standin::organization(ACTIVE), version, timed);
    serde_json::to_string(&event).unwrap()
}

fn free() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], testkit::free_port()))
}

pub(crate) fn log_file(name: &str) -> PathBuf {
    let folder = std::env::var_os("LABYARD_BENCH_OUT").expect("LABYARD_BENCH_OUT names a folder");
    PathBuf::from(folder).join(format!("{name}.log"))
}

fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command
        .args(["-c", PROCESSOR, program])
        .stdin(Stdio::null());
    command
}

async fn answers(address: SocketAddr, path: &str) {
    let url = format!("http://{address}{path}");
    eventually(START, || async {
        let status = reqwest::get(&url).await.ok()?.status();
        (!status.is_server_error()).then_some(())
    })
    .await;
}

/// Answers to posts are read and forgotten.
fn drain(socket: &TcpStream) {
    let mut socket = socket.try_clone().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while socket.read(&mut buffer).is_ok_and(|size| size > 0) {}
    });
}

fn nginx(folder: &std::path::Path, config: &str) -> Child {
    for name in ["temp", "page"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let file = folder.join("nginx.conf");
    fs::write(&file, config).unwrap();
    pinned("nginx")
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(&file)
        .args(["-e", "stderr"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// As the file's owner, or the workers of a root's nginx could not read it.
fn user() -> &'static str {
    let root = fs::metadata("/proc/self")
        .is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0);
    if root { "user root;" } else { "" }
}

/// What this process may open, its children may too.
fn open_files() -> u64 {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.expect("a limit of open files")
}

fn edge_config(folder: &std::path::Path, edge: SocketAddr, events: SocketAddr) -> String {
    let template = testkit::root().join("deploy/edge/nginx.conf.template");
    fs::read_to_string(template)
        .unwrap()
        .replace("@USER@", user())
        .replace("@OPEN_FILES@", &open_files().to_string())
        .replace("@CONNECTIONS@", &open_files().to_string())
        .replace("@FOLDER@", &folder.to_string_lossy())
        .replace("@LISTEN@", &format!("listen {edge} backlog=4096;"))
        .replace("@OTHER_NAMES@", "")
        .replace("@API_PORT@", "9")
        .replace("@EVENTS_PORT@", &events.port().to_string())
}

fn nchan_config(folder: &std::path::Path, address: SocketAddr) -> String {
    let module = std::env::var("LABYARD_NCHAN").expect("LABYARD_NCHAN names nginx' module");
    let (user, folder, open_files) = (user(), folder.display(), open_files());
    format!(
        "load_module {module}; {user} daemon off; worker_processes 1; worker_rlimit_nofile {open_files};
pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections {open_files}; }}
http {{
    access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
    client_body_temp_path {folder}/temp/body; proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi; uwsgi_temp_path {folder}/temp/uwsgi; scgi_temp_path {folder}/temp/scgi;
    nchan_shared_memory_size 512M; nchan_message_buffer_length 1000;
    server {{
        listen {address} backlog=4096;
        location ~ ^/sub/(\\w+)$ {{
            nchan_subscriber eventsource websocket; nchan_channel_id $1; nchan_subscriber_first_message newest;
        }}
        location ~ ^/pub/(\\w+)$ {{ nchan_publisher; nchan_channel_id $1; }}
    }}
}}
"
    )
}
