//! Where somebody can be present, and who may be there.

use api::Timestamp;
use domain::OrganizationId;

use super::{shard::Shard, stream_key::StreamKey, topic::Topic};

/// Where somebody can be. The organization is a part of it: who may enter is decided by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PresenceRoom {
    pub organization: OrganizationId,
    /// A workspace or a cluster.
    pub topic: Topic,
}

impl<B> Shard<B> {
    /// Whether a stream's person may be shown in a room, and see who else is.
    pub(crate) fn may_enter(&self, key: StreamKey, room: &PresenceRoom, now: Timestamp) -> bool {
        let client = self.client(key);
        let client = client.filter(|client| client.reaches(room.organization));
        let user = client.and_then(|client| self.users.get(client.user));
        user.is_some_and(|user| match room.topic {
            Topic::Cluster(cluster) => {
                user.access.in_organization(room.organization) || user.access.shares(cluster, now)
            }
            _ => user.access.in_organization(room.organization),
        })
    }
}
