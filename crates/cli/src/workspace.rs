//! `labyard workspace …`

use std::process::ExitCode;

use api::organization::{ChangeWorkspace, CreateWorkspace, Quota, WorkspaceDetail};
use clap::Subcommand;
use domain::OrganizationId;

use crate::{
    failure::{Done, Failure},
    lookup,
    output::{self, Format},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the workspaces, what they hold and may hold
    List(List),
    /// Make a workspace
    Create(Create),
    /// Show one workspace
    Show(Which),
    /// Give a workspace another name or quota
    Set(Set),
    /// Delete a workspace that holds no cluster any more
    Delete(Which),
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only of this organization, by its name or ID
    #[arg(long)]
    org: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The workspace's name or ID
    workspace: String,
    /// The organization it is in, where several have one of this name
    #[arg(long)]
    org: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// 1 to 40 characters of a-z, 0-9 and -, starting with a letter
    #[arg(long)]
    name: String,
    /// The organization's name or ID; your own if absent
    #[arg(long)]
    org: Option<String>,
    #[command(flatten)]
    quota: Limits,
}

#[derive(clap::Args)]
pub(crate) struct Set {
    #[command(flatten)]
    which: Which,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    quota: Limits,
    /// No limit but those given here
    #[arg(long)]
    no_other_limits: bool,
}

/// What a workspace may hold at once.
#[derive(clap::Args)]
struct Limits {
    /// Live clusters
    #[arg(long)]
    clusters: Option<u32>,
    /// Thousandths of a CPU of all clusters that are not stopped
    #[arg(long)]
    cpu_millis: Option<u32>,
    /// Mebibytes of memory of all clusters that are not stopped
    #[arg(long)]
    memory_mib: Option<u32>,
    /// Hours of clusters in a calendar month
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
            Self::Show(which) => {
                let workspace = which.find(session).await?;
                show_one(session.format, &workspace)
            }
            Self::Set(set) => set.run(session).await,
            Self::Delete(which) => which.delete(session).await,
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
        match session.format {
            Format::Json => output::json(&workspaces)?,
            Format::Table => show(&workspaces)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Which {
    async fn find(&self, session: &mut Session) -> Result<WorkspaceDetail, Failure> {
        let organization = organization(session, self.org.as_deref()).await?;
        session.workspace(&self.workspace, organization).await
    }

    async fn delete(self, session: &mut Session) -> Done {
        let workspace = self.find(session).await?;
        session
            .call(|client| async move { client.delete_workspace(workspace.id).await })
            .await?;
        output::complain(&format!("The workspace {} is deleted.", workspace.name));
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(self, session: &mut Session) -> Done {
        let wanted = &CreateWorkspace {
            organization_id: organization(session, self.org.as_deref()).await?,
            name: self.name,
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
    match format {
        Format::Json => output::json(workspace)?,
        Format::Table => show(std::slice::from_ref(workspace))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(workspaces: &[WorkspaceDetail]) -> Result<(), Failure> {
    let head = [
        "name",
        "your role",
        "status",
        "clusters",
        "cpu",
        "memory",
        "hours",
        "id",
        "organization",
    ];
    output::say(&output::table(&head, workspaces.iter().map(row).collect()))
}

fn row(workspace: &WorkspaceDetail) -> Vec<String> {
    let (used, quota) = (workspace.used, workspace.quota);
    vec![
        workspace.name.clone(),
        workspace.role.as_str().to_owned(),
        workspace.status.as_str().to_owned(),
        of(used.clusters.to_string(), quota.clusters, ""),
        of(used.cpu_millis.to_string(), quota.cpu_millis, "m"),
        of(used.memory_mib.to_string(), quota.memory_mib, " MiB"),
        of(
            format!("{:.1}", used.cluster_hours),
            quota.cluster_hours,
            "",
        ),
        workspace.id.to_string(),
        workspace.organization_id.to_string(),
    ]
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
