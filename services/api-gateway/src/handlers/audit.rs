//! `/api/v1/audit`, `/api/v1/organizations/{id}/audit/export`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Bytes, Data},
};
use domain::{ClusterId, OrganizationId, UserId};
use futures_util::StreamExt;
use serde::Deserialize;

use super::Answer;
use crate::{
    app::audit::{self, Format},
    db::audit::Filter,
    http::{
        caller::Caller,
        query::{self, Id, Query},
        reply,
    },
    state::App,
};

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
    user_id: Option<UserId>,
    cluster_id: Option<ClusterId>,
    action: Option<String>,
    allowed: Option<bool>,
}

/// A file of it all, sent as it is read from the database.
pub(crate) async fn export(
    app: Data<App>,
    caller: Caller,
    id: Id<OrganizationId>,
    wanted: Query<Export>,
) -> Answer {
    let Export {
        format,
        user_id,
        cluster_id,
        action,
        allowed,
    } = wanted.0;
    let filter = Filter {
        user: user_id,
        cluster: cluster_id,
        action,
        allowed,
        ..Filter::default()
    };
    let pieces = audit::export(app.into_inner(), caller.0, id.0, filter, format).await?;
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
    let name = format!("attachment; filename=\"labyard-audit-{}.{ending}\"", id.0);
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Disposition", name))
        .streaming(pieces))
}
