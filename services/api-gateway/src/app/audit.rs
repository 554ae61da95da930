//! The audit: who did what, from where, and whether it was allowed. What is allowed is written by the
//! transaction that does it, what is refused after it was refused.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::{Page, audit::AuditEntry};
use domain::{Action, Code, OrganizationId, TrustId, UserId, limits, text};
use futures_util::{Stream, stream::try_unfold};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Error,
    authorize::{self, Actor, Asked},
    due::{COMMAND, COMMAND_SECS},
    page,
};
use crate::{
    db::{
        self,
        audit::{Filter, NewEntry},
        trust::TrustRow,
    },
    state::App,
};

/// What the audit will say of one request.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The route's name.
    pub(crate) action: String,
    /// What the path names.
    pub(crate) object: Option<String>,
    /// The caller's, as the edge saw it.
    pub(crate) address: Option<IpAddr>,
    about: Mutex<About>,
    asked: Mutex<Vec<Asked>>,
}

/// What the rules found out while they were at it.
#[derive(Debug, Default, Clone)]
struct About {
    organization: Option<Uuid>,
    workspace: Option<Uuid>,
    cluster: Option<Uuid>,
    detail: Option<Value>,
    /// The address it is done under; the actor's own if absent.
    email: Option<String>,
}

impl Trail {
    pub(crate) fn new(action: &str, object: Option<String>, address: Option<IpAddr>) -> Self {
        Self {
            action: action.to_owned(),
            object,
            address,
            about: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The object, once it is found.
    pub(crate) fn about(
        &self,
        organization: Option<Uuid>,
        workspace: Option<Uuid>,
        cluster: Option<Uuid>,
    ) {
        let mut about = self.lock();
        about.organization = organization;
        about.workspace = workspace;
        about.cluster = cluster;
    }

    /// A right that what is done goes by: a repeat goes by it too.
    pub(crate) fn goes_by(&self, asked: Asked) {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&asked) {
            all.push(asked);
        }
    }

    /// Every right that it went by so far, in the order in which they were asked.
    pub(crate) fn went_by(&self) -> Vec<Asked> {
        let all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// Who did it, where they are known by that address no more when it is written.
    pub(crate) fn known_as(&self, email: String) {
        self.lock().email = Some(email);
    }

    /// What else is worth keeping; never a secret.
    pub(crate) fn note(&self, detail: Value) {
        self.lock().detail = Some(detail);
    }
}

/// Writes that it was allowed, in the transaction that does it.
pub(crate) async fn allowed<C: ConnectionTrait>(txn: &C, actor: &Actor) -> Result<(), Error> {
    write(txn, actor, &actor.trail.action, None).await.map(drop)
}

/// What the audit says has begun; it gets one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began(i64);

impl Began {
    fn key(self) -> String {
        self.0.to_string()
    }

    /// As [`COMMAND`] names it.
    pub(crate) fn of(key: &str) -> Option<Self> {
        key.parse().ok().map(Self)
    }
}

/// Writes that something was allowed that goes on for a while, and plans its end for when whoever runs it
/// is gone and can't say how it ended.
pub(crate) async fn began<C: ConnectionTrait>(txn: &C, actor: &Actor) -> Result<Began, Error> {
    let began = Began(write(txn, actor, &actor.trail.action, None).await?);
    db::due::after(txn, COMMAND, &began.key(), COMMAND_SECS).await?;
    Ok(began)
}

/// Writes how it ended, unless an end is written already.
pub(crate) async fn ended<C: ConnectionTrait>(
    txn: &C,
    began: Began,
    detail: Value,
) -> Result<(), Error> {
    if db::due::take_back(txn, COMMAND, &began.key()).await? {
        db::audit::insert_end(txn, began.0, detail).await?;
    }
    Ok(())
}

/// Writes that it was refused. That it could not be written harms less than an answer that is lost.
/// Whoever is refused all the time fills no table: the last line of a burst says that more were left out.
pub(crate) async fn refused(app: &App, actor: &Actor, code: &str) {
    let Ok(left) = app.limits.refusal(actor.user) else {
        metrics::counter!("labyard_audit_left_out_total").increment(1);
        return;
    };
    if left.remaining == 0 {
        actor.trail.note(json!({ "more": "left out" }));
    }
    if let Err(error) = write(&app.people, actor, &actor.trail.action, Some(code)).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            user = %actor.user,
            action = actor.trail.action,
            "a refusal is missing in the audit"
        );
    }
}

async fn write<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: &str,
    code: Option<&str>,
) -> Result<i64, Error> {
    let about = actor.trail.lock().clone();
    let entry = NewEntry {
        organization: about.organization,
        workspace: about.workspace,
        cluster: about.cluster,
        user: Some(actor.user),
        email: about.email.as_deref(),
        action,
        object: actor.trail.object.as_deref(),
        code,
        address: actor.trail.address,
        detail: about.detail,
    };
    Ok(db::audit::insert(connection, entry).await?)
}

/// What somebody without a login, or before it, did: a login that worked or did not, a registration. The address is a
/// stranger's word: it is kept as it was sent, with what cannot be shown written out.
pub(crate) async fn outside<C: ConnectionTrait>(
    connection: &C,
    action: &str,
    (user, email): (Option<UserId>, &str),
    address: Option<IpAddr>,
    code: Option<Code>,
) -> Result<(), Error> {
    let tried: String = text::escaped(email)
        .chars()
        .take(limits::EMAIL_MAX)
        .collect();
    let entry = NewEntry {
        organization: None,
        workspace: None,
        cluster: None,
        user,
        email: Some(&tried),
        action,
        object: None,
        code: code.map(Code::as_str),
        address,
        detail: None,
    };
    db::audit::insert(connection, entry).await?;
    Ok(())
}

/// What an operator did at the keyboard of the installation: by no login, with its keys and its database.
pub(crate) async fn operator<C: ConnectionTrait>(
    connection: &C,
    verb: &str,
    object: Option<&str>,
    detail: Option<Value>,
) -> Result<(), Error> {
    let action = format!("operator.{verb}");
    let entry = NewEntry {
        organization: None,
        workspace: None,
        cluster: None,
        user: None,
        email: None,
        action: &action,
        object,
        code: None,
        address: None,
        detail,
    };
    db::audit::insert(connection, entry).await?;
    Ok(())
}

/// A pipeline that came in by a trust, or did not; what its token said of the run is kept.
pub(crate) async fn exchanged<C: ConnectionTrait>(
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
    db::audit::insert(connection, entry).await?;
    Ok(())
}

/// The audit of one organization to who may read it; of everything to the installation's
/// administrators; one's own acts to everyone.
pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    organization: Option<OrganizationId>,
    mut filter: Filter,
) -> Result<Page<AuditEntry>, Error> {
    match organization.or(actor.only()) {
        Some(id) if !actor.is_admin => {
            let found = authorize::organization(&app.people, actor, Action::AuditRead, Some(id));
            filter.organization = Some(found.await?.id);
        }
        Some(id) => filter.organization = Some(id.uuid()),
        None if !actor.is_admin => filter.user = Some(actor.user),
        None => {}
    }
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let entries = db::audit::list(&app.people, &filter).await?;
    let place = |entry: &AuditEntry| entry.number.to_string();
    Ok(page::of(entries, limit, place, Some))
}

/// Entries of one piece of an export: two of them are in memory at once.
const EXPORT_PAGE: u64 = 1_000;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A JSON object a line.
    #[default]
    Ndjson,
    Csv,
}

/// All that [`list`] lists, newest first, a page at a time as fast as it is read. Each page is asked for by the right of
/// that moment; when that ends, so does the connection, before the file does.
pub(crate) async fn export(
    app: Arc<App>,
    actor: Actor,
    organization: Option<OrganizationId>,
    mut filter: Filter,
    format: Format,
) -> Result<impl Stream<Item = Result<String, Error>>, Error> {
    filter.limit = EXPORT_PAGE;
    let first = list(&app, &actor, organization, filter.clone()).await?;
    allowed(&app.people, &actor).await?;
    let head = match format {
        Format::Ndjson => String::new(),
        Format::Csv => api::audit::csv_head(),
    };
    let begin = (app, actor, filter, Some((head, first)));
    Ok(try_unfold(
        begin,
        move |(app, actor, mut filter, now)| async move {
            let Some((mut text, page)) = now else {
                return Ok(None);
            };
            for entry in &page.items {
                match format {
                    Format::Ndjson => {
                        let line = serde_json::to_string(entry);
                        text += &line.map_err(|error| Error::Internal(error.into()))?;
                        text.push('\n');
                    }
                    Format::Csv => text += &entry.csv(),
                }
            }
            let next = match page.next_cursor {
                Some(cursor) => {
                    filter.before = cursor.parse().ok();
                    let page = list(&app, &actor, organization, filter.clone()).await?;
                    Some((String::new(), page))
                }
                None => None,
            };
            Ok(Some((text, (app, actor, filter, next))))
        },
    ))
}
