//! A host that is silent, in words, and what that means to a cluster of its.

use api::cluster::Cluster;
use domain::{ClusterHealth, ClusterStatus, Code, Reason, limits};

use super::answer::{Point, Topic};

/// What a silent host does, to go after its name.
pub(super) fn words() -> String {
    format!("hasn't reported for {} s", limits::HOST_SILENT_SECS)
}

/// Of a cluster whose host is silent.
pub(super) fn unreachable(cluster: &Cluster) -> Option<Point> {
    if cluster.health != ClusterHealth::Unreachable || cluster.status == ClusterStatus::Deleted {
        return None;
    }
    let host = cluster.host.as_ref();
    let host = host.map_or_else(|| "Its host".to_owned(), |id| format!("Its host {id}"));
    let reason = Reason::with_fix(
        Code::HostUnreachable,
        format!("{host} {}. Whatever is requested waits for it.", words()),
        "No action needed. Work continues when the host answers. Administrators see more: labyard host list",
    );
    Some(Point::of(Topic::Unreachable, &reason))
}
