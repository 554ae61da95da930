//! What goes on by somebody's right while a story takes the right away: their event stream, a command.

use std::{
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use api::{
    client::Frame,
    event::{Event, kind},
    organization::{NameOrganization, Organization},
};
use domain::ClusterId;
use futures_util::StreamExt;
use testkit::eventually;
use tokio::task::JoinHandle;

use crate::{
    command::{Said, docker, said},
    labs,
    person::Person,
};

/// How soon an end must bite, from the moment it is asked for: two seconds, four times that on a busy
/// machine. What ends by a round of checks alone comes later than that.
pub const BITES: Duration = Duration::from_secs(8);
const HEARD: Duration = Duration::from_secs(10);

/// Somebody's event stream and all that it has told, with an organization of their own to hear of.
pub struct Ear {
    heard: Arc<Mutex<Vec<Event>>>,
    listening: JoinHandle<()>,
    own: Organization,
}

impl Ear {
    /// # Panics
    /// When the stream does not open.
    pub async fn of(person: &Person) -> Self {
        let name = NameOrganization {
            name: "Own".to_owned(),
        };
        let own = person.client.create_organization(&name).await.unwrap();
        let mut stream = Box::pin(person.client.events(None).await.unwrap());
        assert!(matches!(stream.next().await, Some(Ok(Frame::Ready(_)))));
        let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
        let listening = tokio::spawn({
            let heard = heard.clone();
            async move {
                while let Some(Ok(frame)) = stream.next().await {
                    if let Frame::Event(_, event) = frame {
                        heard.lock().unwrap().push(*event);
                    }
                }
            }
        });
        Self {
            heard,
            listening,
            own,
        }
    }

    /// How many events of this cluster there were.
    ///
    /// # Panics
    /// When what listens has.
    pub fn of_cluster(&self, id: ClusterId) -> usize {
        self.count(|event| event.cluster_id == Some(id))
    }

    fn count(&self, what: impl Fn(&Event) -> bool) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|event| what(event)).count()
    }

    /// Waits until all is heard that was committed until now: the log has one order, and what its
    /// listener does last comes last.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn catch_up(&self, person: &Person) {
        let id = self.own.id;
        let told = |event: &Event| {
            event.kind == kind::ORGANIZATION_CHANGED && event.organization_id == Some(id)
        };
        let before = self.count(told);
        let name = NameOrganization {
            name: format!("Own {before}"),
        };
        person.client.rename_organization(id, &name).await.unwrap();
        eventually(HEARD, || async {
            (self.count(told) > before).then_some(())
        })
        .await;
    }

    /// Waits for the stream's end.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn ends(&self, asked: Instant) {
        eventually(left(asked), || async {
            self.listening.is_finished().then_some(())
        })
        .await;
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn left(asked: Instant) -> Duration {
    BITES.saturating_sub(asked.elapsed())
}

/// A command that runs in a cluster until it is ended.
pub struct Going {
    child: Child,
    cluster: ClusterId,
    words: String,
}

impl Going {
    /// Runs one that is known by its seconds, and waits until the container has it.
    ///
    /// # Panics
    /// When it does not begin.
    pub async fn begin(person: &Person, cluster: ClusterId, secs: &str) -> Self {
        let id = cluster.to_string();
        let child = person
            .labyard_command(&["cluster", "exec", &id, "--", "sleep", secs])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let going = Self {
            child,
            cluster,
            words: format!("sleep {secs}"),
        };
        eventually(HEARD, || async { going.runs_inside().then_some(()) }).await;
        going
    }

    fn runs_inside(&self) -> bool {
        labs::containers(self.cluster).iter().any(|container| {
            docker(&["top", container, "-eo", "pid,args"])
                .out
                .lines()
                .any(|line| line.ends_with(&self.words))
        })
    }

    /// What it says at its end; nothing of it is left in the container.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn ends(mut self, asked: Instant) -> Said {
        while self.child.try_wait().unwrap().is_none() {
            assert!(asked.elapsed() < BITES, "{} goes on", self.words);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        eventually(left(asked), || async {
            (!self.runs_inside()).then_some(())
        })
        .await;
        said(self.child.wait_with_output().unwrap())
    }
}
