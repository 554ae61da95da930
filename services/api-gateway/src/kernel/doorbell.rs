//! Wakes whoever can work on a cluster.

use api::cluster::Cluster;

use crate::kernel::state::App;

/// Its host; any that could take it where it has none yet.
pub(crate) async fn ring(app: &App, cluster: &Cluster) {
    match &cluster.host {
        Some(host) => app.bus.ring_host(host).await,
        None => app.bus.ring(&cluster.driver).await,
    }
}
