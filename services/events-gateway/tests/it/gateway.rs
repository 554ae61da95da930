//! A gateway that says what a test wrote for it: it admits people, keeps a log, serves ranges of it,
//! and publishes as much of it as it is told to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use api::{
    bus::{
        AdmitReply, AdmitRequest, Credential, Fault, LogHead, LogReply, LogRequest, Logged,
        Published,
    },
    event::{AccessChanged, Audience, Event, Grants, OrganizationGrant, kind},
};
use bus::{Bus, GatewayKeys, seal::OpenKey};
use chrono::Utc;
use domain::{
    ClusterId, ClusterStatus, Code, Cursor, EventId, Incarnation, OrganizationId, Role, SessionId,
    UserId,
};
use testkit::{Nats, eventually};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

/// Events in one answer, few so that a test sees several.
const PAGE: usize = 16;
const HEAD_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct Gateway {
    bus: Bus,
    state: Arc<Mutex<State>>,
    _stop: DropGuard,
}

#[derive(Clone)]
pub(crate) struct Person {
    pub user: UserId,
    pub session: SessionId,
    pub grants: Grants,
    pub lives: Duration,
}

pub(crate) struct State {
    pub incarnation: Incarnation,
    /// The first position still kept.
    pub first: u64,
    pub events: Vec<Logged>,
    /// By what they show: `bearer:…`, `cookie:…`, `stream:…`.
    pub people: HashMap<String, Person>,
    /// How often the log was read.
    pub reads: usize,
    /// The places hubs named when they asked for admission.
    pub seen: Vec<Option<Cursor>>,
}

impl State {
    pub(crate) fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// Commits an event and gives its position.
    pub(crate) fn commit(&mut self, audience: Audience, event: Event) -> u64 {
        let position = self.head() + 1;
        self.events.push(Logged {
            position,
            audience,
            event,
            trace: None,
        });
        position
    }

    fn admit(&mut self, key: &OpenKey, request: &AdmitRequest) -> Result<AdmitReply, Fault> {
        self.seen.push(request.seen);
        let opened = key
            .open(&request.credential)
            .expect("sealed to the gateway");
        let shown = match serde_json::from_slice(&opened).unwrap() {
            Credential::Bearer(token) => format!("bearer:{}", token.expose()),
            Credential::Cookie(value) => format!("cookie:{}", value.expose()),
            Credential::Stream(token) => format!("stream:{}", token.expose()),
        };
        let person = self.people.get(&shown).ok_or(Fault {
            code: Code::Unauthenticated,
            message: "Nobody shows that.".into(),
            retryable: false,
        })?;
        Ok(AdmitReply {
            user_id: person.user,
            session_id: person.session,
            expires_at: (Utc::now() + person.lives).into(),
            grants: person.grants.clone(),
            only: None,
            at: Cursor {
                incarnation: self.incarnation,
                position: self.head(),
            },
        })
    }

    fn read(&mut self, after: u64) -> LogReply {
        self.reads += 1;
        let after = after.max(self.first - 1);
        let events = self.events.iter().skip(usize::try_from(after).unwrap());
        LogReply {
            head: LogHead {
                incarnation: self.incarnation,
                position: self.head(),
            },
            first: self.first,
            events: events.take(PAGE).cloned().collect(),
        }
    }
}

impl Gateway {
    pub(crate) async fn start(nats: &Nats) -> Self {
        let bus = Bus::connect(nats.user("api-gateway")).await.unwrap();
        eventually(super::SOON, || async { bus.connected().then_some(()) }).await;
        let state = Arc::new(Mutex::new(State {
            incarnation: Incarnation(0xa),
            first: 1,
            events: vec![],
            people: HashMap::new(),
            reads: 0,
            seen: vec![],
        }));
        let stop = CancellationToken::new();
        let (serving, kept, stopped) = (bus.clone(), state.clone(), stop.clone());
        tokio::spawn(async move {
            let handler = move |request: AdmitRequest, _| {
                let answer = kept.lock().unwrap().admit(&key(), &request);
                async move { answer }
            };
            serving.serve((), 8, stopped, handler).await
        });
        let (serving, kept, stopped) = (bus.clone(), state.clone(), stop.clone());
        tokio::spawn(async move {
            let handler = move |request: LogRequest, _| {
                let reply = kept.lock().unwrap().read(request.after);
                async move { Ok(reply) }
            };
            serving.serve((), 8, stopped, handler).await
        });
        let (speaking, kept, stopped) = (bus.clone(), state.clone(), stop.clone());
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(HEAD_INTERVAL);
            while stopped.run_until_cancelled(ticks.tick()).await.is_some() {
                let head = {
                    let state = kept.lock().unwrap();
                    LogHead {
                        incarnation: state.incarnation,
                        position: state.head(),
                    }
                };
                let _ = speaking.publish_head(head).await;
            }
        });
        Self {
            bus,
            state,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn keys(&self) -> GatewayKeys {
        GatewayKeys {
            seal: key().public(),
            capability: [0; 32],
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The same, for a task of its own.
    pub(crate) fn shared(&self) -> Arc<Mutex<State>> {
        self.state.clone()
    }

    /// Somebody with a bearer token and a role in some organizations.
    pub(crate) fn person(&self, token: &str, number: u128, organizations: &[OrganizationId]) {
        let person = Person {
            user: super::user(number),
            session: super::session(number),
            grants: grants(organizations, Role::Member),
            lives: Duration::from_secs(3600),
        };
        self.know(&format!("bearer:{}", token), person);
    }

    pub(crate) fn know(&self, shown: &str, person: Person) {
        self.state().people.insert(shown.to_owned(), person);
    }

    pub(crate) fn cursor(&self) -> String {
        let state = self.state();
        format!("{}-{}", state.incarnation, state.head())
    }

    /// Commits an event and gives its position; nobody is told.
    pub(crate) fn commit(&self, audience: Audience, event: Event) -> u64 {
        self.state().commit(audience, event)
    }

    /// Publishes what was committed at a position.
    pub(crate) async fn publish(&self, position: u64) {
        let (incarnation, logged) = {
            let state = self.state();
            let index = usize::try_from(position - 1).unwrap();
            (state.incarnation, state.events[index].clone())
        };
        let published = Published {
            audience: logged.audience,
            event: logged.event,
        };
        self.bus
            .publish_event(position, incarnation, &published, None)
            .await
            .unwrap();
    }

    /// Commits and publishes a change of a cluster that viewers of an organization may see.
    pub(crate) async fn change(&self, organization: OrganizationId, version: i64) -> u64 {
        let position = self.commit_change(organization, version);
        self.publish(position).await;
        position
    }

    pub(crate) fn commit_change(&self, organization: OrganizationId, version: i64) -> u64 {
        let audience = Audience::Organization {
            organization_id: organization,
            least_role: Role::Viewer,
        };
        self.commit(audience, changed(organization, super::cluster(1), version))
    }

    /// Commits a change of rights and publishes it.
    pub(crate) async fn access(&self, change: AccessChanged) -> u64 {
        let position = self.commit_access(change);
        self.publish(position).await;
        position
    }

    pub(crate) fn commit_access(&self, change: AccessChanged) -> u64 {
        let event = Event {
            kind: kind::ACCESS_CHANGED.into(),
            organization_id: None,
            cluster_id: None,
            status: None,
            data: Some(serde_json::to_value(change).unwrap()),
            ..changed(super::organization(0), super::cluster(0), 0)
        };
        self.commit(Audience::Hub, event)
    }
}

fn key() -> OpenKey {
    OpenKey::from_seed([7; 32])
}

pub(crate) fn grants(organizations: &[OrganizationId], role: Role) -> Grants {
    let organizations = organizations.iter().map(|organization| OrganizationGrant {
        organization_id: *organization,
        role,
    });
    Grants {
        organizations: organizations.collect(),
        clusters: vec![],
    }
}

pub(crate) fn changed(organization: OrganizationId, cluster: ClusterId, version: i64) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind::CLUSTER_CHANGED.into(),
        time: Utc::now().into(),
        organization_id: Some(organization),
        workspace_id: None,
        cluster_id: Some(cluster),
        task_id: None,
        status: Some(ClusterStatus::Running),
        version,
        data: None,
    }
}
