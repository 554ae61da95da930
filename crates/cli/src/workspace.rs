//! `labyard workspace …`

use std::process::ExitCode;

use api::organization::{ChangeWorkspace, CreateWorkspace, Quota, WorkspaceDetail};
use clap::Subcommand;
use domain::OrganizationId;

use crate::{
    confirm::Sure,
    failure::{Done, Failure},
    lookup,
    names::Label,
    output::{self, Format, Shown},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List workspaces with their use and quotas
    #[command(visible_alias = "ls")]
    List(List),
    /// Create a workspace
    Create(Create),
    /// Show a workspace
    #[command(visible_alias = "show")]
    Get(Which),
    /// Change a workspace's name or quota
    Set(Set),
    /// Delete a workspace that has no clusters
    #[command(visible_alias = "rm")]
    Delete(Delete),
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only workspaces of this organization, by its name or ID
    #[arg(long)]
    org: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The workspace's name or ID
    workspace: String,
    /// Its organization, where several have a workspace of this name
    #[arg(long)]
    org: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    sure: Sure,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    name: Label,
    /// The organization's name or ID; by default your own
    #[arg(long)]
    org: Option<String>,
    #[command(flatten)]
    quota: Limits,
}

#[derive(clap::Args)]
pub(crate) struct Set {
    #[command(flatten)]
    which: Which,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    quota: Limits,
    /// Remove the limits that aren't given here
    #[arg(long)]
    no_other_limits: bool,
}

/// The quota of a workspace.
#[derive(clap::Args)]
struct Limits {
    /// Live clusters at once
    #[arg(long)]
    clusters: Option<u32>,
    /// CPU of all clusters that aren't stopped, in thousandths of a core
    #[arg(long)]
    cpu_millis: Option<u32>,
    /// Memory of all clusters that aren't stopped, in MiB
    #[arg(long)]
    memory_mib: Option<u32>,
    /// Cluster hours in a calendar month
    #[arg(long)]
    cluster_hours: Option<u32>,
}

impl Limits {
    /// These, and what was there where none is given.
    fn over(&self, old: Quota) -> Quota {
        Quota {
            clusters: self.clusters.or(old.clusters),
            cpu_millis: self.cpu_millis.or(old.cpu_millis),
            memory_mib: self.memory_mib.or(old.memory_mib),
            cluster_hours: self.cluster_hours.or(old.cluster_hours),
        }
    }
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List(list) => list.run(session).await,
            Self::Create(create) => create.run(session).await,
            Self::Get(which) => {
                let workspace = which.find(session).await?;
                show_one(session.format, &workspace)
            }
            Self::Set(set) => set.run(session).await,
            Self::Delete(delete) => delete.run(session).await,
        }
    }
}

/// The organization somebody named, if they did.
async fn organization(
    session: &mut Session,
    name: Option<&str>,
) -> Result<Option<OrganizationId>, Failure> {
    Ok(match name {
        Some(name) => Some(session.organization(name).await?.id),
        None => None,
    })
}

impl List {
    async fn run(self, session: &mut Session) -> Done {
        let organization = organization(session, self.org.as_deref()).await?;
        let workspaces = lookup::workspaces(session, organization).await?;
        output::list(session.format, &workspaces, "No workspaces.")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Which {
    async fn find(&self, session: &mut Session) -> Result<WorkspaceDetail, Failure> {
        let organization = organization(session, self.org.as_deref()).await?;
        session.workspace(&self.workspace, organization).await
    }
}

impl Delete {
    async fn run(self, session: &mut Session) -> Done {
        let workspace = self.which.find(session).await?;
        self.sure
            .ask(&format!("Delete the workspace {}?", workspace.name))?;
        session
            .call(|client| async move { client.delete_workspace(workspace.id).await })
            .await?;
        output::complain(&format!("Workspace {} deleted.", workspace.name));
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(self, session: &mut Session) -> Done {
        let wanted = &CreateWorkspace {
            organization_id: organization(session, self.org.as_deref()).await?,
            name: self.name.into_string(),
            quota: self.quota.over(Quota::default()),
        };
        let made = session
            .call(|client| async move { client.create_workspace(wanted).await })
            .await?;
        show_one(session.format, &made)
    }
}

impl Set {
    async fn run(self, session: &mut Session) -> Done {
        let old = self.which.find(session).await?;
        let kept = if self.no_other_limits {
            Quota::default()
        } else {
            old.quota
        };
        let quota = self.quota.over(kept);
        let wanted = &ChangeWorkspace {
            name: self.name,
            quota: (quota != old.quota).then_some(quota),
        };
        let changed = session
            .call(|client| async move { client.change_workspace(old.id, wanted).await })
            .await?;
        show_one(session.format, &changed)
    }
}

fn show_one(format: Format, workspace: &WorkspaceDetail) -> Done {
    output::one(format, workspace)?;
    Ok(ExitCode::SUCCESS)
}

impl Shown for WorkspaceDetail {
    const HEAD: &'static [&'static str] = &[
        "name",
        "your role",
        "status",
        "clusters",
        "cpu",
        "memory",
        "hours",
    ];
    const WIDE: &'static [&'static str] = &["id", "organization"];

    fn name(&self) -> String {
        self.name.clone()
    }

    fn row(&self) -> Vec<String> {
        let (used, quota) = (self.used, self.quota);
        let hours = format!("{:.1}", used.cluster_hours);
        vec![
            self.name.clone(),
            self.role.as_str().to_owned(),
            self.status.as_str().to_owned(),
            of(used.clusters.to_string(), quota.clusters, ""),
            of(used.cpu_millis.to_string(), quota.cpu_millis, "m"),
            of(used.memory_mib.to_string(), quota.memory_mib, " MiB"),
            of(hours, quota.cluster_hours, ""),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.id.to_string(), self.organization_id.to_string()]
    }
}

/// What is held of what may be.
fn of(used: String, limit: Option<u32>, unit: &str) -> String {
    match limit {
        Some(limit) => format!("{used}/{limit}{unit}"),
        None => format!("{used}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stays() {
        let given = Limits {
            clusters: Some(3),
            cpu_millis: None,
            memory_mib: None,
            cluster_hours: None,
        };
        let old = Quota {
            clusters: Some(1),
            memory_mib: Some(4096),
            ..Quota::default()
        };
        let new = given.over(old);
        assert_eq!((new.clusters, new.memory_mib), (Some(3), Some(4096)));
        assert_eq!(given.over(Quota::default()).memory_mib, None);
    }
}
