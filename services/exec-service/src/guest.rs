//! Commands under the node image's own program (`deploy/node-image/guest`): in a process tree, a network and groups of
//! their own, with nothing of the node's in reach. Other images of a node do not have it.

use drivers::{Command, Driver, Instance, Reach, ReachError};
use futures_util::StreamExt;

pub(crate) const PROGRAM: &str = "/usr/lib/labyard/guest";
/// What it says once it has made somebody's place.
pub(crate) const READY: &str = "guest";
/// What it exits with when a command's time is up, as timeout(1).
pub(crate) const TIMED_OUT: i32 = 124;
pub(crate) const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Whose part of a lab a command takes from: what owners may take is theirs, whatever guests do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Owner,
    Guest,
}

impl Class {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Guest => "guest",
        }
    }
}

/// The words that run a command as this uid, for so long, by a name it can be ended by.
pub(crate) fn run(name: &str, class: Class, uid: u32, secs: u64, argv: Vec<String>) -> Vec<String> {
    let (uid, secs) = (uid.to_string(), secs.to_string());
    let begin = [PROGRAM, "run", name, class.as_str(), &uid, &secs, "--"].map(str::to_owned);
    begin.into_iter().chain(argv).collect()
}

/// Ends everything of a command; one that only begins does not begin.
pub(crate) async fn end(
    driver: &Driver,
    instance: Instance,
    name: &str,
) -> Result<i32, ReachError> {
    let command = Command {
        argv: [PROGRAM, "end", name].map(str::to_owned).to_vec(),
        env: vec![PATH.to_owned()],
        ..Command::default()
    };
    let running = driver.exec(instance, command).await?;
    running.output.for_each(|_| async {}).await;
    running.exit.await
}
