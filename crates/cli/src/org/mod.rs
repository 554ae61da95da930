//! `labyard org …`

mod invitations;
mod members;
mod organization;
mod role;
mod trusts;

use clap::Subcommand;

use organization::{Delete, Named, Rename, Which};

use crate::{failure::Done, session::Session};

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

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List => organization::list(session).await,
            Self::Create(named) => named.create(session).await,
            Self::Get(which) => which.get(session).await,
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
