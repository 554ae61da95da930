//! `labyard org …`

mod invitations;
mod members;

use std::process::ExitCode;

use api::organization::{NameOrganization, Organization};
use clap::Subcommand;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List your organizations
    List,
    /// Make an organization, with you as its owner
    Create(Named),
    /// Show one organization
    Show(Which),
    /// Give an organization another name
    Rename(Rename),
    /// Delete an organization that holds no cluster any more
    Delete(Which),
    /// List who is in it
    Members(Which),
    /// Give a member another role
    SetRole(members::SetRole),
    /// Take a member out
    Remove(members::Whom),
    /// Take yourself out
    Leave(Which),
    /// Make another member the owner and yourself an admin
    Transfer(members::Whom),
    /// Make an invitation; its link is shown once
    Invite(invitations::Invite),
    /// List the invitations that can still be taken
    Invitations(Which),
    /// Take an invitation back
    Revoke(invitations::Revoke),
    /// Become a member by an invitation's link, read from standard input or asked for
    Join,
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The organization's name or ID
    organization: String,
}

#[derive(clap::Args)]
pub(crate) struct Named {
    /// 1 to 100 characters
    #[arg(long)]
    name: String,
}

#[derive(clap::Args)]
pub(crate) struct Rename {
    /// The organization's name or ID
    organization: String,
    /// 1 to 100 characters
    #[arg(long)]
    name: String,
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List => list(session).await,
            Self::Create(named) => create(session, named.name).await,
            Self::Show(which) => {
                let organization = session.organization(&which.organization).await?;
                show_one(session.format, &organization)
            }
            Self::Rename(rename) => rename.run(session).await,
            Self::Delete(which) => delete(session, &which.organization).await,
            Self::Members(which) => members::list(session, &which.organization).await,
            Self::SetRole(verb) => verb.run(session).await,
            Self::Remove(whom) => whom.remove(session).await,
            Self::Leave(which) => members::leave(session, &which.organization).await,
            Self::Transfer(whom) => whom.transfer(session).await,
            Self::Invite(verb) => verb.run(session).await,
            Self::Invitations(which) => invitations::list(session, &which.organization).await,
            Self::Revoke(verb) => verb.run(session).await,
            Self::Join => invitations::join(session).await,
        }
    }
}

impl Rename {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let wanted = &NameOrganization { name: self.name };
        let renamed = session
            .call(|client| async move { client.rename_organization(id, wanted).await })
            .await?;
        show_one(session.format, &renamed)
    }
}

async fn list(session: &mut Session) -> Done {
    let organizations = session
        .call(|client| async move { client.organizations().await })
        .await?
        .items;
    match session.format {
        Format::Json => output::json(&organizations)?,
        Format::Table => show(&organizations)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(session: &mut Session, name: String) -> Done {
    let wanted = &NameOrganization { name };
    let made = session
        .call(|client| async move { client.create_organization(wanted).await })
        .await?;
    show_one(session.format, &made)
}

async fn delete(session: &mut Session, name: &str) -> Done {
    let organization = session.organization(name).await?;
    session
        .call(|client| async move { client.delete_organization(organization.id).await })
        .await?;
    output::complain(&format!(
        "The organization {} is deleted.",
        organization.name
    ));
    Ok(ExitCode::SUCCESS)
}

fn show_one(format: Format, organization: &Organization) -> Done {
    match format {
        Format::Json => output::json(organization)?,
        Format::Table => show(std::slice::from_ref(organization))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(organizations: &[Organization]) -> Result<(), Failure> {
    let rows = organizations.iter().map(row).collect();
    let head = ["name", "your role", "members", "workspaces", "id"];
    output::say(&output::table(&head, rows))
}

fn row(organization: &Organization) -> Vec<String> {
    let own = if organization.personal {
        " (your own)"
    } else {
        ""
    };
    vec![
        format!("{}{own}", organization.name),
        organization.role.as_str().to_owned(),
        organization.members.to_string(),
        organization.workspaces.to_string(),
        organization.id.to_string(),
    ]
}

/// A role by its word.
fn role(word: &str) -> Result<domain::Role, String> {
    domain::Role::from_word(word).ok_or_else(|| "one of viewer, member, admin, owner".to_owned())
}
