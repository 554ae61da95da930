//! An event as the hub holds it: framed, and with what decides who is shown it.

use api::{
    Timestamp,
    bus::Logged,
    event::{AccessChanged, Audience, Event, kind},
};
use domain::{ClusterId, Cursor, Incarnation, OrganizationId, TaskId, WorkspaceId};

use crate::transport::frame::Frames;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Places {
    pub organization: Option<OrganizationId>,
    pub workspace: Option<WorkspaceId>,
    pub cluster: Option<ClusterId>,
    pub task: Option<TaskId>,
}

impl Places {
    fn of(event: &Event) -> Self {
        Self {
            organization: event.organization_id,
            workspace: event.workspace_id,
            cluster: event.cluster_id,
            task: event.task_id,
        }
    }
}

/// Types of events, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u32);

impl Kinds {
    pub(crate) const ALL: Self = Self(u32::MAX);
    /// Whatever this version has no name for.
    const OTHER: Self = Self(1 << 31);

    fn of(kind: &str) -> Self {
        let index = kind::ALL.iter().position(|known| *known == kind);
        index.map_or(Self::OTHER, |index| Self(1 << index.min(30)))
    }

    /// The types named: whole, or as `<noun>.*`. None named is all; `Err` names the unknown one.
    pub(crate) fn named<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut kinds = Self(0);
        for name in names {
            let mut one = Self(0);
            for (index, known) in kind::ALL.iter().enumerate() {
                let noun = name.strip_suffix('*');
                if *known == name || noun.is_some_and(|noun| known.starts_with(noun)) {
                    one.0 |= 1 << index.min(30);
                }
            }
            if one.0 == 0 {
                return Err(name);
            }
            kinds.0 |= one.0;
        }
        Ok(if kinds.0 == 0 { Self::ALL } else { kinds })
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What an event does to anybody's rights.
#[derive(Debug)]
pub(crate) enum Rights {
    Stay,
    Change(AccessChanged),
    /// It may have taken rights from anybody.
    Unreadable,
}

/// An event in the ring.
#[derive(Debug)]
pub(crate) struct Entry {
    pub position: u64,
    pub audience: Audience,
    pub places: Places,
    pub kind: Kinds,
    pub rights: Rights,
    pub time: Timestamp,
    pub frames: Frames,
}

impl Entry {
    pub(crate) fn new(incarnation: Incarnation, logged: Logged) -> Self {
        let Logged {
            position,
            audience,
            event,
            trace: _,
        } = logged;
        let shown = !matches!(audience, Audience::Hub | Audience::Unknown);
        let cursor = Cursor {
            incarnation,
            position,
        };
        Self {
            position,
            places: Places::of(&event),
            kind: Kinds::of(&event.kind),
            time: event.time,
            frames: if shown {
                Frames::new(cursor, &event)
            } else {
                Frames::default()
            },
            rights: rights(position, event),
            audience,
        }
    }

    /// Bytes it costs.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.frames.size()
    }
}

fn rights(position: u64, event: Event) -> Rights {
    if event.kind != kind::ACCESS_CHANGED {
        return Rights::Stay;
    }
    match serde_json::from_value(event.data.unwrap_or_default()) {
        Ok(change) => Rights::Change(change),
        Err(error) => {
            tracing::error!(position, %error, "a change of rights cannot be read: all streams end");
            Rights::Unreadable
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_whole_or_by_their_noun() {
        let tasks = Kinds::named(["task.*"].into_iter()).unwrap();
        assert!(tasks.meets(Kinds::of(kind::TASK_STEP_BEGAN)));
        assert!(!tasks.meets(Kinds::of(kind::CLUSTER_CHANGED)));
        let one = Kinds::named([kind::CLUSTER_CREATED].into_iter()).unwrap();
        assert!(!one.meets(Kinds::of(kind::CLUSTER_CHANGED)));
        assert_eq!(Kinds::named([].into_iter()), Ok(Kinds::ALL));
        assert!(Kinds::ALL.meets(Kinds::of("of.later")));
        assert_eq!(Kinds::named(["nothing"].into_iter()), Err("nothing"));
        assert!(kind::ALL.len() < 31, "each type has a bit of its own");
    }
}
