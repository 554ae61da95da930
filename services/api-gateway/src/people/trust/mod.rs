//! Which pipelines an organization lets in: rules about tokens that somebody else signs, each with a member
//! of its own that the pipeline acts as.

pub(crate) mod exchange;
pub(crate) mod http;
pub(crate) mod rule;
pub(crate) mod sql;

use api::{
    Page,
    trust::{CreateTrust, Trust},
};
use domain::{Action, Code, Name, OrganizationId, Role, ScopeLevel, TrustId, UserId, limits};
use uuid::Uuid;

use crate::{
    kernel::{
        actor::Actor,
        error::{Error, Fields},
        grants,
        idempotency::{Repeat, once},
        person,
        state::App,
        tenant,
    },
    openid::provider::check_issuer,
    people::{account, trust::sql::NewTrust},
    tenancy::member,
};

pub(crate) use crate::people::trust::exchange::{Exchange, exchange};

/// Minutes that a pipeline's login may last, and lasts.
const MINUTES_MAX: u32 = 60;
/// Trusts of one organization.
const TRUSTS_MAX: usize = 50;
const AUDIENCE_MAX: usize = 256;

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<Page<Trust>, Error> {
    let change = Action::OrganizationChange;
    tenant::permitted(&app.people, actor, change, Some(organization)).await?;
    let rows = sql::list(&app.people, organization).await?;
    Ok(Page {
        items: rows.iter().filter_map(|row| row.public()).collect(),
        next_cursor: None,
    })
}

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    organization: OrganizationId,
    wanted: CreateTrust,
) -> Result<Trust, Error> {
    let minutes = wanted.minutes.unwrap_or(MINUTES_MAX);
    let ours = app.options.address("");
    let audience = wanted.audience.as_deref();
    let audience = audience.unwrap_or_else(|| ours.trim_end_matches('/'));
    let name = check(app, &wanted, audience, minutes)?;
    once(app, actor, repeat, async |txn| {
        let change = Action::OrganizationChange;
        let row = tenant::permitted_locked(txn, actor, change, organization).await?;
        if row.personal {
            return Err(Error::with_fix(
                Code::WrongStatus,
                "A personal organization can't have pipelines.",
                "Create another organization for your pipelines.",
            ));
        }
        if sql::list(txn, organization).await?.len() >= TRUSTS_MAX {
            return Err(Error::with_fix(
                Code::QuotaExceeded,
                format!("This organization has {TRUSTS_MAX} trusts, the maximum."),
                "Delete trusts you no longer need.",
            ));
        }
        let (id, user) = (
            TrustId::from_uuid(Uuid::now_v7()),
            UserId::from_uuid(Uuid::now_v7()),
        );
        let role = match wanted.level {
            ScopeLevel::Read => Role::Viewer,
            _ => Role::Member,
        };
        sql::insert_service(txn, organization, user, &name).await?;
        member::sql::put(txn, organization, user, role).await?;
        let new = NewTrust {
            id,
            organization,
            user,
            issuer: &wanted.issuer,
            audience,
            claims: &wanted.claims,
            level: wanted.level,
            minutes,
            created_by: actor.user,
        };
        sql::insert(txn, new).await?;
        actor.trail.note(serde_json::json!({
            "trust": id, "member": user, "issuer": wanted.issuer, "claims": wanted.claims, "level": wanted.level,
        }));
        tenant::changed(txn, organization).await?;
        let made = sql::find(txn, id).await?;
        made.and_then(|row| row.public()).ok_or_else(Error::not_found)
    })
    .await
}

/// The name of the member that the pipeline acts as.
fn check(app: &App, wanted: &CreateTrust, audience: &str, minutes: u32) -> Result<Name, Error> {
    let mut fields = Fields::from(rule::check(&wanted.claims, wanted.level));
    let name = fields.read("/name", Name::read(&wanted.name));
    fields.read("/issuer", check_issuer(&wanted.issuer, &app.outgoing));
    fields.read("/audience", check_audience(audience));
    fields.read("/minutes", limits::check_range(minutes, 1, MINUTES_MAX));
    fields.good(name)
}

fn check_audience(audience: &str) -> Result<(), String> {
    let fits = (1..=AUDIENCE_MAX).contains(&audience.len());
    match fits && !audience.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(format!("1 to {AUDIENCE_MAX} printable characters")),
    }
}

/// Ends a trust, its member and the logins that it let in.
pub(crate) async fn end(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (organization, id): (OrganizationId, TrustId),
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        let change = Action::OrganizationChange;
        tenant::permitted_locked(txn, actor, change, organization).await?;
        let ended = sql::end(txn, organization, id).await?;
        let user = ended.ok_or_else(Error::not_found)?;
        member::sql::remove(txn, organization, user).await?;
        account::end_everything(txn, user).await?;
        person::forget(txn, user).await?;
        tenant::changed(txn, organization).await?;
        grants::changed(txn, &[user]).await
    })
    .await
}
