//! The kinds of timed things.

use std::fmt;

/// What is planned for a time; its key says for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of a cluster's life; the key is its ID.
    Ttl,
    /// The warnings before it; the key is the cluster's ID.
    Warning,
    /// A cluster that nobody uses is stopped; the key is its ID.
    Idle,
    /// What is kept for a time only goes; there is one.
    Housekeeping,
    /// The log's partitions of the next days are made; there is one.
    Partitions,
    /// A host's warm pool is looked at; the key is the host.
    Pool,
    /// The end of a share; the key is its ID.
    Share,
    /// A host may have been silent for too long; the key is the host.
    Silent,
    /// A command whose end nobody wrote; the key is the number of its beginning in the audit.
    Command,
    /// A webhook has something to deliver, or tries again; the key is its ID. A loop of its own does it, since no
    /// transaction may wait for a stranger's server.
    Webhook,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Ttl,
        Self::Warning,
        Self::Idle,
        Self::Housekeeping,
        Self::Partitions,
        Self::Pool,
        Self::Share,
        Self::Silent,
        Self::Command,
        Self::Webhook,
    ];

    /// Its word in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ttl => "ttl",
            Self::Warning => "warning",
            Self::Idle => "idle",
            Self::Housekeeping => "housekeeping",
            Self::Partitions => "partitions",
            Self::Pool => "pool",
            Self::Share => "share",
            Self::Silent => "silent",
            Self::Command => "command",
            Self::Webhook => "webhook",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
