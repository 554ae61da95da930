//! One command in a control-plane container: bounded in time and output, killed whole when nobody listens.

use std::{pin::pin, time::Duration};

use api::bus::Fault;
use bus::StreamSender;
use bytes::Bytes;
use domain::{Code, limits};
use drivers::{Command, Driver, Instance, Output, Reach, ReachError, Running};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use crate::{
    error::Error,
    guest::{self, PATH, TIMED_OUT},
    person::Person,
};

/// Channels of the stream.
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
/// Added to the command's own limit before this side gives up on it.
const GRACE: Duration = Duration::from_secs(5);
/// How long the engine may take to begin a command.
const START: Duration = Duration::from_secs(5);
/// After each piece of output that is dropped: reading it costs the engine and us more than it costs the lab to make.
const DROPPED_REST: Duration = Duration::from_millis(5);
/// Every process of a command carries this name in its environment. In images without our program they are found by it,
/// unless they clear it.
const MARK: &str = "LABYARD_EXEC";
/// Ends every process that carries the mark, whatever session it moved to.
const KILL: &str = r#"for e in /proc/[0-9]*/environ; do
  if tr '\0' '\n' <"$e" 2>/dev/null | grep -qx "LABYARD_EXEC=$1"; then p=${e#/proc/}; kill -KILL "${p%/environ}"; fi
done; exit 0"#;

pub(crate) struct Limits {
    pub(crate) secs: u64,
    pub(crate) output: u64,
}

/// A command that runs.
pub(crate) struct Started {
    running: Running,
    instance: Instance,
    mark: String,
    /// Whether it runs under the image's program.
    guest: bool,
    limits: Limits,
    began: Instant,
}

/// What a command reads from its standard input.
pub(crate) fn input(stdin: Option<String>) -> Result<Option<Bytes>, Fault> {
    let read = stdin.map(|text| api::cluster::read_stdin(&text));
    let bytes = read.transpose().map_err(|why| invalid(&why))?;
    Ok(bytes.map(Bytes::from))
}

/// Words within the limits, and at least one.
pub(crate) fn check(argv: &[String]) -> Result<(), Fault> {
    let bytes: usize = argv.iter().map(String::len).sum();
    let message = if argv.first().is_none_or(String::is_empty) {
        "a command needs at least one word"
    } else if argv.len() > limits::COMMAND_WORDS_MAX || bytes > limits::COMMAND_BYTES_MAX {
        "the command is too long"
    } else if argv.iter().any(|word| word.contains('\0')) {
        "a command cannot contain a zero byte"
    } else {
        return Ok(());
    };
    Err(invalid(message))
}

fn invalid(message: &str) -> Fault {
    Fault {
        code: Code::Invalid,
        message: message.to_owned(),
        retryable: false,
    }
}

/// For `e2e/fuzz`: a command that is taken is within its limits.
#[doc(hidden)]
pub fn fuzz_command(request: &api::bus::OpenRequest) {
    let api::bus::Open::Exec { argv, stdin } = &request.open else {
        return;
    };
    if check(argv).is_ok() {
        let bytes: usize = argv.iter().map(String::len).sum();
        assert!(!argv[0].is_empty() && argv.len() <= limits::COMMAND_WORDS_MAX);
        assert!(bytes <= limits::COMMAND_BYTES_MAX && !argv.concat().contains('\0'));
    }
    if let Ok(Some(bytes)) = input(stdin.clone()) {
        assert!(bytes.len() <= limits::EXEC_INPUT_MAX);
    }
}

pub(crate) async fn start(
    driver: &Driver,
    person: &Person,
    limits: Limits,
    argv: Vec<String>,
    stdin: Option<Bytes>,
) -> Result<Started, Error> {
    let (instance, mark) = (person.instance, person.next_mark());
    let (argv, user, working_dir) = if person.guest {
        let argv = guest::run(&mark, person.class(), person.uid, limits.secs, argv);
        (argv, None, None)
    } else {
        let begin = ["timeout", "-k", "1", &limits.secs.to_string()].map(str::to_owned);
        let argv = begin.into_iter().chain(argv).collect();
        (argv, Some(person.user()), Some(person.home()))
    };
    let command = Command {
        argv,
        env: vec![
            PATH.to_owned(),
            format!("HOME={}", person.home()),
            format!("KUBECONFIG={}", person.kubeconfig()),
            format!("{MARK}={mark}"),
        ],
        user,
        working_dir,
        stdin,
    };
    let starting = timeout(START, driver.exec(instance, command));
    let running = match starting.await.unwrap_or(Err(ReachError::Slow)) {
        Ok(running) => running,
        Err(error) => {
            // It may have begun all the same.
            if matches!(error, ReachError::Slow) {
                kill(driver, instance, &mark, person.guest).await;
            }
            return Err(error.into());
        }
    };
    Ok(Started {
        running,
        instance,
        mark,
        guest: person.guest,
        limits,
        began: Instant::now(),
    })
}

/// Carries output and end to the receiver; ends the command when it runs over or nobody listens.
pub(crate) async fn relay(driver: Driver, started: Started, mut sender: StreamSender) {
    let Started {
        running,
        instance,
        mark,
        guest,
        limits,
        began,
    } = started;
    let end = || kill(&driver, instance, &mark, guest);
    let gone = sender.watch();
    let deadline = began + Duration::from_secs(limits.secs) + GRACE;
    let mut truncated = false;
    let outcome = {
        let copying = copy(running, &mut sender, limits.output, &mut truncated);
        tokio::select! {
            outcome = copying => outcome,
            () = gone => Outcome::Abandoned,
            () = tokio::time::sleep_until(deadline) => Outcome::Overdue,
        }
    };
    match outcome {
        Outcome::Exited(code) => {
            let overdue = began.elapsed() >= Duration::from_secs(limits.secs) && code == 137;
            let _ = sender
                .exit(if overdue { TIMED_OUT } else { code }, truncated)
                .await;
        }
        Outcome::Overdue => {
            end().await;
            let _ = sender.exit(TIMED_OUT, truncated).await;
        }
        Outcome::Abandoned => end().await,
        Outcome::Broken => {
            end().await;
            let fault = Fault {
                code: Code::Unavailable,
                message:
                    "The connection to the cluster's container broke; the command may have run."
                        .into(),
                retryable: false,
            };
            sender.close(Some(fault)).await;
        }
    }
}

enum Outcome {
    Exited(i32),
    Overdue,
    Abandoned,
    Broken,
}

async fn copy(
    running: Running,
    sender: &mut StreamSender,
    output_max: u64,
    truncated: &mut bool,
) -> Outcome {
    let mut output = pin!(running.output);
    let mut left = [output_max, output_max];
    while let Some(piece) = output.next().await {
        let (channel, bytes) = match piece {
            Ok(Output::Stdout(bytes)) => (STDOUT, bytes),
            Ok(Output::Stderr(bytes)) => (STDERR, bytes),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a command's output broke off"
                );
                return Outcome::Broken;
            }
        };
        let kept = keep(bytes, &mut left[usize::from(channel - 1)], truncated);
        if kept.is_empty() {
            tokio::time::sleep(DROPPED_REST).await;
        }
        if sender.send(channel, kept).await.is_err() {
            return Outcome::Abandoned;
        }
    }
    match running.exit.await {
        Ok(code) => Outcome::Exited(code),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a command's exit code is not known"
            );
            Outcome::Broken
        }
    }
}

/// What still fits; the rest is read and dropped, so that the command never waits for us.
fn keep(bytes: Bytes, left: &mut u64, truncated: &mut bool) -> Bytes {
    let fits = usize::try_from(*left)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    *truncated |= fits < bytes.len();
    *left -= fits as u64;
    bytes.slice(..fits)
}

/// An exec cannot be ended through the engine: a second one ends it from inside.
async fn kill(driver: &Driver, instance: Instance, mark: &str, guest: bool) {
    let argv = ["sh", "-c", KILL, "sh", mark].map(str::to_owned).to_vec();
    let command = Command {
        argv,
        env: vec![PATH.to_owned()],
        ..Command::default()
    };
    let killing = async {
        if guest {
            return guest::end(driver, instance, mark).await;
        }
        let running = driver.exec(instance, command).await?;
        running.output.for_each(|_| async {}).await;
        running.exit.await
    };
    match timeout(GRACE, killing).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a command could not be ended"
            );
        }
        Err(_) => tracing::warn!("a command could not be ended in time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn commands_are_bounded() {
        assert!(check(&words(&["kubectl", "get", "pods"])).is_ok());
        for argv in [
            words(&[]),
            words(&[""]),
            words(&["a"; 65]),
            vec!["x".repeat(17 << 10)],
            words(&["a\0b"]),
        ] {
            assert!(check(&argv).is_err());
        }
    }

    #[test]
    fn output_is_cut_and_said_to_be() {
        let (mut left, mut truncated) = (5, false);
        assert_eq!(
            keep(Bytes::from_static(b"abc"), &mut left, &mut truncated),
            "abc"
        );
        assert!(!truncated);
        assert_eq!(
            keep(Bytes::from_static(b"defg"), &mut left, &mut truncated),
            "de"
        );
        assert!(truncated);
        assert!(keep(Bytes::from_static(b"h"), &mut left, &mut truncated).is_empty());
    }
}
