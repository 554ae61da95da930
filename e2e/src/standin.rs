//! A gateway that admits everybody, for measuring the events-gateway alone: real NATS and real messages, a log in
//! memory instead of Postgres. A token is `<organization>.<person>`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{
    bus::{
        AdmitReply, AdmitRequest, Credential, Fault, LogHead, LogReply, LogRequest, Logged,
        Published,
    },
    event::{Audience, Event, Grants, OrganizationGrant, kind},
};
use bus::{Bus, GatewayKeys, seal::OpenKey};
use chrono::Utc;
use domain::{Code, Cursor, EventId, Incarnation, OrganizationId, Role, SessionId, UserId};
use testkit::{Nats, eventually};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::receivers::clock;

const INCARNATION: Incarnation = Incarnation(0xbe);
/// Events kept for those who missed some, and how many fit an answer.
const KEPT: usize = 50_000;
const PAGE: usize = 256;
const HEAD_INTERVAL: Duration = Duration::from_secs(1);
/// Admissions answered at once.
const AT_ONCE: usize = 64;
const CONNECT: Duration = Duration::from_secs(10);
const LIVES: Duration = Duration::from_secs(3600);

pub struct StandIn {
    bus: Bus,
    log: Arc<Mutex<Log>>,
    _stop: DropGuard,
}

struct Log {
    head: u64,
    kept: VecDeque<Logged>,
}

impl Log {
    fn head(&self) -> LogHead {
        LogHead {
            incarnation: INCARNATION,
            position: self.head,
        }
    }
}

/// Somebody's bearer token.
pub fn token(organization: u32, person: u32) -> String {
    format!("{organization}.{person}")
}

pub fn organization(number: u32) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(u128::from(number)))
}

/// An event of about 200 bytes, with its number and, if wanted, when it was made.
pub fn event(organization_id: OrganizationId, version: u64, timed: bool) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind::CLUSTER_CHANGED.into(),
        time: Utc::now().into(),
        organization_id: Some(organization_id),
        workspace_id: None,
        cluster_id: None,
        task_id: None,
        status: None,
        version: i64::try_from(version).unwrap(),
        data: timed.then(|| serde_json::json!({ "t": clock::now() })),
    }
}

impl StandIn {
    pub async fn start(nats: &Nats) -> Self {
        let bus = Bus::connect(nats.user("api-gateway")).await.unwrap();
        eventually(CONNECT, || async { bus.connected().then_some(()) }).await;
        let log = Arc::new(Mutex::new(Log {
            head: 0,
            kept: VecDeque::new(),
        }));
        let stop = CancellationToken::new();
        serve_admissions(&bus, &log, &stop);
        serve_log(&bus, &log, &stop);
        tell_head(&bus, &log, &stop);
        Self {
            bus,
            log,
            _stop: stop.drop_guard(),
        }
    }

    pub fn keys() -> GatewayKeys {
        GatewayKeys {
            seal: key().public(),
            capability: [0; 32],
        }
    }

    /// Commits an event and publishes it, as a gateway does.
    pub async fn publish(&self, organization_id: OrganizationId, version: u64, timed: bool) {
        let logged = self.commit(event(organization_id, version, timed), organization_id);
        let published = Published {
            audience: logged.audience,
            event: logged.event,
        };
        self.bus
            .publish_event(logged.position, INCARNATION, &published, None)
            .await
            .unwrap();
    }

    fn commit(&self, event: Event, organization_id: OrganizationId) -> Logged {
        let mut log = self.log.lock().unwrap();
        log.head += 1;
        let logged = Logged {
            position: log.head,
            audience: Audience::Organization {
                organization_id,
                least_role: Role::Viewer,
            },
            event,
            trace: None,
        };
        if log.kept.len() == KEPT {
            log.kept.pop_front();
        }
        log.kept.push_back(logged.clone());
        logged
    }
}

fn serve_admissions(bus: &Bus, log: &Arc<Mutex<Log>>, stop: &CancellationToken) {
    let (bus, log, stop) = (bus.clone(), log.clone(), stop.clone());
    tokio::spawn(async move {
        let handler = move |request: AdmitRequest, _| {
            let answer = admit(&log, &request);
            async move { answer }
        };
        bus.serve((), AT_ONCE, stop, handler).await
    });
}

fn serve_log(bus: &Bus, log: &Arc<Mutex<Log>>, stop: &CancellationToken) {
    let (bus, log, stop) = (bus.clone(), log.clone(), stop.clone());
    tokio::spawn(async move {
        let handler = move |request: LogRequest, _| {
            let reply = read(&log, request.after);
            async move { Ok(reply) }
        };
        bus.serve((), AT_ONCE, stop, handler).await
    });
}

fn tell_head(bus: &Bus, log: &Arc<Mutex<Log>>, stop: &CancellationToken) {
    let (bus, log, stop) = (bus.clone(), log.clone(), stop.clone());
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(HEAD_INTERVAL);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let head = log.lock().unwrap().head();
            let _ = bus.publish_head(head).await;
        }
    });
}

fn key() -> OpenKey {
    OpenKey::from_seed([7; 32])
}

fn admit(log: &Mutex<Log>, request: &AdmitRequest) -> Result<AdmitReply, Fault> {
    let stranger = || Fault {
        code: Code::Unauthenticated,
        message: "Nobody shows that.".into(),
        retryable: false,
    };
    let opened = key().open(&request.credential).map_err(|_| stranger())?;
    let Ok(Credential::Bearer(token)) = serde_json::from_slice(&opened) else {
        return Err(stranger());
    };
    let (ours, person) = token.expose().split_once('.').ok_or_else(stranger)?;
    let ours: u32 = ours.parse().map_err(|_| stranger())?;
    let person: u128 = person.parse().map_err(|_| stranger())?;
    let person = Uuid::from_u128(u128::from(ours) << 64 | person);
    let head = log.lock().unwrap().head();
    Ok(AdmitReply {
        user_id: UserId::from_uuid(person),
        session_id: SessionId::from_uuid(person),
        expires_at: (Utc::now() + LIVES).into(),
        grants: Grants {
            organizations: vec![OrganizationGrant {
                organization_id: organization(ours),
                role: Role::Member,
            }],
            clusters: vec![],
        },
        only: None,
        at: Cursor {
            incarnation: head.incarnation,
            position: head.position,
        },
    })
}

fn read(log: &Mutex<Log>, after: u64) -> LogReply {
    let log = log.lock().unwrap();
    let first = log.kept.front().map_or(1, |logged| logged.position);
    let skip = (after + 1).saturating_sub(first) as usize;
    LogReply {
        head: log.head(),
        first,
        events: log.kept.iter().skip(skip).take(PAGE).cloned().collect(),
    }
}
