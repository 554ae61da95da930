//! `labyard org members|set-role|remove|leave|transfer`

use std::process::ExitCode;

use api::organization::{ChangeMember, Member, Transfer};
use domain::Role;

use super::{organization::show_one, role};
use crate::{
    failure::Done,
    lookup,
    output::{self, Shown},
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct SetRole {
    /// The organization's name or ID
    organization: String,
    /// The member's email or ID
    member: String,
    /// viewer, member, admin or owner
    #[arg(value_parser = role::parse)]
    role: Role,
}

#[derive(clap::Args)]
pub(crate) struct Whom {
    /// The organization's name or ID
    organization: String,
    /// The member's email or ID
    member: String,
}

impl SetRole {
    pub(super) async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let user = session.member(id, &self.member).await?.user_id;
        let wanted = &ChangeMember { role: self.role };
        let changed = session
            .call(|client| async move { client.change_member(id, user, wanted).await })
            .await?;
        output::one(session.format, &changed)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Whom {
    pub(super) async fn remove(self, session: &mut Session) -> Done {
        let organization = session.organization(&self.organization).await?;
        let member = session.member(organization.id, &self.member).await?;
        session
            .call(
                |client| async move { client.remove_member(organization.id, member.user_id).await },
            )
            .await?;
        let (who, name) = (member.email, organization.name);
        output::complain(&format!("{who} removed from {name}."));
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn transfer(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let user_id = session.member(id, &self.member).await?.user_id;
        let wanted = &Transfer { user_id };
        let changed = session
            .call(|client| async move { client.transfer_organization(id, wanted).await })
            .await?;
        show_one(session.format, &changed)
    }
}

pub(super) async fn list(session: &mut Session, organization: &str) -> Done {
    let id = session.organization(organization).await?.id;
    let members = lookup::members(session, id).await?;
    output::list(session.format, &members, "No members.")?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn leave(session: &mut Session, organization: &str) -> Done {
    let organization = session.organization(organization).await?;
    let me = session
        .call(|client| async move { client.me().await })
        .await?
        .user
        .id;
    session
        .call(|client| async move { client.remove_member(organization.id, me).await })
        .await?;
    output::complain(&format!("You left {}.", organization.name));
    Ok(ExitCode::SUCCESS)
}

impl Shown for Member {
    const HEAD: &'static [&'static str] = &["email", "name", "role", "since"];
    const WIDE: &'static [&'static str] = &["id"];

    fn name(&self) -> String {
        self.email.clone()
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.name.clone(),
            self.role.as_str().to_owned(),
            self.since.to_string(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.user_id.to_string()]
    }
}
