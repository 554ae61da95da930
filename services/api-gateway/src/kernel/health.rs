//! What the gateway needs, and whether it has it.

use api::health::Check;
use sea_orm::ConnectionTrait;

use crate::kernel::{postgres::sql, state::App};

pub(crate) async fn checks(app: &App) -> Vec<Check> {
    let database = app.machines.query_one_raw(sql("select 1 as one", [])).await;
    let bus = app.bus.connected();
    vec![
        check(
            "database",
            database.is_ok(),
            "answers",
            "does not answer: is Postgres running?",
        ),
        check(
            "bus",
            bus,
            "connected",
            "not connected: is nats-server running?",
        ),
    ]
}

fn check(name: &str, ok: bool, good: &str, bad: &str) -> Check {
    Check {
        name: name.into(),
        ok,
        message: if ok { good } else { bad }.into(),
    }
}
