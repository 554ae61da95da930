//! Clusters: the workspaces they stand in, what is asked of them, the tasks that do it.

pub(crate) mod cluster;
pub(crate) mod events;
pub(crate) mod expiry;
pub(crate) mod placement;
pub(crate) mod pool;
pub(crate) mod task;
pub(crate) mod transition;
pub(crate) mod usage;
pub(crate) mod workspace;
