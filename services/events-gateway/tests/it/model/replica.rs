//! A replica that is killed: the real program, told by its environment what a test's own replica is told by its caller.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex},
};

use testkit::eventually;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
};

use crate::{SOON, World};

/// Where a world's replicas are at the moment, or were last: the test's own, then the program.
pub(super) type Places = Arc<Mutex<[Option<SocketAddr>; 2]>>;

pub(super) const OWN: usize = 0;
pub(super) const PROGRAM: usize = 1;

/// What the program has said.
#[derive(Default)]
struct Said {
    listens: bool,
    panicked: Option<String>,
}

/// The program, running or on its way up.
pub(super) struct Replica {
    child: Child,
    said: Arc<Mutex<Said>>,
    follower: JoinHandle<()>,
}

impl Replica {
    /// Starts it and does not wait for it. Where it is is known once it listens.
    pub(super) fn start(world: &World, places: &Places) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_events-gateway"))
            .env_clear()
            .envs(world.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = Arc::<Mutex<Said>>::default();
        let log = child.stderr.take().unwrap();
        let follower = tokio::spawn(follow(log, places.clone(), said.clone()));
        Self {
            child,
            said,
            follower,
        }
    }

    /// Waits until it listens.
    pub(super) async fn listens(&self) {
        eventually(SOON, || async {
            self.said.lock().unwrap().listens.then_some(())
        })
        .await;
    }

    /// Kills it, however far it is.
    pub(super) async fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        assert_eq!(ended, None, "the program ended by itself");
        self.child.kill().await.unwrap();
        self.follower.await.unwrap();
        assert_eq!(self.said.lock().unwrap().panicked, None);
    }
}

/// Reads its log to the end.
async fn follow(log: ChildStderr, places: Places, said: Arc<Mutex<Said>>) {
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = listening(&line) {
            places.lock().unwrap()[PROGRAM] = Some(address);
            said.lock().unwrap().listens = true;
        }
        if line.contains("panicked") {
            said.lock().unwrap().panicked = Some(line);
        }
    }
}

fn listening(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listening address=")?;
    rest.split_whitespace().next()?.parse().ok()
}
