//! Reaching inside a container through the engine's exec.

use bollard::{
    container::LogOutput,
    exec::{StartExecOptions, StartExecResults},
    models::ExecConfig,
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::AsyncWriteExt;

use super::{Docker, port};
use crate::{Command, Endpoint, Instance, Output, Reach, ReachError, Running, names};

const ADMIN: &str = "/etc/rancher/k3s/k3s.yaml";
/// Bytes of a kubeconfig; a longer one is not ours.
const ADMIN_MAX: usize = 64 << 10;

impl Reach for Docker {
    async fn endpoint(&self, instance: Instance) -> Result<Endpoint, ReachError> {
        let inspected = self
            .engine
            .inspect_container(&names::node(instance), None)
            .await
            .map_err(reach)?;
        let state = inspected.state.unwrap_or_default();
        if !state.running.unwrap_or(false) {
            return Err(ReachError::NotRunning);
        }
        let bindings = inspected
            .host_config
            .and_then(|config| config.port_bindings)
            .unwrap_or_default();
        let api_port = bindings.get(port::INSIDE).and_then(|bindings| {
            bindings
                .as_ref()?
                .first()?
                .host_port
                .as_deref()?
                .parse()
                .ok()
        });
        // A start empties /run, where people's homes are.
        let life = format!(
            "{}@{}",
            inspected.id.unwrap_or_default(),
            state
                .started_at
                .map_or_else(String::new, |at| at.to_string())
        );
        Ok(Endpoint { life, api_port })
    }

    async fn admin_kubeconfig(&self, instance: Instance) -> Result<String, ReachError> {
        let command = Command {
            argv: vec!["cat".into(), ADMIN.into()],
            ..Command::default()
        };
        let mut running = self.exec(instance, command).await?;
        let mut text = BytesMut::new();
        while let Some(output) = running.output.try_next().await? {
            if let Output::Stdout(bytes) = output
                && text.len() + bytes.len() <= ADMIN_MAX
            {
                text.extend_from_slice(&bytes);
            }
        }
        match running.exit.await? {
            0 => String::from_utf8(text.to_vec())
                .map_err(|error| ReachError::Engine(Box::new(error))),
            _ => Err(ReachError::NotRunning),
        }
    }

    async fn exec(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
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
        if let Some(bytes) = stdin {
            input
                .write_all(&bytes)
                .await
                .map_err(|error| ReachError::Engine(Box::new(error)))?;
            input
                .shutdown()
                .await
                .map_err(|error| ReachError::Engine(Box::new(error)))?;
        }
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

fn read(piece: LogOutput) -> Option<Output> {
    match piece {
        LogOutput::StdOut { message } | LogOutput::Console { message } => {
            Some(Output::Stdout(keep(message)))
        }
        LogOutput::StdErr { message } => Some(Output::Stderr(keep(message))),
        LogOutput::StdIn { .. } => None,
    }
}

fn keep(bytes: Bytes) -> Bytes {
    bytes
}

fn reach(error: bollard::errors::Error) -> ReachError {
    match super::status(&error) {
        Some(404 | 409) => ReachError::NotRunning,
        _ => ReachError::Engine(Box::new(error)),
    }
}
