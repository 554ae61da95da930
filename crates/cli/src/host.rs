//! `labyard host …`, for administrators.

use std::process::ExitCode;

use api::host::Host;
use clap::Subcommand;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    pages,
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the hosts: what they have, what is promised, what is wrong
    List,
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let Self::List = self;
        let hosts = all(session).await?;
        match session.format {
            Format::Json => output::json(&hosts)?,
            Format::Table if hosts.is_empty() => {
                output::complain("No host has said anything yet.\n  Look at its worker: make logs");
            }
            Format::Table => show(&hosts)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Every page; all of them or a failure.
pub(crate) async fn all(session: &mut Session) -> Result<Vec<Host>, Failure> {
    pages::all(session, "hosts", |client, from| async move {
        client.hosts_page(&pages::query(&from)).await
    })
    .await
}

fn show(hosts: &[Host]) -> Result<(), Failure> {
    let head = [
        "host",
        "state",
        "at work",
        "clusters",
        "warm",
        "cpu",
        "memory",
        "disk free",
        "load",
        "left over",
    ];
    let table = output::table(&head, hosts.iter().map(row).collect());
    output::say(&table)?;
    for host in hosts.iter().filter(|host| state(host) != "ok") {
        output::complain(&format!("{}: see labyard why {}", host.id, host.id));
    }
    Ok(())
}

fn state(host: &Host) -> &'static str {
    match (host.reachable, &host.full) {
        (false, _) => "unreachable",
        (true, Some(_)) => "full",
        (true, None) if host.checks.iter().any(|check| !check.ok) => "check",
        (true, None) => "ok",
    }
}

fn row(host: &Host) -> Vec<String> {
    let capacity = host.capacity;
    vec![
        host.id.to_string(),
        state(host).to_owned(),
        format!("{}/{}", host.busy, host.slots),
        host.clusters.to_string(),
        format!("{}/{}", host.pool.ready, host.pool.wanted),
        format!("{}/{}m", host.reserved.cpu_millis, capacity.cpu_millis),
        format!("{}/{} MiB", host.reserved.memory_mib, capacity.memory_mib),
        format!("{} GiB", capacity.disk_free_mib / 1024),
        format!("{:.2}", host.load),
        host.ledger.len().to_string(),
    ]
}
