//! Why this side ends a stream, and how its client is told: by a number, whose range says what to do, and a word.

use api::socket::close;

/// Why this side ends a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
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
pub(crate) enum Fault {
    TooLarge,
    TooMany,
    Protocol,
}

impl End {
    pub(crate) const fn as_str(self) -> &'static str {
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

    pub(crate) const fn number(self) -> u16 {
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
