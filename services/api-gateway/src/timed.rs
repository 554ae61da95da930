//! What happens by the clock: the nouns' rules, and what they keep for a time only.

use crate::{
    clusters::{expiry, pool, usage},
    hosts::silence,
    kernel::{
        audit,
        due::{Rule, kind::Kind},
        housekeeping::{self, Kept},
        idempotency, log, session,
    },
    notify::delivery,
    people::{device, oidc},
    tenancy::share,
};

/// One rule a kind; webhooks are delivered by a loop of their own.
pub(crate) const RULES: &[Rule] = &[
    expiry::ttl::RULE,
    expiry::warning::RULE,
    usage::due::RULE,
    pool::due::RULE,
    share::due::RULE,
    silence::RULE,
    audit::command::RULE,
    log::partitions::RULE,
    Rule::new(Kind::Housekeeping, |app, txn, key| {
        Box::pin(housekeeping::act(app, txn, key, KEPT))
    })
    .standing(),
];

const KEPT: &[Kept] = &[
    Kept::new("answers to repeated requests", |_, txn, batch| {
        Box::pin(idempotency::sql::let_go(txn, batch))
    }),
    Kept::new("ended logins", |_, txn, batch| {
        Box::pin(session::let_go(txn, batch))
    }),
    Kept::new("old events", |app, txn, batch| {
        Box::pin(log::sql::let_go(
            txn,
            app.options.event_retention_days,
            batch,
        ))
    }),
    Kept::new("logins by providers that were begun", |_, txn, batch| {
        Box::pin(oidc::sql::let_go(txn, batch))
    }),
    Kept::new("logins of devices that were begun", |_, txn, batch| {
        Box::pin(device::sql::let_go(txn, batch))
    }),
    Kept::new("what webhooks tried", |_, txn, batch| {
        Box::pin(delivery::sql::let_go_of_old(txn, batch))
    }),
];
