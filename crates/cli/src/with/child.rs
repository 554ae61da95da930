//! The command: its words, its environment, the signals it is passed, how it ended.

use std::{
    ffi::OsString, io::IsTerminal, os::unix::process::ExitStatusExt, process::ExitStatus,
    time::Duration,
};

use anyhow::anyhow;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use super::{ended::Ended, kubeconfig::File, lab::Lab, signals::Signals};
use crate::{failure::Failure, output, session::Session};

/// A kubeconfig is good for an hour.
const RENEW: Duration = Duration::from_secs(30 * 60);
/// A server that is away must not keep the command's end or a signal waiting.
const RENEW_WITHIN: Duration = Duration::from_secs(10);
/// As shells say it of what is not there and of what is no program.
const NO_SUCH_COMMAND: u8 = 127;
const NO_PROGRAM: u8 = 126;

/// Runs it with our own standard streams, to its end.
pub(super) async fn run(
    words: &[OsString],
    session: &mut Session,
    lab: &Lab,
    config: &File,
    signals: &mut Signals,
) -> Result<Ended, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::usage(
            "Give a command after --.",
            "See labyard with --help",
        ));
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("KUBECONFIG", config.path())
        .env("LABYARD_CLUSTER", lab.id.to_string())
        .env("LABYARD_SERVER", session.client()?.base());
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let program = program.to_string_lossy();
            output::complain(&format!("Can't run {program}: {error}."));
            return Ok(Ended::Exit(match error.kind() {
                std::io::ErrorKind::NotFound => NO_SUCH_COMMAND,
                _ => NO_PROGRAM,
            }));
        }
    };
    let status = attend(child, session, config, signals).await?;
    Ok(Ended::Exit(code(status)))
}

async fn attend(
    mut child: Child,
    session: &mut Session,
    config: &File,
    signals: &mut Signals,
) -> Result<ExitStatus, Failure> {
    let mut renewal = interval_at(Instant::now() + RENEW, RENEW);
    renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // A signal that came with the command's end is not one that asks to leave the rest.
            biased;
            signal = signals.next() => pass_on(&child, signal),
            ended = child.wait() => {
                let lost = |error| anyhow!("It is unknown how the command ended: {error}");
                return ended.map_err(|error| Failure::Other(lost(error)));
            }
            _ = renewal.tick() => {
                if !matches!(timeout(RENEW_WITHIN, config.renew(session)).await, Ok(Ok(()))) {
                    output::complain("Can't renew the kubeconfig yet. Trying again later.");
                }
            }
        }
    }
}

/// A terminal has sent its keys' signals to the command as well: those are not sent twice.
fn pass_on(child: &Child, signal: Signal) {
    let by_key = signal == Signal::INT || signal == Signal::QUIT;
    if by_key && std::io::stdin().is_terminal() {
        return;
    }
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = pid.and_then(Pid::from_raw) {
        // One that has just ended needs no signal.
        let _ = kill_process(pid, signal);
    }
}

fn code(status: ExitStatus) -> u8 {
    let by_signal = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(by_signal).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_said_as_shells_say_it() {
        assert_eq!(code(ExitStatus::from_raw(7 << 8)), 7);
        assert_eq!(code(ExitStatus::from_raw(15)), 143);
    }
}
