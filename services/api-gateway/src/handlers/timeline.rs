//! `/api/v1/timeline`

use actix_web::{http::StatusCode, web::Data};
use api::event::kind;
use domain::{ClusterId, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{Error, timeline},
    db::timeline::Filter,
    http::{
        caller::Caller,
        query::{self, Query},
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct List {
    workspace_id: Option<WorkspaceId>,
    cluster_id: Option<ClusterId>,
    #[serde(rename = "type")]
    kind: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    if let Some(word) = &wanted.kind
        && !kind::ALL.contains(&word.as_str())
    {
        let words = kind::ALL.join(", ");
        return Err(Error::invalid("?type", format!("one of {words}")).into());
    }
    let filter = Filter {
        only: None,
        workspace: wanted.workspace_id,
        cluster: wanted.cluster_id,
        kind: wanted.kind,
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    let page = timeline::list(&app, &caller.0, filter).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}
