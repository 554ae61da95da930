//! `labyard org invite|invitations|revoke|join`

use std::process::ExitCode;

use api::organization::{CreateInvitation, Invitation, InvitationToken};
use domain::{InvitationId, Role};

use super::{organization::show_one, role};
use crate::{
    failure::Done,
    link,
    output::{self, Shown},
    pages,
    session::Session,
    span,
};

#[derive(clap::Args)]
pub(crate) struct Invite {
    /// The organization's name or ID
    organization: String,
    /// The role of people who join: viewer, member, admin or owner
    #[arg(long, default_value = "member", value_parser = role::parse)]
    role: Role,
    /// Only for this email; by default for anyone with the link
    #[arg(long)]
    email: Option<String>,
    /// How many people can use it, 1 to 500; 1 by default
    #[arg(long)]
    uses: Option<u32>,
    /// How long it is valid, 1d to 30d; 7d by default
    #[arg(long = "for", value_parser = span::days)]
    time: Option<u32>,
    /// The same as a number of days
    #[arg(long, conflicts_with = "time", hide = true)]
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
            days: self.time.or(self.days),
        };
        let made = session
            .call(|client| async move { client.invite(id, wanted).await })
            .await?;
        if !output::data(session.format, &made)? {
            link::show(&made.url)?;
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
        output::complain("Invitation revoked.");
        Ok(ExitCode::SUCCESS)
    }
}

pub(super) async fn list(session: &mut Session, organization: &str) -> Done {
    let id = session.organization(organization).await?.id;
    let invitations = pages::all(session, "invitations", |client, from| async move {
        client.invitations(id, &pages::query(&from)).await
    })
    .await?;
    let none = format!("No open invitations. Create one: labyard org invite {organization}");
    output::list(session.format, &invitations, &none)?;
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

impl Shown for Invitation {
    const HEAD: &'static [&'static str] = &["role", "for", "uses left", "expires", "id"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.role.as_str().to_owned(),
            self.email.clone().unwrap_or_else(|| "anyone".into()),
            self.uses_left.to_string(),
            self.expires_at.to_string(),
            self.id.to_string(),
        ]
    }
}
