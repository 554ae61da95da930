//! Who is here: which connections say they are in a workspace or at a cluster, and on which page. It
//! forgets whoever goes; replicas publish what they hold, and a silent one is forgotten.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use api::{
    bus::PresenceUpdate,
    socket::{Here, PRESENCE, Presence as RoomState},
};
use bus::{Bus, PresenceUpdates};
use bytes::Bytes;
use chrono::{SubsecRound, Utc};
use domain::UserId;
use futures_util::StreamExt;
use metrics::Gauge;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    hub::{PresenceRoom, StreamKey, Topic},
    inbox::{Command, Inbox},
    transport::websocket_frame,
};

/// Connections of one room that are notified and shown.
const ROOM_MAX: usize = 200;
/// Rooms one connection may be in.
const ROOMS_MAX: usize = 4;
/// Rooms remembered of other replicas.
const REMOTE_MAX: usize = 10_000;
/// Acts that wait; more are dropped, and the next one of that connection puts it right.
const WAITING_MAX: usize = 4_096;
/// How often a replica repeats what it holds, and when a silent one is forgotten.
const REPEAT: Duration = Duration::from_secs(5);
const FORGET: Duration = Duration::from_secs(15);

/// What a connection does.
#[derive(Debug)]
pub(crate) enum Act {
    Enter {
        room: PresenceRoom,
        user: UserId,
        page: Option<String>,
    },
    Leave {
        room: PresenceRoom,
    },
    Gone,
    /// What a person may see has changed: whoever may not be there any more is put out.
    Recheck {
        user: UserId,
    },
}

struct Sent {
    key: StreamKey,
    inbox: Arc<Inbox>,
    act: Act,
}

/// The way to the rooms; cheap to clone.
#[derive(Clone)]
pub(crate) struct Presence(mpsc::Sender<Sent>);

impl Presence {
    /// Takes what connections do, until the receiver is dropped.
    pub(crate) fn new() -> (Self, Acts) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self(sender), Acts(receiver))
    }

    pub(crate) fn act(&self, key: StreamKey, inbox: &Arc<Inbox>, act: Act) {
        let inbox = inbox.clone();
        if self.0.try_send(Sent { key, inbox, act }).is_err() {
            tracing::debug!("presence is overloaded, or over");
        }
    }
}

/// What connections do, as it arrives.
pub(crate) struct Acts(mpsc::Receiver<Sent>);

struct Member {
    inbox: Arc<Inbox>,
    here: Here,
}

/// A connection: its thread, and what the thread calls it.
type Whose = (usize, StreamKey);

#[derive(Default)]
struct Local {
    members: BTreeMap<Whose, Member>,
}

struct Remote {
    here: Vec<Here>,
    at: Instant,
}

/// Keeps the rooms.
pub(crate) struct Rooms {
    bus: Bus,
    replica: String,
    local: HashMap<PresenceRoom, Local>,
    remote: HashMap<(String, PresenceRoom), Remote>,
    present: Gauge,
}

impl Rooms {
    pub(crate) fn new(bus: Bus, present: Gauge) -> Self {
        Self {
            bus,
            replica: format!("{:016x}", rand::random::<u64>()),
            local: HashMap::new(),
            remote: HashMap::new(),
            present,
        }
    }

    /// Keeps them until `stop`, then says that nobody is here any more.
    pub(crate) async fn run(
        mut self,
        mut acts: Acts,
        mut updates: PresenceUpdates,
        stop: CancellationToken,
    ) {
        let mut repeat = tokio::time::interval(REPEAT);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(sent) = acts.0.recv() => self.on_act(sent).await,
                Some(update) = updates.next() => self.on_update(update, Instant::now()),
                _ = repeat.tick() => self.repeat().await,
            }
        }
        let rooms: Vec<PresenceRoom> = self.local.drain().map(|(room, _)| room).collect();
        for room in rooms {
            self.publish(room).await;
        }
        self.bus.flush().await;
    }

    async fn on_act(&mut self, sent: Sent) {
        let Sent { key, inbox, act } = sent;
        let whose = (Arc::as_ptr(&inbox) as usize, key);
        let changed = match act {
            Act::Enter { room, user, page } => self.enter(whose, inbox, room, user, page),
            Act::Leave { room } => self.leave(whose, |other| *other == room),
            Act::Gone => self.leave(whose, |_| true),
            Act::Recheck { user } => {
                self.recheck(user);
                vec![]
            }
        };
        let here = self.local.values().map(|room| room.members.len());
        self.present.set(here.sum::<usize>() as f64);
        for room in changed {
            self.publish(room).await;
            self.notify(room);
        }
    }

    fn enter(
        &mut self,
        whose: Whose,
        inbox: Arc<Inbox>,
        room: PresenceRoom,
        user: UserId,
        page: Option<String>,
    ) -> Vec<PresenceRoom> {
        let rooms = self.local.values();
        let mine = rooms
            .filter(|held| held.members.contains_key(&whose))
            .count();
        let held = self.local.entry(room).or_default();
        if let Some(member) = held.members.get_mut(&whose) {
            member.here.page = page;
        } else if held.members.len() < ROOM_MAX && mine < ROOMS_MAX {
            // As others read it, so that every replica has the same order.
            let since = Utc::now().trunc_subsecs(3).into();
            let here = Here {
                user_id: user,
                page,
                since,
            };
            held.members.insert(whose, Member { inbox, here });
        } else if held.members.is_empty() {
            self.local.remove(&room);
            return vec![];
        }
        vec![room]
    }

    fn leave(&mut self, whose: Whose, which: impl Fn(&PresenceRoom) -> bool) -> Vec<PresenceRoom> {
        let mut changed = vec![];
        self.local.retain(|room, held| {
            if which(room) && held.members.remove(&whose).is_some() {
                changed.push(*room);
            }
            !held.members.is_empty()
        });
        changed
    }

    /// Each thread notifies only those who may be there, and puts out the others.
    fn recheck(&self, user: UserId) {
        for (room, held) in &self.local {
            let mut members = held.members.values();
            if members.any(|member| member.here.user_id == user) {
                self.notify(*room);
            }
        }
    }

    fn on_update(&mut self, update: PresenceUpdate, now: Instant) {
        if update.replica == self.replica {
            return;
        }
        let Some(room) = room_of(&update) else {
            return;
        };
        let key = (update.replica, room);
        let before = self.remote.get(&key).map(|remote| remote.here.as_slice());
        let changed = before.unwrap_or_default() != update.here.as_slice();
        if update.here.is_empty() {
            self.remote.remove(&key);
        } else if self.remote.contains_key(&key) || self.remote.len() < REMOTE_MAX {
            let mut here = update.here;
            here.truncate(ROOM_MAX);
            self.remote.insert(key, Remote { here, at: now });
        }
        if changed {
            self.notify(room);
        }
    }

    async fn repeat(&mut self) {
        let now = Instant::now();
        let mut silent = vec![];
        self.remote.retain(|(_, room), remote| {
            let stays = now.saturating_duration_since(remote.at) < FORGET;
            if !stays {
                silent.push(*room);
            }
            stays
        });
        for room in silent {
            self.notify(room);
        }
        let rooms: Vec<PresenceRoom> = self.local.keys().copied().collect();
        for room in rooms {
            self.publish(room).await;
        }
    }

    async fn publish(&self, room: PresenceRoom) {
        let members = self
            .local
            .get(&room)
            .into_iter()
            .flat_map(|held| held.members.values());
        let (workspace_id, cluster_id) = ids(room);
        let update = PresenceUpdate {
            replica: self.replica.clone(),
            organization_id: room.organization,
            workspace_id,
            cluster_id,
            here: members.map(|member| member.here.clone()).collect(),
        };
        if let Err(error) = self.bus.publish_presence(&update).await {
            tracing::debug!(%error, "presence cannot be published; it is repeated");
        }
    }

    /// Sends everybody of this replica who is in a room who is there now.
    fn notify(&self, room: PresenceRoom) {
        let Some(held) = self.local.get(&room) else {
            return;
        };
        let frame = self.frame(room, held);
        for ((_, key), member) in &held.members {
            let command = Command::Presence(*key, room, frame.clone());
            member.inbox.push(command);
        }
    }

    fn frame(&self, room: PresenceRoom, held: &Local) -> Bytes {
        let others = self.remote.iter().filter(|((_, other), _)| *other == room);
        let mut here: Vec<Here> = held
            .members
            .values()
            .map(|member| member.here.clone())
            .collect();
        here.extend(others.flat_map(|(_, remote)| remote.here.iter().cloned()));
        here.sort_by_key(|here| (here.since.datetime(), here.user_id, here.page.clone()));
        here.truncate(ROOM_MAX);
        let (workspace_id, cluster_id) = ids(room);
        let state = RoomState {
            organization_id: room.organization,
            workspace_id,
            cluster_id,
            here,
        };
        websocket_frame::message(PRESENCE, state)
    }
}

fn ids(room: PresenceRoom) -> (Option<domain::WorkspaceId>, Option<domain::ClusterId>) {
    match room.topic {
        Topic::Workspace(id) => (Some(id), None),
        Topic::Cluster(id) => (None, Some(id)),
        Topic::Organization(_) | Topic::Task(_) => (None, None),
    }
}

fn room_of(update: &PresenceUpdate) -> Option<PresenceRoom> {
    let topic = match (update.workspace_id, update.cluster_id) {
        (Some(id), None) => Topic::Workspace(id),
        (None, Some(id)) => Topic::Cluster(id),
        _ => return None,
    };
    Some(PresenceRoom {
        organization: update.organization_id,
        topic,
    })
}
