//! Reaching into a cluster on somebody's behalf: a command, a kubeconfig. The right is checked and
//! signed here; the exec-service on the cluster's host does it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use api::{
    bus::{Capability, Fault, Open, OpenReply, OpenRequest},
    cluster::{Encoding, Exec, ExecResult, Said, read_stdin},
};
use bus::{CallError, Direction, Received, StreamReceiver};
use domain::{
    Action, ClusterId, ClusterStatus, Code, HostId, Reason, StreamAudit, StreamKind, limits,
};
use jsonwebtoken::get_current_timestamp;
use sea_orm::{DatabaseConnection, TransactionTrait};
use tokio::{runtime::Handle, task::JoinHandle};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    clusters::{
        cluster,
        transition::{self, wrong_status},
        usage, workspace,
    },
    kernel::{
        actor::{Actor, Asked, Object},
        audit::{self, Began},
        error::Error,
        idempotency::{Repeat, at_most_once},
        state::App,
    },
    reach::{kubeconfig, revocation::while_held},
};

/// Seconds a capability may be used.
const CAPABILITY_SECS: u64 = 30;
/// What a command may take beyond its own limit before its answer is given up.
const GRACE: Duration = Duration::from_secs(15);
/// When whoever may run no more commands at once is told to try again.
const BUSY_SECS: u64 = 5;
/// Channels of a command's stream.
const STDOUT: u8 = 1;

/// Runs one command and waits for its end.
pub(crate) async fn exec(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: ClusterId,
    wanted: &Exec,
) -> Result<ExecResult, Error> {
    let asked = Asked::of(Action::ClusterUse, Object::Cluster(id));
    at_most_once(app, actor, repeat, asked, async |begun| {
        run(app, actor, id, wanted, begun).await
    })
    .await
}

async fn run(
    app: &App,
    actor: &Actor,
    id: ClusterId,
    wanted: &Exec,
    begun: &AtomicBool,
) -> Result<ExecResult, Error> {
    // Rights first: what is wrong with the command is nobody else's business.
    let allowed = allow(app, actor, id, StreamKind::Exec, || asked_for(wanted)).await?;
    let end = End::of(app, id, allowed.began);
    let result = carried_out((app, actor, id), allowed, wanted.encoding, begun).await;
    end.came(app, &result).await;
    result
}

async fn carried_out(
    (app, actor, id): (&App, &Actor, ClusterId),
    allowed: Allowed<Open>,
    encoding: Encoding,
    begun: &AtomicBool,
) -> Result<ExecResult, Error> {
    let (asked_for, capability) = (allowed.with, allowed.capability);
    let stream = Uuid::now_v7().simple().to_string();
    let receiver = app
        .bus
        .receive_stream(&capability.host, &stream, Direction::Down)
        .await
        .map_err(|error| Error::Internal(error.into()))?;
    tracing::info!(cluster = %id, user = %actor.user, session = %actor.session, %stream, "exec began");
    let opening = open(app, &capability, &stream, asked_for)?;
    let mut output = Output {
        opening: Some(tokio::spawn(opening)),
        receiver: Some(receiver),
    };
    output.opened().await?;
    begun.store(true, Ordering::Relaxed);
    let held = (app, actor, id, capability.groups.as_slice());
    let result = while_held(held, output.collect(encoding)).await;
    match &result {
        Ok(result) => tracing::info!(%stream, exit_code = result.exit_code, "exec ended"),
        Err(error) => {
            tracing::warn!(%stream, error = error as &dyn std::error::Error, "exec ended unknown")
        }
    }
    result
}

/// The end of a command, which is noted however it comes: a caller that leaves takes the request's
/// handler with them. It is a use too.
struct End {
    people: DatabaseConnection,
    cluster: ClusterId,
    /// Until its end is noted.
    began: Option<Began>,
}

impl End {
    fn of(app: &App, cluster: ClusterId, began: Option<Began>) -> Self {
        Self {
            people: app.people.clone(),
            cluster,
            began,
        }
    }

    async fn came(mut self, app: &App, result: &Result<ExecResult, Error>) {
        let how = match result {
            Ok(result) => serde_json::json!({ "exit_code": result.exit_code }),
            Err(error) => serde_json::json!({ "failed": error.reason().code }),
        };
        if let Some(began) = self.began {
            note(&self.people, self.cluster, began, how).await;
        }
        self.began = None;
        app.appended.notify_one();
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let (Some(began), Ok(runtime)) = (self.began, Handle::try_current()) {
            let (people, cluster) = (self.people.clone(), self.cluster);
            let how = serde_json::json!({ "failed": "caller_left" });
            runtime.spawn(async move { note(&people, cluster, began, how).await });
        }
    }
}

/// That it is not noted now harms less than an answer that is lost: it is planned.
async fn note(
    people: &DatabaseConnection,
    cluster: ClusterId,
    began: Began,
    how: serde_json::Value,
) {
    let noted = async {
        let txn = people.begin().await?;
        usage::used(&txn, cluster, StreamKind::Exec.rules().used_for, 0).await?;
        audit::ended(&txn, began, how).await?;
        txn.commit().await?;
        Ok::<_, Error>(())
    };
    if let Err(error) = noted.await {
        tracing::warn!(%cluster, error = &error as &dyn std::error::Error, "a command's end was not noted");
    }
}

/// A kubeconfig made for the caller.
pub(crate) async fn kubeconfig(app: &App, actor: &Actor, id: ClusterId) -> Result<String, Error> {
    let allowed = allow(app, actor, id, StreamKind::Kubeconfig, || Ok(())).await?;
    let stream = Uuid::now_v7().simple().to_string();
    let reply = open(app, &allowed.capability, &stream, Open::Kubeconfig)?.await?;
    let sealed = reply
        .sealed
        .ok_or_else(|| unavailable("The host sent no kubeconfig."))?;
    let plain = app
        .keys
        .unseal(&sealed)
        .map_err(|error| Error::Internal(error.into()))?;
    let text = kubeconfig::read(&plain, &called(app, actor, id).await?)?;
    tracing::info!(cluster = %id, user = %actor.user, session = %actor.session, "kubeconfig given");
    Ok(text)
}

/// What the cluster is called in this person's kubeconfigs.
async fn called(app: &App, actor: &Actor, id: ClusterId) -> Result<String, Error> {
    let people = &app.people;
    let own = cluster::sql::find_for(people, actor.user, id)
        .await?
        .ok_or_else(Error::not_found)?;
    let alike = cluster::sql::Filter {
        name: Some(own.name().to_owned()),
        workspace: None,
        only: None,
        deleted_too: false,
        before: None,
        limit: limits::PAGE_MAX,
    };
    let others = cluster::sql::list_for(people, actor.user, &alike).await?;
    let workspaces = workspace::sql::list_for(people, actor.user, None).await?;
    let named = |row: &cluster::sql::ClusterRow| kubeconfig::Named {
        id: ClusterId::from_uuid(row.id),
        name: row.name().to_owned(),
        workspace: workspaces
            .iter()
            .find(|workspace| Some(workspace.id) == row.workspace_id)
            .map(|workspace| workspace.name.clone()),
    };
    let others: Vec<_> = others.iter().map(named).collect();
    Ok(kubeconfig::name(&named(&own), &others))
}

struct Allowed<T> {
    capability: Capability,
    with: T,
    /// Of what goes on for a while.
    began: Option<Began>,
}

/// The right to open one stream, and what the request is made of.
async fn allow<T>(
    app: &App,
    actor: &Actor,
    id: ClusterId,
    kind: StreamKind,
    read: impl FnOnce() -> Result<T, Error>,
) -> Result<Allowed<T>, Error> {
    let rules = kind.rules();
    let txn = app.people.begin().await?;
    let (_, rights) = cluster::permitted(&txn, actor, rules.action, id).await?;
    let with = read()?;
    // Under the lock: a stop that comes at the same moment either sees this use or is seen here.
    let row = transition::locked(&txn, id).await?;
    let host = row
        .host_id
        .as_deref()
        .and_then(|host| host.parse::<HostId>().ok());
    let (ClusterStatus::Running, Some(host)) = (row.status(), host) else {
        return Err(wrong_status(&row));
    };
    let number = cluster::sql::person_number(&txn, id, actor.user).await?;
    usage::used(&txn, id, rules.used_for, rules.unseen_secs).await?;
    let began = match rules.audit {
        StreamAudit::BeginAndEnd => Some(audit::began(&txn, actor).await?),
        StreamAudit::Once => {
            audit::allowed(&txn, actor).await?;
            None
        }
    };
    txn.commit().await?;
    app.appended.notify_one();
    let capability = Capability {
        jti: Uuid::now_v7().simple().to_string(),
        host,
        cluster: id,
        generation: row.generation.unsigned_abs(),
        kind,
        session: actor.session,
        user: actor.user,
        user_name: actor.user.to_string(),
        user_number: number,
        groups: rights.groups(),
        secs_max: rules.total_secs,
        output_max: rules.ring_bytes as u64,
        exp: get_current_timestamp() + CAPABILITY_SECS,
    };
    Ok(Allowed {
        capability,
        with,
        began,
    })
}

fn asked_for(wanted: &Exec) -> Result<Open, Error> {
    if let Some(stdin) = &wanted.stdin {
        read_stdin(stdin).map_err(|why| Error::invalid("/stdin", why))?;
    }
    Ok(Open::Exec {
        argv: words(&wanted.command)?,
        stdin: wanted.stdin.clone(),
    })
}

/// A command's words, split as a shell would; no shell is run.
fn words(command: &str) -> Result<Vec<String>, Error> {
    let field = |detail: &str| Error::invalid("/command", detail);
    if command.len() > limits::COMMAND_BYTES_MAX {
        return Err(field(&format!(
            "at most {} bytes",
            limits::COMMAND_BYTES_MAX
        )));
    }
    let words = shell_words::split(command).map_err(|_| field("a quote isn't closed"))?;
    if words.first().is_none_or(String::is_empty) {
        return Err(field("a command needs at least one word"));
    }
    if words.len() > limits::COMMAND_WORDS_MAX {
        return Err(field(&format!(
            "at most {} words",
            limits::COMMAND_WORDS_MAX
        )));
    }
    if command.contains('\0') {
        return Err(field("a command can't contain a zero byte"));
    }
    Ok(words)
}

/// Asks the host to open a stream. What is asked outlives whoever wants it.
fn open(
    app: &App,
    capability: &Capability,
    stream: &str,
    open: Open,
) -> Result<impl Future<Output = Result<OpenReply, Error>> + Send + 'static, Error> {
    let request = OpenRequest {
        stream: stream.to_owned(),
        capability: app.keys.capability(capability)?,
        open,
    };
    let (bus, host) = (app.bus.clone(), capability.host.clone());
    let asked = async move {
        let answer = bus.request(&request, host.clone()).await;
        answer.map_err(|error| match error {
            CallError::Fault(fault) => refused(fault),
            CallError::NoResponder => Error::with_fix(
                Code::Unavailable,
                format!("The exec-service on host {host} doesn't answer."),
                "Ask your administrator to start exec-service on that host.",
            ),
            other => unavailable(&format!("Host {host} didn't answer: {other}.")),
        })
    };
    Ok(asked.in_current_span())
}

fn refused(fault: Fault) -> Error {
    match fault.code {
        Code::RateLimited => Error::Later {
            reason: Reason::with_fix(
                Code::RateLimited,
                fault.message,
                "Stop a running command, or wait: commands end within a minute.",
            ),
            retry_after_secs: BUSY_SECS,
        },
        Code::WrongStatus | Code::Unavailable | Code::Invalid => {
            Error::new(fault.code, fault.message)
        }
        _ => Error::Internal(format!("exec-service refused: {}", fault.message).into()),
    }
}

fn unavailable(message: &str) -> Error {
    Error::new(Code::Unavailable, message)
}

/// A command's output on its way. However its reader ends, the other side is told: if the caller
/// goes away, the command ends too.
struct Output {
    /// Until the host has answered.
    opening: Option<JoinHandle<Result<OpenReply, Error>>>,
    receiver: Option<StreamReceiver>,
}

impl Drop for Output {
    fn drop(&mut self) {
        let (opening, receiver) = (self.opening.take(), self.receiver.take());
        if let (Some(receiver), Ok(runtime)) = (receiver, Handle::try_current()) {
            runtime.spawn(async move {
                // A host that has not answered may not listen yet: what it is told before is lost.
                if let Some(opening) = opening {
                    opening.await.ok();
                }
                receiver.close(None).await;
            });
        }
    }
}

impl Output {
    /// Waits until the host has begun.
    async fn opened(&mut self) -> Result<(), Error> {
        if let Some(opening) = &mut self.opening {
            let reply = opening.await;
            self.opening = None;
            reply.map_err(|error| Error::Internal(error.into()))??;
        }
        Ok(())
    }

    /// Everything until the command's end.
    async fn collect(&mut self, encoding: Encoding) -> Result<ExecResult, Error> {
        let receiver = self
            .receiver
            .as_mut()
            .ok_or_else(|| unavailable("The output was read already."))?;
        let all = Duration::from_secs(limits::EXEC_SECS) + GRACE;
        tokio::time::timeout(all, read_all(receiver, encoding))
            .await
            .unwrap_or_else(|_| {
                Err(unavailable(
                    "The command didn't finish in time. It may have run.",
                ))
            })
    }
}

async fn read_all(receiver: &mut StreamReceiver, encoding: Encoding) -> Result<ExecResult, Error> {
    let mut said = Said::default();
    let (mut cut, mut left) = (false, [limits::EXEC_OUTPUT_MAX; 2]);
    loop {
        match receiver.next().await {
            Received::Chunk { channel, bytes } => {
                let (kept, left) = if channel == STDOUT {
                    (&mut said.output, &mut left[0])
                } else {
                    (&mut said.error, &mut left[1])
                };
                let fits = bytes.len().min(*left);
                cut |= fits < bytes.len();
                *left -= fits;
                kept.extend_from_slice(&bytes[..fits]);
            }
            Received::Exit { code, truncated } => {
                return Ok(ExecResult::of(&said, encoding, code, truncated || cut));
            }
            Received::Closed(Some(fault)) => return Err(refused(fault)),
            Received::Closed(None) | Received::Silent => {
                return Err(unavailable(
                    "The connection to the cluster's host broke. The command may have run.",
                ));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_would() {
        assert_eq!(
            words("kubectl get pods").unwrap(),
            ["kubectl", "get", "pods"]
        );
        assert_eq!(words("sh -c 'a b; c'").unwrap(), ["sh", "-c", "a b; c"]);
        assert_eq!(
            words("echo $HOME | cat").unwrap(),
            ["echo", "$HOME", "|", "cat"]
        );
        for command in [
            "",
            "  ",
            "echo 'open",
            "\"",
            "''",
            &"x ".repeat(65),
            &"x".repeat(17 << 10),
            "a\0b",
        ] {
            assert!(words(command).is_err(), "{command:?}");
        }
    }
}
