//! What goes on by somebody's right while a story takes the right away: their event stream, a command.

use std::{
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{
    client::Frame,
    event::{Event, kind},
    organization::{NameOrganization, Organization},
};
use domain::ClusterId;
use futures_util::StreamExt;
use testkit::{eventually, within};
use tokio::task::JoinHandle;

use crate::{
    command::{Said, docker, said},
    labs,
    person::Person,
};

/// How soon an end must bite on a quiet machine, from the moment it was promised.
const BITES: Duration = Duration::from_secs(5);
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
    pub async fn ends(&self) {
        eventually(BITES, || async {
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
        eventually(HEARD, || async {
            runs_inside(cluster, &going.words).then_some(())
        })
        .await;
        going
    }

    /// What it says at its end; nothing of it is left in the container.
    ///
    /// # Panics
    /// When it does not end in time.
    pub async fn ends(self) -> Said {
        let Self {
            child,
            cluster,
            words,
        } = self;
        let said = tokio::task::spawn_blocking(move || said(child.wait_with_output().unwrap()));
        let said = within(BITES, said).await.expect(&words).unwrap();
        eventually(BITES, || async {
            (!runs_inside(cluster, &words)).then_some(())
        })
        .await;
        said
    }
}

fn runs_inside(cluster: ClusterId, words: &str) -> bool {
    labs::containers(cluster).iter().any(|container| {
        docker(&["top", container, "-eo", "pid,args"])
            .out
            .lines()
            .any(|line| line.ends_with(words))
    })
}
