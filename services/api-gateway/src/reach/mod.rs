//! Reaching into a cluster: commands, kubeconfigs, and what ends them.

pub(crate) mod exec;
pub(crate) mod http;
pub(crate) mod kubeconfig;
pub(crate) mod revocation;
