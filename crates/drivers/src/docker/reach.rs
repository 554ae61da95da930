//! Reaching inside a container through the engine's exec. What is inside is its owner's: programs and files there may be
//! of any kind, never answer and never end.

use std::time::Duration;

use bollard::{
    container::LogOutput,
    exec::{StartExecOptions, StartExecResults},
    models::ExecConfig,
};
use domain::Endpoint;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use tokio::{io::AsyncWriteExt, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use super::{
    engine::{Docker, status},
    port,
};
use crate::{
    credential::{Credential, FILE_MAX, Unusable},
    exec::{Command, Inspected, Instance, Output, Reach, ReachError, Running},
    names,
};

const ADMIN: &str = "/etc/rancher/k3s/k3s.yaml";
/// How long the engine may take to say where a container is.
const INSPECT: Duration = Duration::from_secs(3);
/// How long a command may take to begin.
const BEGIN: Duration = Duration::from_secs(5);
/// How long a file inside may take to be read.
const READ: Duration = Duration::from_secs(5);

impl Reach for Docker {
    async fn inspect(&self, instance: Instance) -> Result<Inspected, ReachError> {
        let node = names::node(instance);
        let inspecting = self.engine.inspect_container(&node, None);
        let inspected = within(INSPECT, async { inspecting.await.map_err(reach) }).await?;
        let state = inspected.state.unwrap_or_default();
        if !state.running.unwrap_or(false) {
            return Err(ReachError::NotRunning);
        }
        let bindings = inspected
            .host_config
            .and_then(|config| config.port_bindings)
            .unwrap_or_default();
        let api = bindings.get(port::INSIDE).and_then(|bindings| {
            let port = bindings.as_ref()?.first()?.host_port.as_deref()?;
            port.parse().ok().map(Endpoint::loopback)
        });
        // A start empties /run, where people's homes are.
        let boot_id = format!(
            "{}@{}",
            inspected.id.unwrap_or_default(),
            state
                .started_at
                .map_or_else(String::new, |at| at.to_string())
        );
        Ok(Inspected { boot_id, api })
    }

    async fn credential(&self, instance: Instance) -> Result<Credential, ReachError> {
        let file = within(READ, Box::pin(self.read_admin(instance))).await?;
        Ok(Credential::read(&file)?)
    }

    async fn exec(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
        within(BEGIN, Box::pin(self.begin(instance, command))).await
    }
}

impl Docker {
    /// At most what a credential may have: a pipe or a device in its place ends here, and there too.
    async fn read_admin(&self, instance: Instance) -> Result<Vec<u8>, ReachError> {
        let secs = READ.as_secs().to_string();
        let most = (FILE_MAX + 1).to_string();
        let argv = ["timeout", "-s", "KILL", &secs, "head", "-c", &most, ADMIN];
        let command = Command {
            argv: argv.map(str::to_owned).to_vec(),
            ..Command::default()
        };
        let mut running = self.exec(instance, command).await?;
        let file = gather(&mut running.output).await?;
        match running.exit.await? {
            0 => Ok(file),
            _ => Err(ReachError::NotRunning),
        }
    }

    async fn begin(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
        let stdin = command.stdin;
        let config = ExecConfig {
            attach_stdin: Some(stdin.is_some()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.argv),
            env: (!command.env.is_empty()).then_some(command.env),
            user: command.user,
            working_dir: command.working_dir,
            ..ExecConfig::default()
        };
        let id = self
            .engine
            .create_exec(&names::node(instance), config)
            .await
            .map_err(reach)?
            .id;
        let options = StartExecOptions::default();
        let StartExecResults::Attached { output, mut input } = self
            .engine
            .start_exec(&id, Some(options))
            .await
            .map_err(reach)?
        else {
            return Err(ReachError::NotRunning);
        };
        // Beside the reading: a command that writes while it reads would wait for us as we for it. One that reads no
        // more has had enough; a lost engine ends the output too.
        let feeding = tokio::spawn(async move {
            if let Some(bytes) = stdin {
                let _ = input.write_all(&bytes).await;
                let _ = input.shutdown().await;
            }
            input
        });
        let input = AbortOnDropHandle::new(feeding);
        let engine = self.engine.clone();
        let exit = async move {
            let ended = engine.inspect_exec(&id).await.map_err(reach)?;
            Ok(ended
                .exit_code
                .and_then(|code| i32::try_from(code).ok())
                .unwrap_or(-1))
        };
        // The input is held until the output ends: some engines end the command with it.
        let output = output
            .map_err(reach)
            .try_filter_map(|piece| async move { Ok(read(piece)) });
        let output = output.chain(futures_util::stream::poll_fn(move |_| {
            let _held = &input;
            std::task::Poll::Ready(None)
        }));
        Ok(Running {
            output: output.boxed(),
            exit: Box::pin(exit),
        })
    }
}

/// What a file has to say, both streams counted: whoever says more is not listened to.
async fn gather(
    output: &mut BoxStream<'static, Result<Output, ReachError>>,
) -> Result<Vec<u8>, ReachError> {
    let (mut file, mut left) = (Vec::new(), FILE_MAX);
    while let Some(piece) = output.try_next().await? {
        let (Output::Stdout(bytes) | Output::Stderr(bytes)) = &piece;
        left = left.checked_sub(bytes.len()).ok_or(Unusable::TooLong)?;
        if let Output::Stdout(bytes) = piece {
            file.extend_from_slice(&bytes);
        }
    }
    Ok(file)
}

async fn within<T>(
    time: Duration,
    step: impl Future<Output = Result<T, ReachError>>,
) -> Result<T, ReachError> {
    timeout(time, step).await.unwrap_or(Err(ReachError::Slow))
}

fn read(piece: LogOutput) -> Option<Output> {
    match piece {
        LogOutput::StdOut { message } | LogOutput::Console { message } => {
            Some(Output::Stdout(message))
        }
        LogOutput::StdErr { message } => Some(Output::Stderr(message)),
        LogOutput::StdIn { .. } => None,
    }
}

fn reach(error: bollard::errors::Error) -> ReachError {
    match status(&error) {
        Some(404 | 409) => ReachError::NotRunning,
        _ => ReachError::Engine(Box::new(error)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_file_without_end_is_not_read_to_its_end() {
        let piece = || Ok(Output::Stdout(Bytes::from_static(&[b'x'; 1 << 10])));
        let mut endless = stream::repeat_with(piece).boxed();
        let read = gather(&mut endless).await;
        assert!(matches!(
            read,
            Err(ReachError::Credential(Unusable::TooLong))
        ));
        let noise = || Ok(Output::Stderr(Bytes::from_static(&[b'x'; 1 << 10])));
        let mut endless = stream::repeat_with(noise).boxed();
        assert!(gather(&mut endless).await.is_err());
        let mut short = stream::iter([piece(), noise(), piece()]).boxed();
        assert_eq!(gather(&mut short).await.unwrap().len(), 2 << 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pipe_in_the_place_of_a_file_is_given_up() {
        let mut silent = stream::pending().boxed();
        let read = within(READ, gather(&mut silent)).await;
        assert!(matches!(read, Err(ReachError::Slow)));
    }
}
