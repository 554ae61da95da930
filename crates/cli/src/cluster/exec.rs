//! `labyard cluster exec`

use std::{
    io::Read,
    process::ExitCode,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use api::cluster::{self, ExecResult};
use domain::limits;
use rustix::fs::{FileType, fstat};

use crate::{
    failure::{CUT, Done, Failure},
    output,
    session::Session,
};

const LIMITS: &str = "Limits: the command may run for 60 seconds, print 1 MiB each of output and errors, and read 128 KiB.
A command that runs longer is ended with exit code 124. If output was cut, the exit code is 8.
Piped or redirected input is passed on, like:
  labyard cluster exec demo -- kubectl apply -f - < web.yaml
For longer work use your own kubectl: labyard cluster kubeconfig demo --merge";

/// What timeout(1) exits with, and so does the cluster's host.
const TIMED_OUT: i32 = 124;
/// When whoever waits for the end of standard input is notified.
const INPUT_PATIENCE: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
#[command(after_help = LIMITS)]
pub(crate) struct Exec {
    /// The cluster's name or ID
    name: String,
    /// Don't pass standard input on
    #[arg(long)]
    no_stdin: bool,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

impl Exec {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let input = match self.no_stdin {
            true => None,
            false => piped()?,
        };
        let cluster = session.cluster(&self.name).await?;
        let command = &cluster::Exec {
            encoding: cluster::Encoding::Base64,
            ..cluster::Exec::of(shell_words::join(&self.command), input.as_deref())
        };
        let mut progress = output::Progress::for_eyes();
        progress.show("Running. The output comes when the command has ended.".into());
        let began = Instant::now();
        let result = session
            .call(|client| async move { client.exec(cluster.id, command).await })
            .await?;
        drop(progress);
        let streams = result.said().context("Can't read the answer")?;
        output::raw(&streams.output)?;
        output::raw_error(&streams.error);
        let (code, note) = end(&result, began.elapsed());
        if let Some((what, fix)) = note {
            output::complain(&what);
            output::advise(&fix);
        }
        Ok(ExitCode::from(code))
    }
}

/// The exit code, and a note on an end that is not the command's own.
fn end(result: &ExecResult, took: Duration) -> (u8, Option<(String, String)>) {
    let own = u8::try_from(result.exit_code).unwrap_or(1);
    let limit = Duration::from_secs(limits::EXEC_SECS);
    let kubectl = || "For longer work use your own kubectl: see --help".to_owned();
    // A command may exit with the same code; only the limit takes this long.
    if result.exit_code == TIMED_OUT && took >= limit {
        let what = format!("The command was ended after {} seconds.", limit.as_secs());
        return (own, Some((what, kubectl())));
    }
    if result.truncated {
        let mib = limits::EXEC_OUTPUT_MAX >> 20;
        let what = format!("The output was cut after {mib} MiB. The rest is missing.");
        let fix = "Print less, or use your own kubectl: see --help".to_owned();
        return (if own == 0 { CUT } else { own }, Some((what, fix)));
    }
    (own, None)
}

/// What is piped or redirected to us; a terminal, and what a program that started us left open, is not read.
fn piped() -> Result<Option<Vec<u8>>, Failure> {
    let stat = fstat(std::io::stdin()).map_err(anyhow::Error::from)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if !matches!(kind, FileType::Fifo | FileType::RegularFile) {
        return Ok(None);
    }
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let most = limits::EXEC_INPUT_MAX as u64 + 1;
        let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
        let _ = sender.send(read.map(|_| bytes));
    });
    let read = receiver.recv_timeout(INPUT_PATIENCE).or_else(|error| {
        if error == RecvTimeoutError::Timeout {
            output::complain("Waiting for the end of standard input.");
            output::advise("To run the command without it: --no-stdin");
        }
        receiver.recv()
    });
    let bytes = read
        .map_err(anyhow::Error::from)?
        .context("Can't read standard input")?;
    if bytes.len() > limits::EXEC_INPUT_MAX {
        let kib = limits::EXEC_INPUT_MAX >> 10;
        return Err(Failure::usage(
            format!("Standard input is longer than {kib} KiB. The command was not run."),
            "Use your own kubectl for larger files: see --help",
        ));
    }
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(exit_code: i32, truncated: bool) -> ExecResult {
        ExecResult {
            output: String::new(),
            error: String::new(),
            exit_code,
            truncated,
            encoding: cluster::Encoded::default(),
        }
    }

    #[test]
    fn words_stay_words() {
        let words = ["sh", "-c", "echo 'a b'; exit 7", "", "a\nb"];
        let line = shell_words::join(words);
        assert_eq!(
            shell_words::split(&line).ok(),
            Some(words.map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn what_was_cut_or_timed_out_is_no_success_and_says_so() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(60));
        for (exit_code, truncated, took, code, word) in [
            (0, false, short, 0, None),
            (7, false, long, 7, None),
            (0, true, short, CUT, Some("cut after 1 MiB")),
            (3, true, short, 3, Some("cut after 1 MiB")),
            (124, false, long, 124, Some("after 60 seconds")),
            (124, true, long, 124, Some("after 60 seconds")),
            // By a timeout of its own.
            (124, false, short, 124, None),
        ] {
            let (got, note) = end(&result(exit_code, truncated), took);
            assert_eq!(got, code, "{exit_code} {truncated} {took:?}");
            assert_eq!(note.is_some(), word.is_some());
            if let (Some((what, fix)), Some(word)) = (note, word) {
                assert!(what.contains(word) && !fix.is_empty(), "{what}");
            }
        }
    }

    #[test]
    fn the_help_names_the_limits_as_they_are() {
        assert_eq!(limits::EXEC_SECS, 60);
        assert_eq!(
            (limits::EXEC_OUTPUT_MAX, limits::EXEC_INPUT_MAX),
            (1 << 20, 128 << 10)
        );
    }
}
