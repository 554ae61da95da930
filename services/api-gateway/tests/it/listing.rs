//! What a scripted host says it has.

use std::time::Duration;

use api::bus::{Capacity, InventoryReply, InventoryRequest, Item};
use domain::{ClusterId, HostId};
use testkit::eventually;

use crate::{
    gateway::{World, sql},
    host::Host,
};

/// An inventory to be sent: a quiet host with much room and nothing on it, unless told otherwise.
#[derive(Clone)]
pub(crate) struct Listing {
    pub(crate) memory_free_mib: u32,
    pub(crate) complete: bool,
    pub(crate) items: Vec<Item>,
    pub(crate) highest_fence: i64,
    /// Of an installation by its ID.
    pub(crate) fence_of: Option<String>,
}

impl Listing {
    pub(crate) fn empty() -> Self {
        Self {
            memory_free_mib: 8192,
            complete: true,
            items: vec![],
            highest_fence: 0,
            fence_of: None,
        }
    }

    /// A host on which these clusters' nodes run.
    pub(crate) fn of<'a>(clusters: impl IntoIterator<Item = &'a ClusterId>) -> Self {
        Self {
            items: clusters.into_iter().copied().map(node).collect(),
            ..Self::empty()
        }
    }

    pub(crate) async fn send(&self, host: &Host) -> InventoryReply {
        let request = InventoryRequest {
            worker: "w1".parse().unwrap(),
            driver: "fake".into(),
            slots: 4,
            capacity: Capacity {
                cpu_millis: 8000,
                memory_mib: 16_384,
                memory_free_mib: self.memory_free_mib,
                disk_mib: 100_000,
                disk_free_mib: 50_000,
                load_hundredths: 125,
            },
            complete: self.complete,
            items: self.items.clone(),
            checks: Vec::new(),
            versions: vec!["v1.34.4".into()],
            pool: 0,
            highest_fence: match self.fence_of {
                Some(_) => 0,
                None => self.highest_fence,
            },
            fences: self
                .fence_of
                .iter()
                .map(|installation| (installation.clone(), self.highest_fence))
                .collect(),
        };
        let to: HostId = host.name.parse().unwrap();
        eventually(Duration::from_secs(5), || async {
            host.bus.request(&request, to.clone()).await.ok()
        })
        .await
    }

    /// Sends it so often that whatever may go has gone by what is not there any more.
    pub(crate) async fn send_for_an_hour(&self, world: &World, host: &Host) -> Vec<ClusterId> {
        let mut removed = vec![];
        for _ in 0..4 {
            removed.extend(self.send(host).await.remove);
            age(world, 900).await;
        }
        removed
    }
}

pub(crate) fn node(cluster: ClusterId) -> Item {
    Item {
        cluster,
        generation: 1,
        role: "node".into(),
        name: format!("labyard-{}-g1", cluster.hex()),
        running: true,
    }
}

/// Lets what the ledgers hold be older.
pub(crate) async fn age(world: &World, secs: u32) {
    let text =
        format!("update orphan set first_seen_at = first_seen_at - interval '{secs} seconds'");
    sql(&world.database, &text).await;
}

/// Clusters that nobody has made.
pub(crate) fn strangers(count: u128) -> Vec<ClusterId> {
    (1..=count)
        .map(|n| ClusterId::from_uuid(uuid::Uuid::from_u128((0x0193 << 112) + n)))
        .collect()
}
