//! What every part of the worker works with: its host, its gateway, who it is and what it holds. It does nothing by itself.

use bus::seal::SealKey;
use tokio::sync::Notify;

use crate::{held::Leases, identity::Identity};

pub(crate) struct Context<G, D> {
    /// Clusters worked on at once.
    pub(crate) slots: u32,
    /// Warm clusters that the host's operator wants there of each version.
    pub(crate) pool: u32,
    pub(crate) driver: D,
    pub(crate) gateway: G,
    pub(crate) identity: Identity,
    pub(crate) seal: SealKey,
    pub(crate) leases: Leases,
    /// Rung when something on the host changed.
    pub(crate) host_changed: Notify,
    /// Rung when the gateway has something new for what is held.
    pub(crate) renew_now: Notify,
}
