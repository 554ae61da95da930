//! `/api/v1/audit…`, `/api/v1/organizations/{id}/audit/export`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use api::{Page, audit::AuditEntry};
use domain::{Action::AuditRead, ClusterId, OrganizationId, UserId};
use futures_util::StreamExt;
use schemars::json_schema;
use serde::Deserialize;

use crate::{
    kernel::{
        audit::sql::Filter,
        http::{
            answer::Answer,
            caller::Caller,
            query::{self, Id, Query},
            reply,
            route::{
                CLUSTER, Group, LIMIT, NUMBER_CURSOR, ORGANIZATION, Param,
                Reply::{Json, Text},
                Route, USER, of, text, words,
            },
        },
        state::App,
    },
    notify::audit::{self, Format},
};

const ALLOWED: Param = Param::new("allowed", |_| json_schema!({ "type": "boolean" }));
const FORMAT: Param = Param::new("format", |_| words(&["ndjson", "csv"]));

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<OrganizationId>, &[
    Route::new(("GET", "/api/v1/audit"), ("list_audit", "List allowed and denied actions, newest first: an organization's for its admins, everything for administrators, your own for everyone"), AuditRead, Json(200, of::<Page<AuditEntry>>), || web::get().to(list)).query(&[ORGANIZATION, USER, CLUSTER, Param::new("action", text), ALLOWED, LIMIT, NUMBER_CURSOR]),
    Route::new(("GET", "/api/v1/audit/export"), ("export_all_audit", "Export the same as a file: one JSON object per line, or CSV"), AuditRead, Text(200), || web::get().to(export)).query(&[FORMAT, ORGANIZATION, USER, CLUSTER, Param::new("action", text), ALLOWED]),
    Route::new(("GET", "/api/v1/organizations/{id}/audit/export"), ("export_audit", "Export an organization's audit as a file, newest first: one JSON object per line, or CSV"), AuditRead, Text(200), || web::get().to(export_of)).query(&[FORMAT, USER, CLUSTER, Param::new("action", text), ALLOWED]),
]);

#[derive(Deserialize)]
pub(crate) struct List {
    organization_id: Option<OrganizationId>,
    user_id: Option<UserId>,
    cluster_id: Option<ClusterId>,
    action: Option<String>,
    allowed: Option<bool>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    let filter = Filter {
        organization: None,
        user: wanted.user_id,
        cluster: wanted.cluster_id,
        action: wanted.action,
        allowed: wanted.allowed,
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    let page = audit::list(&app, &caller.0, wanted.organization_id, filter).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

#[derive(Deserialize)]
pub(crate) struct Export {
    #[serde(default)]
    format: Format,
    organization_id: Option<OrganizationId>,
    user_id: Option<UserId>,
    cluster_id: Option<ClusterId>,
    action: Option<String>,
    allowed: Option<bool>,
}

/// A file of all that the list shows.
pub(crate) async fn export(app: Data<App>, caller: Caller, wanted: Query<Export>) -> Answer {
    let organization = wanted.0.organization_id;
    file(app, caller, organization, wanted.0).await
}

/// The same of one organization.
pub(crate) async fn export_of(
    app: Data<App>,
    caller: Caller,
    id: Id<OrganizationId>,
    wanted: Query<Export>,
) -> Answer {
    file(app, caller, Some(id.0), wanted.0).await
}

/// Sent as it is read from the database.
async fn file(
    app: Data<App>,
    caller: Caller,
    organization: Option<OrganizationId>,
    wanted: Export,
) -> Answer {
    let Export {
        format,
        organization_id: _,
        user_id,
        cluster_id,
        action,
        allowed,
    } = wanted;
    let filter = Filter {
        user: user_id,
        cluster: cluster_id,
        action,
        allowed,
        ..Filter::default()
    };
    let pieces = audit::export(app.into_inner(), caller.0, organization, filter, format).await?;
    let pieces = pieces.map(|piece| match piece {
        Ok(text) => Ok(Bytes::from(text)),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an export broke off"
            );
            Err(error)
        }
    });
    let (kind, ending) = match format {
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let of = organization.map_or_else(String::new, |id| format!("-{id}"));
    let name = format!("attachment; filename=\"labyard-audit{of}.{ending}\"");
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Disposition", name))
        .streaming(pieces))
}
