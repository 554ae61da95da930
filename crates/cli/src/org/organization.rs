//! `labyard org list|create|get|rename|delete`: organizations themselves.

use std::process::ExitCode;

use api::organization::{NameOrganization, Organization};

use crate::{
    confirm::Sure,
    failure::Done,
    names::Title,
    output::{self, Format, Shown},
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The organization's name or ID
    pub(super) organization: String,
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

impl Which {
    pub(super) async fn get(self, session: &mut Session) -> Done {
        let organization = session.organization(&self.organization).await?;
        show_one(session.format, &organization)
    }
}

impl Named {
    pub(super) async fn create(self, session: &mut Session) -> Done {
        let wanted = &NameOrganization {
            name: self.name.into_string(),
        };
        let made = session
            .call(|client| async move { client.create_organization(wanted).await })
            .await?;
        show_one(session.format, &made)
    }
}

impl Rename {
    pub(super) async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let wanted = &NameOrganization {
            name: self.name.into_string(),
        };
        let renamed = session
            .call(|client| async move { client.rename_organization(id, wanted).await })
            .await?;
        show_one(session.format, &renamed)
    }
}

pub(super) async fn list(session: &mut Session) -> Done {
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

impl Delete {
    pub(super) async fn run(self, session: &mut Session) -> Done {
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

pub(super) fn show_one(format: Format, organization: &Organization) -> Done {
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
