//! One open stream as its shard knows it: who, what it wants, and a place in the log. No queue.

use api::{Timestamp, event::Audience};
use domain::{Cursor, Incarnation, OrganizationId, SessionId, UserId};
use feed::{Reader, Reset};

use super::{progress::Progress, wants::Wants};
use crate::end::End;

#[derive(Debug)]
pub(crate) struct Client<B> {
    pub user: UserId,
    pub session: SessionId,
    /// What its credential is limited to, whatever its person may see besides.
    pub only: Option<OrganizationId>,
    pub expires_at: Timestamp,
    pub wants: Wants,
    pub reader: Reader<Incarnation>,
    pub progress: Progress<B>,
    /// The last place the other side was told: where it comes back to.
    pub last_acked: u64,
    /// The log had come this far when the stream was admitted, even if this replica had not.
    pub admitted_at: u64,
    /// It is among those with something to do.
    pub dirty: bool,
    /// What it is told before anything else.
    pub pending_reset: Option<Reset>,
    pub end: Option<End>,
    pub generation: u32,
}

impl<B> Client<B> {
    /// Whether something of this organization is in the credential's reach.
    pub(crate) fn reaches(&self, organization: OrganizationId) -> bool {
        self.only.is_none_or(|only| only == organization)
    }

    /// Whether what is for this audience is in the credential's reach. What is one person's own is of
    /// no organization.
    pub(crate) fn is_of(&self, audience: &Audience) -> bool {
        match audience {
            Audience::Organization {
                organization_id, ..
            } => self.reaches(*organization_id),
            Audience::User { .. } | Audience::Hub | Audience::Unknown => self.only.is_none(),
        }
    }

    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            incarnation: self.reader.incarnation(),
            position: self.reader.position(),
        }
    }
}
