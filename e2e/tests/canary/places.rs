//! Where a secret has no business: logs, what went over the bus, a copy of the database, containers,
//! command lines, answers.

use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use e2e::command::{docker, run};

/// One place, and what stands there: it is really what it is taken for.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) text: Vec<u8>,
    pub(crate) marker: String,
}

impl Place {
    pub(crate) fn new(name: &str, text: impl Into<Vec<u8>>, marker: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
            marker: marker.to_owned(),
        }
    }
}

/// Every log of a program, those that were put aside first.
pub(crate) fn log(program: &str) -> Vec<u8> {
    let folder = e2e::home().join("log");
    let mut text = Vec::new();
    for number in ["3", "2", "1", ""] {
        let name = match number {
            "" => format!("{program}.log"),
            number => format!("{program}.log.{number}"),
        };
        text.extend(fs::read(folder.join(name)).unwrap_or_default());
    }
    text
}

/// Logs of what is no program of the supervisor's.
pub(crate) fn other_logs(programs: &[&str]) -> Vec<u8> {
    let mut text = Vec::new();
    for file in fs::read_dir(e2e::home().join("log")).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        if !programs
            .iter()
            .any(|program| name.starts_with(&format!("{program}.log")))
        {
            text.extend(fs::read(file.path()).unwrap_or_default());
        }
    }
    text
}

/// `KEY=value` lines of a file of the stack.
pub(crate) fn settings(file: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(e2e::home().join(file)).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A copy of the database, as `pg_dump` writes it.
pub(crate) fn database() -> Vec<u8> {
    let url = settings("run/env/api-gateway");
    let (_, url) = url.iter().find(|(key, _)| key == "DATABASE_URL").unwrap();
    let url = reqwest::Url::parse(url).unwrap();
    let output = Command::new("/usr/lib/postgresql/15/bin/pg_dump")
        .env("PGPASSWORD", url.password().unwrap())
        .args([
            "-h",
            url.host_str().unwrap(),
            "-p",
            &url.port().unwrap().to_string(),
        ])
        .args(["-U", url.username(), "-d", "labyard"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Everything the engine knows of the containers there are: labels, arguments, environment.
pub(crate) fn containers() -> String {
    let all = docker(&["ps", "-aq", "--filter", "label=labyard.dev/installation"]).ok();
    let mut words = vec!["inspect"];
    words.extend(all.lines());
    docker(&words).ok()
}

/// The command lines of this machine's processes, as long as it lives.
pub(crate) struct CommandLines {
    seen: Arc<Mutex<BTreeSet<Vec<u8>>>>,
    ends: Arc<AtomicBool>,
    looks: Option<JoinHandle<()>>,
}

impl CommandLines {
    pub(crate) fn watch() -> Self {
        let (seen, ends) = (
            Arc::<Mutex<BTreeSet<_>>>::default(),
            Arc::<AtomicBool>::default(),
        );
        let (to, end) = (seen.clone(), ends.clone());
        let looks = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                let processes = fs::read_dir("/proc").unwrap().flatten();
                let lines =
                    processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
                to.lock().unwrap().extend(lines);
                thread::sleep(Duration::from_millis(10));
            }
        });
        Self {
            seen,
            ends,
            looks: Some(looks),
        }
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.ends.store(true, Ordering::Relaxed);
        self.looks.take().unwrap().join().unwrap();
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .flat_map(|line| [line.as_slice(), b"\n"].concat())
            .collect()
    }
}

/// The bus writes every message it carries into its log, as long as this lives.
pub(crate) struct BusTrace {
    before: String,
}

impl BusTrace {
    pub(crate) fn begin() -> Self {
        let before = fs::read_to_string(Self::file()).unwrap();
        fs::write(Self::file(), format!("{before}\ntrace: true\n")).unwrap();
        Self::reload();
        Self { before }
    }

    fn file() -> std::path::PathBuf {
        e2e::home().join("run/nats-server.conf")
    }

    fn reload() {
        for pid in e2e::process::pids("nats-server") {
            assert_eq!(
                run(Command::new("kill").args(["-HUP", &pid.to_string()])).code,
                0
            );
        }
    }
}

impl Drop for BusTrace {
    fn drop(&mut self) {
        fs::write(Self::file(), &self.before).unwrap();
        Self::reload();
    }
}
