//! One private Postgres per test process, and a database of its own for each test. It listens on
//! a socket in its own folder and ends with the process. Another kind outlives being killed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// What is fastest: a server that dies has lost its last transactions.
const FAST: [&str; 4] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
];
/// What was committed outlives the server's processes; not the machine.
const DURABLE: [&str; 3] = ["fsync=off", "full_page_writes=off", "max_connections=300"];
/// A server that does not answer by then never will, on however busy a machine.
const START: Duration = Duration::from_secs(60);
/// Between the end of a durable server and its next start.
const RESPAWN: Duration = Duration::from_millis(200);

pub struct Postgres {
    folder: PathBuf,
}

/// A server that may be killed: it is there again soon, with all that was committed.
pub struct Durable {
    server: Postgres,
    ended: Arc<AtomicBool>,
}

impl Durable {
    pub fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let ended = Arc::new(AtomicBool::new(false));
        let folder = format!("/tmp/labyard-postgres-{}-{number}", std::process::id());
        Self {
            server: Postgres::start(PathBuf::from(folder), &DURABLE, Some(ended.clone())),
            ended,
        }
    }

    /// Of the one database that is there.
    pub fn url(&self) -> String {
        self.server.url("postgres")
    }

    /// Kills the server and each of its processes without warning; false when it was down already.
    pub fn kill(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        // Those of a connection have groups of their own, and would go on for a moment without it.
        let connections = children(&pid);
        let killed = Command::new("kill").args(["-KILL", &pid]).status();
        let _ = Command::new("kill").arg("-KILL").args(connections).output();
        killed.is_ok_and(|status| status.success())
    }

    /// Waits until it answers again.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait(&self) {
        self.server.wait();
    }

    fn pid(&self) -> Option<String> {
        let text = fs::read_to_string(self.server.folder.join("data/postmaster.pid")).ok()?;
        let pid = text.lines().next()?.to_owned();
        let exe = fs::read_link(Path::new("/proc").join(&pid).join("exe")).ok()?;
        exe.ends_with("postgres").then_some(pid)
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(pid) = self.pid() {
            let _ = Command::new("kill").args(["-INT", &pid]).status();
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.pid().is_some() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = fs::remove_dir_all(&self.server.folder);
    }
}

impl Postgres {
    /// The URL of a fresh, empty database.
    pub async fn database() -> String {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let start = || {
            let folder = format!("/tmp/labyard-postgres-{}", std::process::id());
            Postgres::start(PathBuf::from(folder), &FAST, None)
        };
        let server = tokio::task::spawn_blocking(move || SERVER.get_or_init(start))
            .await
            .unwrap();
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&server.url("postgres"))
            .await
            .unwrap();
        connection
            .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await
            .unwrap();
        connection.close().await.unwrap();
        server.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost/{database}?host={}",
            self.folder.display()
        )
    }

    fn start(folder: PathBuf, settings: &[&str], again: Option<Arc<AtomicBool>>) -> Self {
        remove_leftovers();
        fs::create_dir_all(&folder).unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        run(tool("initdb")
            .args([
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
                "-D",
            ])
            .arg(&data));
        keep(&folder, &data, settings, again);
        let server = Self { folder };
        server.wait();
        server
    }

    fn wait(&self) {
        let deadline = Instant::now() + START;
        while !tool("pg_isready")
            .args(["-q", "-h"])
            .arg(&self.folder)
            .status()
            .unwrap()
            .success()
        {
            assert!(Instant::now() < deadline, "Postgres does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs the server for as long as this process lives: the system ends it with the thread that
/// started it, and that thread never ends by itself. With `ended` it is started again until that is so.
fn keep(folder: &Path, data: &Path, settings: &[&str], ended: Option<Arc<AtomicBool>>) {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig").arg("INT");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command
        .arg(format!("{BIN}/postgres"))
        .arg("-D")
        .arg(data)
        .args(["-c", "listen_addresses="]);
    command
        .arg("-c")
        .arg(format!("unix_socket_directories={}", folder.display()));
    for setting in settings {
        command.args(["-c", setting]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/");
    std::thread::spawn(move || {
        loop {
            let _ = command.status();
            match &ended {
                Some(ended) if !ended.load(Ordering::Relaxed) => std::thread::sleep(RESPAWN),
                _ => return,
            }
        }
    });
}

/// The processes that this one started.
fn children(parent: &str) -> Vec<String> {
    let is_child = |pid: &String| {
        let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).ok();
        // Its name may hold anything; the state and the parent come after the last bracket.
        let rest = stat.as_deref().and_then(|stat| stat.rsplit_once(')'));
        rest.and_then(|(_, rest)| rest.split_whitespace().nth(1)) == Some(parent)
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| name.parse::<u32>().is_ok())
        .filter(is_child)
        .collect()
}

/// Folders of test processes that are gone.
fn remove_leftovers() {
    for entry in fs::read_dir("/tmp").unwrap().flatten() {
        let name = entry.file_name();
        let Some(pid) = name
            .to_str()
            .and_then(|name| name.strip_prefix("labyard-postgres-"))
        else {
            continue;
        };
        let pid = pid.split('-').next().unwrap_or(pid);
        if !Path::new("/proc").join(pid).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn tool(name: &str) -> Command {
    let program = format!("{BIN}/{name}");
    let mut command;
    if is_root() {
        command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(program);
    } else {
        command = Command::new(program);
    }
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_root() -> bool {
    fs::metadata("/proc/self")
        .is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}
