//! `labyard host …`, for administrators.

use std::process::ExitCode;

use api::host::Host;
use clap::Subcommand;

use crate::{
    failure::{Done, Failure},
    output::{self, Shown},
    pages,
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List hosts: their capacity, their use and their problems
    #[command(visible_alias = "ls")]
    List,
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let Self::List = self;
        let hosts = all(session).await?;
        let format = session.format;
        let none = "No host has reported yet. Check its worker: make logs";
        output::list(format, &hosts, none)?;
        if format.is_for_people() {
            for host in hosts.iter().filter(|host| state(host) != "ok") {
                output::complain(&format!("{}: see labyard why {}", host.id, host.id));
            }
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

fn state(host: &Host) -> &'static str {
    match (host.reachable, &host.full) {
        (false, _) => "unreachable",
        (true, Some(_)) => "full",
        (true, None) if host.checks.iter().any(|check| !check.ok) => "check",
        (true, None) => "ok",
    }
}

impl Shown for Host {
    const HEAD: &'static [&'static str] = &[
        "host",
        "state",
        "busy",
        "clusters",
        "warm",
        "cpu",
        "memory",
        "disk free",
        "load",
        "leftovers",
    ];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        let capacity = self.capacity;
        let reserved = self.reserved;
        vec![
            self.id.to_string(),
            state(self).to_owned(),
            format!("{}/{}", self.busy, self.slots),
            self.clusters.to_string(),
            format!("{}/{}", self.pool.ready, self.pool.wanted),
            format!("{}/{}m", reserved.cpu_millis, capacity.cpu_millis),
            format!("{}/{} MiB", reserved.memory_mib, capacity.memory_mib),
            format!("{} GiB", capacity.disk_free_mib / 1024),
            format!("{:.2}", self.load),
            self.ledger.len().to_string(),
        ]
    }
}
