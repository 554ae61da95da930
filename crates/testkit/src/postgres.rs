//! One private Postgres per test process, and a database of its own for each test. It listens on
//! a socket in its own folder and ends with the process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};

const BIN: &str = "/usr/lib/postgresql/15/bin";

pub struct Postgres {
    folder: PathBuf,
}

impl Postgres {
    /// The URL of a fresh, empty database.
    pub async fn database() -> String {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(Postgres::start))
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

    fn start() -> Self {
        remove_leftovers();
        let folder = PathBuf::from(format!("/tmp/labyard-postgres-{}", std::process::id()));
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
        keep(&folder, &data);
        let server = Self { folder };
        server.wait();
        server
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
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
/// started it, and that thread never ends by itself.
fn keep(folder: &Path, data: &Path) {
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
    for setting in [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
    ] {
        command.args(["-c", setting]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/");
    std::thread::spawn(move || command.status());
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
