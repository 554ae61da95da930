//! A pipeline comes in (RFC 8693): the token of its provider for a short login of ours.

use std::net::IpAddr;

use api::{Secret, auth::Tokens, trust::Trust};
use domain::{Code, SessionId, TrustId};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    kernel::{
        audit::{self, sql::NewEntry},
        error::Error,
        state::App,
    },
    openid::{
        claims::{self, Claims, Expected, Untrusted},
        issuer::Away,
    },
    people::{
        login,
        oidc::exchange::now,
        trust::{self, rule, sql::TrustRow},
    },
};

/// Tokens that are taken: both are JWTs that name their issuer, audience and subject.
const KINDS: [&str; 2] = [
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:id_token",
];
const ISSUED: &str = "urn:ietf:params:oauth:token-type:access_token";
/// Claims that the audit keeps of a run, where a token has them.
const KEPT: [&str; 8] = [
    "sub",
    "repository",
    "project_path",
    "ref",
    "environment",
    "run_id",
    "pipeline_id",
    "actor",
];
/// Bytes kept of one of them.
const KEPT_MAX: usize = 200;

/// What a pipeline asks with.
pub(crate) struct Exchange {
    /// The trust that it names.
    pub(crate) audience: String,
    pub(crate) subject_token: Secret,
    pub(crate) subject_token_type: String,
}

/// Why a pipeline stays out: what it is told, and what is known about it.
struct Refused {
    facts: String,
    said: Value,
}

pub(crate) async fn exchange(
    app: &App,
    wanted: Exchange,
    from: Option<IpAddr>,
) -> Result<Tokens, Error> {
    app.limits.login(from, "a pipeline")?;
    if !KINDS.contains(&wanted.subject_token_type.as_str()) {
        let detail = format!("one of {}", KINDS.join(" and "));
        return Err(Error::invalid("/subject_token_type", detail));
    }
    let named = wanted.audience.parse::<TrustId>().ok();
    let row = match named {
        Some(id) => trust::sql::find(&app.people, id).await?,
        None => None,
    };
    let found = row.and_then(|row| row.public().map(|trust| (row, trust)));
    let (row, trust) =
        found.ok_or_else(|| grant("No such trust. `audience` takes a trust's ID."))?;
    match prove(app, &row, &trust, wanted.subject_token.expose()).await? {
        Ok(claims) => let_in(app, &row, &trust, &claims, from).await,
        Err(refused) => {
            tracing::info!(trust = %trust.id, facts = refused.facts, "a pipeline was refused");
            let refusal = (Some(Code::InvalidGrant), refused.said);
            exchanged(&app.people, &row, trust.id, from, refusal).await?;
            Err(grant(refused.facts))
        }
    }
}

fn grant(facts: impl Into<String>) -> Error {
    Error::new(Code::InvalidGrant, facts)
}

/// What is kept of a token.
fn kept(claims: &Map<String, Value>) -> Value {
    let short = |value: &Value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let end = text.floor_char_boundary(KEPT_MAX);
        text.get(..end).unwrap_or_default().to_owned()
    };
    let found = KEPT
        .iter()
        .filter_map(|name| Some((*name, claims.get(*name)?)));
    found
        .map(|(name, value)| (name.to_owned(), Value::from(short(value))))
        .collect::<Map<_, _>>()
        .into()
}

/// Whether the token is the issuer's, and says what the trust asks.
async fn prove(
    app: &App,
    row: &TrustRow,
    trust: &Trust,
    token: &str,
) -> Result<Result<Claims, Refused>, Error> {
    let issuer = app.issuers.of(&row.issuer);
    let away = |away: Away| {
        let error = &away as &dyn std::error::Error;
        tracing::warn!(trust = %trust.id, error, "an issuer cannot be asked");
        Error::with_fix(
            Code::Unavailable,
            format!("{} cannot be asked for its keys right now.", row.issuer),
            "Try again in a moment.",
        )
    };
    let _slot = issuer.slot().map_err(away)?;
    let known = issuer.known(&app.outgoing, Some(token)).await;
    let known = known.map_err(away)?;
    let expected = Expected {
        issuer: &row.issuer,
        audience: &row.audience,
        nonce: None,
    };
    let claims = match claims::verify(token, &known.keys, expected, now()) {
        Ok(claims) => claims,
        Err(why) => return Ok(Err(unproven(why))),
    };
    Ok(match rule::unlike(&trust.claims, &claims.all) {
        None => Ok(claims),
        Some(name) => Err(Refused {
            facts: format!("Claim {name} doesn't match the trust."),
            said: kept(&claims.all),
        }),
    })
}

fn unproven(why: Untrusted) -> Refused {
    Refused {
        facts: format!("The token is invalid: {why}."),
        said: json!({ "why": why.to_string() }),
    }
}

async fn let_in(
    app: &App,
    row: &TrustRow,
    trust: &Trust,
    claims: &Claims,
    from: Option<IpAddr>,
) -> Result<Tokens, Error> {
    let session = SessionId::from_uuid(Uuid::now_v7());
    let txn = app.people.begin().await?;
    let address = from.map(|from| from.to_string());
    if !trust::sql::log_in(&txn, trust.id, session, address).await? {
        return Err(grant("This trust has just been deleted."));
    }
    exchanged(&txn, row, trust.id, from, (None, kept(&claims.all))).await?;
    txn.commit().await?;
    tracing::info!(trust = %trust.id, user = %row.user(), %session, subject = claims.subject, "a pipeline came in");
    let secs = u64::from(trust.minutes) * 60;
    let tokens = login::tokens(app, row.user(), session, 0)?;
    Ok(Tokens {
        expires_in: tokens.expires_in.min(secs),
        // It ends by itself; the next run comes in by its own token.
        refresh_token: None,
        issued_token_type: Some(ISSUED.into()),
        ..tokens
    })
}

/// A pipeline that came in by a trust, or did not; what its token said of the run is kept.
async fn exchanged<C: ConnectionTrait>(
    connection: &C,
    row: &TrustRow,
    trust: TrustId,
    address: Option<IpAddr>,
    (refused, said): (Option<Code>, Value),
) -> Result<(), Error> {
    let trust = trust.to_string();
    let entry = NewEntry {
        organization: Some(row.organization().uuid()),
        workspace: None,
        cluster: None,
        user: Some(row.user()),
        email: None,
        action: "login.pipeline",
        object: Some(&trust),
        code: refused.map(Code::as_str),
        address,
        detail: Some(said),
    };
    audit::sql::insert(connection, entry).await?;
    Ok(())
}
