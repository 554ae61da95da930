//! `labyard org …`

mod invitations;
mod members;
mod trusts;

use std::process::ExitCode;

use api::organization::{NameOrganization, Organization};
use clap::Subcommand;

use crate::{
    confirm::Sure,
    failure::Done,
    names::Title,
    output::{self, Format, Shown},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List your organizations
    #[command(visible_alias = "ls")]
    List,
    /// Create an organization, with you as its owner
    Create(Named),
    /// Show an organization
    #[command(visible_alias = "show")]
    Get(Which),
    /// Rename an organization
    Rename(Rename),
    /// Delete an organization that has no clusters
    #[command(visible_alias = "rm")]
    Delete(Delete),
    /// List members
    Members(Which),
    /// Change a member's role
    SetRole(members::SetRole),
    /// Remove a member
    Remove(members::Whom),
    /// Leave an organization
    Leave(Which),
    /// Transfer ownership to another member and become an admin
    Transfer(members::Whom),
    /// Create an invitation; its link is shown once
    Invite(invitations::Invite),
    /// List the invitations that can still be used
    Invitations(Which),
    /// Revoke an invitation
    Revoke(invitations::Revoke),
    /// Join by an invitation's link, which is read from standard input or asked for
    #[command(visible_alias = "redeem")]
    Join,
    /// Trust pipelines, which log in with their provider's token
    #[command(subcommand)]
    Trust(trusts::Verb),
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The organization's name or ID
    organization: String,
}

#[derive(clap::Args)]
pub(crate) struct Named {
    #[command(flatten)]
    name: Title,
}

#[derive(clap::Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    sure: Sure,
}

#[derive(clap::Args)]
pub(crate) struct Rename {
    /// The organization's name or ID
    organization: String,
    #[command(flatten)]
    name: Title,
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List => list(session).await,
            Self::Create(named) => create(session, named.name.take()).await,
            Self::Get(which) => {
                let organization = session.organization(&which.organization).await?;
                show_one(session.format, &organization)
            }
            Self::Rename(rename) => rename.run(session).await,
            Self::Delete(delete) => delete.run(session).await,
            Self::Members(which) => members::list(session, &which.organization).await,
            Self::SetRole(verb) => verb.run(session).await,
            Self::Remove(whom) => whom.remove(session).await,
            Self::Leave(which) => members::leave(session, &which.organization).await,
            Self::Transfer(whom) => whom.transfer(session).await,
            Self::Invite(verb) => verb.run(session).await,
            Self::Invitations(which) => invitations::list(session, &which.organization).await,
            Self::Revoke(verb) => verb.run(session).await,
            Self::Join => invitations::join(session).await,
            Self::Trust(verb) => verb.run(session).await,
        }
    }
}

impl Rename {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let wanted = &NameOrganization {
            name: self.name.take(),
        };
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
    output::list(
        session.format,
        &organizations,
        "You are in no organization.",
    )?;
    Ok(ExitCode::SUCCESS)
}

async fn create(session: &mut Session, name: String) -> Done {
    let wanted = &NameOrganization { name };
    let made = session
        .call(|client| async move { client.create_organization(wanted).await })
        .await?;
    show_one(session.format, &made)
}

impl Delete {
    async fn run(self, session: &mut Session) -> Done {
        let organization = session.organization(&self.which.organization).await?;
        let question = format!(
            "Delete the organization {}, its workspaces and its settings?",
            organization.name
        );
        self.sure.ask(&question)?;
        session
            .call(|client| async move { client.delete_organization(organization.id).await })
            .await?;
        output::complain(&format!("Organization {} deleted.", organization.name));
        Ok(ExitCode::SUCCESS)
    }
}

fn show_one(format: Format, organization: &Organization) -> Done {
    output::one(format, organization)?;
    Ok(ExitCode::SUCCESS)
}

impl Shown for Organization {
    const HEAD: &'static [&'static str] = &["name", "your role", "members", "workspaces"];
    const WIDE: &'static [&'static str] = &["id"];

    fn name(&self) -> String {
        self.name.clone()
    }

    fn row(&self) -> Vec<String> {
        let own = if self.personal { " (your own)" } else { "" };
        vec![
            format!("{}{own}", self.name),
            self.role.as_str().to_owned(),
            self.members.to_string(),
            self.workspaces.to_string(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.id.to_string()]
    }
}

/// A role by its word.
fn role(word: &str) -> Result<domain::Role, String> {
    domain::Role::from_word(word).ok_or_else(|| "one of viewer, member, admin, owner".to_owned())
}
