//! What happened, told: the timeline, the audit, streams, webhooks.

pub(crate) mod admit;
pub(crate) mod audit;
pub(crate) mod delivery;
pub(crate) mod timeline;
pub(crate) mod webhook;
