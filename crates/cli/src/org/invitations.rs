//! `labyard org invite|invitations|revoke|join`

use std::process::ExitCode;

use api::organization::{CreateInvitation, Invitation, InvitationToken};
use domain::{InvitationId, Role};

use super::show_one;
use crate::{
    failure::{Done, Failure},
    link,
    output::{self, Format},
    pages,
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Invite {
    /// The organization's name or ID
    organization: String,
    /// What whoever takes it becomes: viewer, member, admin or owner
    #[arg(long, default_value = "member", value_parser = super::role)]
    role: Role,
    /// Only for this address; for anyone who has the link if absent
    #[arg(long)]
    email: Option<String>,
    /// How many people may take it, 1 to 500; 1 if absent
    #[arg(long)]
    uses: Option<u32>,
    /// Days it is good, 1 to 30; 7 if absent
    #[arg(long)]
    days: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The organization's name or ID
    organization: String,
    /// The invitation's ID
    invitation: InvitationId,
}

impl Invite {
    pub(super) async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let wanted = &CreateInvitation {
            role: self.role,
            email: self.email,
            uses: self.uses,
            days: self.days,
        };
        let made = session
            .call(|client| async move { client.invite(id, wanted).await })
            .await?;
        match session.format {
            Format::Json => output::json(&made)?,
            Format::Table => link::show(&made.url)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Revoke {
    pub(super) async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let invitation = self.invitation;
        session
            .call(|client| async move { client.revoke_invitation(id, invitation).await })
            .await?;
        output::complain("The invitation is taken back.");
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) async fn list(session: &mut Session, organization: &str) -> Done {
    let id = session.organization(organization).await?.id;
    let invitations = pages::all(session, "invitations", |client, from| async move {
        client.invitations(id, &pages::query(&from)).await
    })
    .await?;
    match session.format {
        Format::Json => output::json(&invitations)?,
        Format::Table if invitations.is_empty() => output::complain(&format!(
            "No invitation can be taken. Make one: labyard org invite {organization}"
        )),
        Format::Table => show(&invitations)?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn join(session: &mut Session) -> Done {
    let wanted = &InvitationToken {
        token: link::token()?,
    };
    let joined = session
        .call(|client| async move { client.accept_invitation(wanted).await })
        .await?;
    show_one(session.format, &joined)
}

fn show(invitations: &[Invitation]) -> Result<(), Failure> {
    let row = |invitation: &Invitation| {
        vec![
            invitation.role.as_str().to_owned(),
            invitation.email.clone().unwrap_or_else(|| "anyone".into()),
            invitation.uses_left.to_string(),
            invitation.expires_at.to_string(),
            invitation.id.to_string(),
        ]
    };
    let rows = invitations.iter().map(row).collect();
    output::say(&output::table(
        &["role", "for", "uses left", "until", "id"],
        rows,
    ))
}
