//! The fake driver, for load and fault tests only: its world is a folder that all processes share
//! and that outlives them. A file per thing, made only once; a journal of every call.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use crash::crash_point;
use domain::{ClusterId, Endpoint, NodeState, Observed, Step};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::{
    credential::Credential,
    exec::{Command, Inspected, Instance, Output, Reach, ReachError, Running},
    names,
    options::DriverKind,
    provision::{Capacity, Error, Finding, Found, Inventory, Provision, Spec},
    role::Role,
};

/// The version the fake's clusters have.
const VERSION: &str = "v1.34.4";
const FIRST_PORT: u16 = 20_000;
/// A step named in this file fails, once per line: `create`, `start` …
const FAILURES: &str = "failures";
/// Nodes named in this file, one a line, let everything in and never answer.
const SILENT: &str = "silent";

pub struct Fake {
    folder: PathBuf,
    step: Duration,
}

/// One thing of the fake world.
#[derive(Serialize, Deserialize)]
struct Thing {
    installation: String,
    cluster: ClusterId,
    generation: u32,
    role: Role,
    hash: String,
    port: Option<u16>,
    running: bool,
    ready: bool,
}

/// Whether a call was needed: what was so already is done twice, and written so in the journal.
struct Changed(bool);

/// One line of the journal.
#[derive(Serialize)]
struct Call<'a> {
    pid: u32,
    verb: &'a str,
    name: &'a str,
    outcome: &'a str,
}

impl Fake {
    pub(crate) fn open(folder: &Path, step: Duration) -> Result<Self, Error> {
        fs::create_dir_all(folder.join("things")).map_err(broken)?;
        Ok(Self {
            folder: folder.to_owned(),
            step,
        })
    }

    pub(crate) fn identity(&self) -> String {
        self.folder.display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("things").join(name)
    }

    fn write_down(&self, verb: &str, name: &str, outcome: &str) -> Result<(), Error> {
        let line = serde_json::to_string(&Call {
            pid: std::process::id(),
            verb,
            name,
            outcome,
        })
        .map_err(|error| Error::Refused(error.to_string()))?;
        let mut journal = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("journal"))
            .map_err(broken)?;
        writeln!(journal, "{line}").map_err(broken)
    }

    /// Makes a thing, only once.
    fn make(&self, spec: &Spec, name: &str, role: Role, port: Option<u16>) -> Result<(), Error> {
        let hash = names::spec_hash(spec);
        let thing = Thing {
            installation: spec.installation.clone(),
            cluster: spec.cluster,
            generation: spec.desired.generation,
            role,
            hash: hash.clone(),
            port,
            running: false,
            ready: false,
        };
        match self.put_new(name, &thing) {
            Ok(()) => self.write_down("made", name, "ok"),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => match self.get(name)? {
                Some(thing) if thing.hash == hash && thing.installation == spec.installation => {
                    Ok(())
                }
                Some(_) => Err(Error::Conflict(name.to_owned())),
                // Already gone: the next look tells.
                None => Err(Error::Refused(format!("{name} is being made"))),
            },
            Err(error) => Err(broken(error)),
        }
    }

    fn get(&self, name: &str) -> Result<Option<Thing>, Error> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(error)),
        }
    }

    /// Makes a thing's file whole, unless there is one: a link fails where its name is taken.
    fn put_new(&self, name: &str, thing: &Thing) -> std::io::Result<()> {
        let part = self
            .folder
            .join(format!("{name}.{}.new", std::process::id()));
        fs::write(&part, serde_json::to_vec(thing)?)?;
        let linked = fs::hard_link(&part, self.path(name));
        fs::remove_file(part)?;
        linked
    }

    /// Replaces a thing's file whole, so that no reader sees half of it.
    fn put(&self, name: &str, thing: &Thing) -> Result<(), Error> {
        let bytes = serde_json::to_vec(thing).map_err(|error| Error::Refused(error.to_string()))?;
        let part = self
            .folder
            .join(format!("{name}.{}.part", std::process::id()));
        fs::write(&part, bytes).map_err(broken)?;
        fs::rename(part, self.path(name)).map_err(broken)
    }

    fn change(
        &self,
        spec: &Spec,
        verb: &str,
        change: impl FnOnce(&mut Thing) -> Changed,
    ) -> Result<(), Error> {
        let name = names::node(spec.instance());
        let mut thing = self
            .get(&name)?
            .ok_or_else(|| Error::Refused(format!("there is no {name}")))?;
        let changed = change(&mut thing);
        self.put(&name, &thing)?;
        let outcome = match changed {
            Changed(true) => "ok",
            Changed(false) => "again",
        };
        self.write_down(verb, &name, outcome)
    }

    /// Takes its time, and fails if a test asked for it.
    async fn begin(&self, step: Step) -> Result<(), Error> {
        let step = step.as_str();
        sleep(self.step).await;
        let path = self.folder.join(FAILURES);
        let Ok(text) = fs::read_to_string(&path) else {
            return Ok(());
        };
        let mut lines: Vec<&str> = text.lines().collect();
        let Some(at) = lines.iter().position(|line| *line == step) else {
            return Ok(());
        };
        lines.remove(at);
        fs::write(&path, lines.join("\n")).map_err(broken)?;
        Err(Error::Refused(format!("{step} was told to fail")))
    }

    /// Never ends for an instance that a test made silent.
    async fn answers(&self, instance: Instance) {
        let name = names::node(instance);
        let silent = fs::read_to_string(self.folder.join(SILENT)).unwrap_or_default();
        if silent.lines().any(|line| line == name) {
            std::future::pending::<()>().await;
        }
    }

    fn things(&self) -> Result<Vec<(String, Thing)>, Error> {
        let mut things = Vec::new();
        for entry in fs::read_dir(self.folder.join("things")).map_err(broken)? {
            let name = entry
                .map_err(broken)?
                .file_name()
                .to_string_lossy()
                .into_owned();
            if let Some(thing) = self.get(&name)? {
                things.push((name, thing));
            }
        }
        Ok(things)
    }

    fn of(
        &self,
        installation: &str,
        cluster: Option<ClusterId>,
    ) -> Result<Vec<(String, Thing)>, Error> {
        let mut things = self.things()?;
        things.retain(|(_, thing)| {
            thing.installation == installation
                && cluster.is_none_or(|cluster| thing.cluster == cluster)
        });
        Ok(things)
    }

    fn free_port(&self) -> Result<u16, Error> {
        let taken: Vec<u16> = self
            .things()?
            .into_iter()
            .filter_map(|(_, thing)| thing.port)
            .collect();
        (FIRST_PORT..FIRST_PORT + 10_000)
            .find(|port| !taken.contains(port))
            .ok_or(Error::NoPort)
    }
}

impl Provision for Fake {
    fn name(&self) -> &'static str {
        DriverKind::Fake.as_str()
    }

    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        let things = self.of(&spec.installation, Some(spec.cluster))?;
        let node_name = names::node(spec.instance());
        let node = things
            .iter()
            .find(|(name, _)| *name == node_name)
            .map(|(_, thing)| thing);
        let mut wanted: Vec<String> = names::VOLUMES
            .iter()
            .map(|(role, _)| names::volume(spec, *role))
            .collect();
        wanted.push(names::network(spec.cluster));
        Ok(Observed {
            prepared: wanted
                .iter()
                .all(|name| things.iter().any(|(there, _)| there == name)),
            node: match node {
                None => NodeState::Absent,
                Some(thing) if thing.running => NodeState::Running,
                Some(_) => NodeState::Stopped,
            },
            ready: node.is_some_and(|thing| thing.running && thing.ready),
            endpoint: node.and_then(|thing| thing.port).map(Endpoint::loopback),
            resources: u32::try_from(things.len()).unwrap_or(u32::MAX),
        })
    }

    async fn prepare(&self, spec: &Spec) -> Result<Endpoint, Error> {
        self.begin(Step::Prepare).await?;
        let port = match spec.desired.api_port {
            Some(port) => port,
            None => self.free_port()?,
        };
        self.make(spec, &names::network(spec.cluster), Role::Network, None)?;
        crash_point!("worker.prepare.half");
        for (role, _) in names::VOLUMES {
            self.make(spec, &names::volume(spec, role), role, None)?;
        }
        Ok(Endpoint::loopback(port))
    }

    async fn create(&self, spec: &Spec) -> Result<(), Error> {
        self.begin(Step::Create).await?;
        self.make(
            spec,
            &names::node(spec.instance()),
            Role::Node,
            spec.desired.api_port,
        )
    }

    async fn start(&self, spec: &Spec) -> Result<(), Error> {
        self.begin(Step::Start).await?;
        self.change(spec, "started", |thing| {
            Changed(!std::mem::replace(&mut thing.running, true))
        })
    }

    async fn ready(&self, spec: &Spec) -> Result<(), Error> {
        self.begin(Step::Ready).await?;
        self.change(spec, "ready", |thing| {
            thing.ready = thing.running;
            Changed(true)
        })
    }

    async fn stop(&self, spec: &Spec) -> Result<(), Error> {
        self.begin(Step::Stop).await?;
        self.change(spec, "stopped", |thing| {
            thing.ready = false;
            Changed(std::mem::replace(&mut thing.running, false))
        })
    }

    async fn remove(&self, installation: &str, cluster: ClusterId) -> Result<(), Error> {
        self.begin(Step::Remove).await?;
        for (name, _) in self.of(installation, Some(cluster))? {
            match fs::remove_file(self.path(&name)) {
                Ok(()) => {
                    self.write_down("removed", &name, "ok")?;
                    crash_point!("worker.remove.half");
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(())
    }

    async fn inventory(&self, installation: &str) -> Inventory {
        let versions = vec![VERSION.to_owned()];
        match self.of(installation, None) {
            Ok(things) => Inventory {
                items: things.into_iter().map(found).collect(),
                complete: true,
                versions,
            },
            Err(_) => Inventory {
                items: Vec::new(),
                complete: false,
                versions,
            },
        }
    }

    async fn capacity(&self) -> Result<Capacity, Error> {
        Ok(Capacity {
            cpu_millis: 1_000_000,
            memory_mib: 1 << 20,
            memory_free_mib: 1 << 20,
            disk_mib: 1 << 20,
            disk_free_mib: 1 << 20,
            load_hundredths: 0,
        })
    }

    async fn checks(&self) -> Vec<Finding> {
        vec![
            Finding::good("engine", "the fake one, for load and fault tests only"),
            Finding::good("node image", VERSION),
        ]
    }
}

impl Reach for Fake {
    async fn inspect(&self, instance: Instance) -> Result<Inspected, ReachError> {
        let name = names::node(instance);
        match self.get(&name) {
            Ok(Some(thing)) if thing.running => Ok(Inspected {
                boot_id: name,
                api: None,
            }),
            Ok(_) => Err(ReachError::NotRunning),
            Err(error) => Err(ReachError::Engine(Box::new(error))),
        }
    }

    async fn credential(&self, instance: Instance) -> Result<Credential, ReachError> {
        self.inspect(instance).await?;
        self.answers(instance).await;
        Ok(Credential::none())
    }

    async fn exec(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
        self.inspect(instance).await?;
        self.answers(instance).await;
        Ok(pretend(command))
    }
}

/// The few programs the fake world has.
fn pretend(command: Command) -> Running {
    let mut words = command.argv.as_slice();
    if let ["timeout", "-k", "1", _] =
        words.iter().take(4).map(String::as_str).collect::<Vec<_>>()[..]
    {
        words = &words[4..];
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let out = |text: String| vec![Output::Stdout(Bytes::from(text))];
    let (wait, pieces, code) = match words[..] {
        ["echo", ref rest @ ..] => (0, out(format!("{}\n", rest.join(" "))), 0),
        ["cat"] => (
            0,
            vec![Output::Stdout(command.stdin.unwrap_or_default())],
            0,
        ),
        ["kubectl", "version"] => (0, out(format!("Server Version: {VERSION}\n")), 0),
        ["true"] | ["sh", ..] => (0, Vec::new(), 0),
        ["false"] => (0, Vec::new(), 1),
        ["sleep", seconds] => (seconds.parse().unwrap_or(0), Vec::new(), 0),
        ["flood", bytes] => (0, flood(bytes.parse().unwrap_or(0)), 0),
        [program, ..] => {
            let said = Bytes::from(format!(
                "timeout: failed to run command '{program}': No such file or directory\n"
            ));
            (0, vec![Output::Stderr(said)], 127)
        }
        [] => (0, Vec::new(), 125),
    };
    let output = stream::once(async move {
        sleep(Duration::from_secs(wait)).await;
        stream::iter(pieces.into_iter().map(Ok))
    })
    .flatten();
    Running {
        output: output.boxed(),
        exit: Box::pin(async move { Ok(code) }),
    }
}

fn flood(bytes: usize) -> Vec<Output> {
    const PIECE: usize = 16 << 10;
    (0..bytes.div_ceil(PIECE))
        .map(|n| Output::Stdout(Bytes::from(vec![b'x'; PIECE.min(bytes - n * PIECE)])))
        .collect()
}

fn found((name, thing): (String, Thing)) -> Found {
    Found {
        cluster: thing.cluster,
        generation: thing.generation,
        role: thing.role,
        name,
        running: thing.running,
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::Unreachable(Box::new(error))
}
