//! One open stream as its shard knows it: who, what it wants, and a place in the ring. No queue.

use std::sync::Arc;

use api::{Timestamp, event::Audience};
use domain::{Cursor, Incarnation, OrganizationId, SessionId, UserId};
use feed::{Reader, Reset};

use super::wants::Wants;
use crate::{archive::Page, transport::frame::Transport};

/// Why this side ends a stream. The number is told to the client; its range says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// This replica stops: come back, elsewhere.
    Drain,
    /// It was too slow and what it has not read is kept here no more: come back with the last cursor.
    Behind,
    /// What the person may see is not certain any more: come back, it is asked for again.
    Admission,
    /// The session was ended: log-out, revocation.
    Session,
    /// The session's time is up.
    Expired,
    /// What the client sent broke the rules of the transport.
    Rules(Fault),
    /// Nothing was heard of the other side, or it read nothing, for too long.
    Silent,
}

/// How a client broke the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    TooLarge,
    TooMany,
    Protocol,
}

impl End {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Behind => "behind",
            Self::Admission => "admission",
            Self::Session => "session",
            Self::Expired => "expired",
            Self::Rules(Fault::TooLarge) => "too_large",
            Self::Rules(Fault::TooMany) => "too_many",
            Self::Rules(Fault::Protocol) => "protocol",
            Self::Silent => "silent",
        }
    }

    pub const fn number(self) -> u16 {
        use api::socket::close;
        match self {
            Self::Drain => close::DRAIN,
            Self::Behind => close::BEHIND,
            Self::Admission => close::ADMISSION,
            Self::Silent => close::SILENT,
            Self::Session => close::SESSION,
            Self::Expired => close::EXPIRED,
            Self::Rules(Fault::TooLarge) => close::TOO_LARGE,
            Self::Rules(Fault::TooMany) => close::TOO_MANY,
            Self::Rules(Fault::Protocol) => close::PROTOCOL,
        }
    }
}

/// What a stream sends next.
#[derive(Debug)]
pub(crate) enum Next {
    /// The frames gathered, after which it stands here.
    Write {
        upto: u64,
        level: bool,
    },
    /// Nothing until something is marked for it.
    Level,
    /// Nothing so far; there is more to look at.
    Again,
    /// It cannot go on from where it was and goes on here.
    Reset(Reset, Cursor),
    /// The events after this cursor left the ring: read them and hand them over as a page.
    Older(Cursor),
    End(End),
}

#[derive(Debug)]
pub(crate) struct Client {
    pub user: UserId,
    pub session: SessionId,
    /// What its credential is limited to, whatever its person may see besides.
    pub only: Option<OrganizationId>,
    pub expires_at: Timestamp,
    pub transport: Transport,
    pub wants: Wants,
    pub reader: Reader<Incarnation>,
    /// Where the log was when it was admitted, at least.
    pub known: u64,
    /// The last place the other side was told of.
    pub told: u64,
    /// The first position marked for it since it was level; 0 is none.
    pub due: u64,
    /// Whatever is not marked is not for it.
    pub level: bool,
    /// It was level once: from then on it has to keep up.
    pub caught: bool,
    /// It is among those to be looked at.
    pub dirty: bool,
    pub opening: Option<Reset>,
    pub page: Option<Arc<Page>>,
    pub end: Option<End>,
    pub generation: u32,
}

impl Client {
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
