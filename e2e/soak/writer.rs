//! What happens in the organizations: one event in each at a time, as rows of the outbox, numbered.

use std::time::Duration;

use api::event::Audience;
use domain::{OrganizationId, Role};
use e2e::standin;
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;

const PAUSE: Duration = Duration::from_millis(150);
const INSERT: &str = "insert into outbox (organization_id, audience, event)
    select o::uuid, a::jsonb, e::json from unnest($1::text[], $2::text[], $3::text[]) as t (o, a, e)";

/// Writes up to `events` to each, never more than is allowed by then.
pub(crate) async fn run(
    database: String,
    organizations: Vec<OrganizationId>,
    events: u64,
    mut allowed: watch::Receiver<u64>,
) {
    let mut connection = PgConnection::connect(&database).await.unwrap();
    let audience = |organization_id: &OrganizationId| {
        let audience = Audience::Organization {
            organization_id: *organization_id,
            least_role: Role::Viewer,
        };
        serde_json::to_string(&audience).unwrap()
    };
    let ids: Vec<String> = organizations.iter().map(|id| id.hex()).collect();
    let audiences: Vec<String> = organizations.iter().map(audience).collect();
    for version in 1..=events {
        allowed
            .wait_for(|allowed| version <= *allowed)
            .await
            .unwrap();
        let text = |id: &OrganizationId| {
            serde_json::to_string(&standin::event(*id, version, true)).unwrap()
        };
        let rows: Vec<String> = organizations.iter().map(text).collect();
        sqlx::query(INSERT)
            .bind(&ids)
            .bind(&audiences)
            .bind(rows)
            .execute(&mut connection)
            .await
            .unwrap();
        tokio::time::sleep(PAUSE).await;
    }
}
