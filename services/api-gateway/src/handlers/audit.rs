//! `/api/v1/audit`

use actix_web::{http::StatusCode, web::Data};
use domain::{ClusterId, OrganizationId, UserId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::audit,
    db::audit::Filter,
    http::{
        caller::Caller,
        query::{self, Query},
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
    let page = audit::list(&app, &caller.0, wanted.organization_id, filter).await?;
    Ok(reply::json(StatusCode::OK, None, &page))
}
