//! What happens in the organizations: one event in each at a time, as rows of the outbox, numbered.

use std::time::Duration;

use api::event::{Audience, Event};
use domain::{OrganizationId, Role};
use e2e::standin;
use sqlx::{Connection, PgConnection};
use testkit::eventually;
use tokio::sync::watch;

/// How long the database may be away.
const BACK: Duration = Duration::from_secs(60);
/// How often it may die while one row is written.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(150);
const INSERT: &str = "insert into outbox (organization_id, audience, event)
    select o::uuid, a::jsonb, e::json from unnest($1::text[], $2::text[], $3::text[]) as t (o, a, e)";

const IS_THERE: &str = "select exists (select 1 from outbox where event ->> 'id' = $1)
    or exists (select 1 from event where event ->> 'id' = $1)";

/// Writes up to `events` to each, never more than is allowed by then.
pub(crate) async fn run(
    database: String,
    organizations: Vec<OrganizationId>,
    events: u64,
    mut allowed: watch::Receiver<u64>,
) {
    let mut writer = Writer::new(database, &organizations);
    for version in 1..=events {
        allowed
            .wait_for(|allowed| version <= *allowed)
            .await
            .unwrap();
        let event = |id: &OrganizationId| standin::event(*id, version, true);
        writer
            .write(organizations.iter().map(event).collect())
            .await;
        tokio::time::sleep(PAUSE).await;
    }
}

struct Writer {
    database: String,
    connection: Option<PgConnection>,
    organizations: Vec<String>,
    audiences: Vec<String>,
}

impl Writer {
    fn new(database: String, organizations: &[OrganizationId]) -> Self {
        let audience = |organization_id: &OrganizationId| {
            let audience = Audience::Organization {
                organization_id: *organization_id,
                least_role: Role::Viewer,
            };
            serde_json::to_string(&audience).unwrap()
        };
        Self {
            database,
            connection: None,
            organizations: organizations.iter().map(|id| id.hex()).collect(),
            audiences: organizations.iter().map(audience).collect(),
        }
    }

    /// Writes them all, or none: once, however often the database dies meanwhile.
    async fn write(&mut self, events: Vec<Event>) {
        let id = events[0].id.to_string();
        let rows = events
            .iter()
            .map(|event| serde_json::to_string(event).unwrap());
        let rows: Vec<String> = rows.collect();
        let Err(mut failed) = self.insert(&rows).await else {
            return;
        };
        for _ in 0..TRIES {
            // The commit's answer may be what was lost. A database that answers has no older transaction open.
            self.connection = Some(self.connected().await);
            let there = self.is_there(&id).await;
            let done = match there {
                Ok(false) => self.insert(&rows).await,
                known => known.map(drop),
            };
            match done {
                Ok(()) => return,
                Err(error) => failed = error,
            }
        }
        panic!("events cannot be written: {failed}");
    }

    async fn connected(&self) -> PgConnection {
        eventually(BACK, || async {
            PgConnection::connect(&self.database).await.ok()
        })
        .await
    }

    async fn insert(&mut self, rows: &[String]) -> Result<(), sqlx::Error> {
        if self.connection.is_none() {
            self.connection = Some(self.connected().await);
        }
        sqlx::query(INSERT)
            .bind(&self.organizations)
            .bind(&self.audiences)
            .bind(rows)
            .execute(self.connection.as_mut().unwrap())
            .await
            .map(drop)
    }

    async fn is_there(&mut self, id: &str) -> Result<bool, sqlx::Error> {
        let connection = self.connection.as_mut().unwrap();
        sqlx::query_scalar(IS_THERE)
            .bind(id)
            .fetch_one(connection)
            .await
    }
}
