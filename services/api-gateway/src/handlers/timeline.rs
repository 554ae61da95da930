//! `/api/v1/timeline`

use actix_web::{http::StatusCode, web::Data};
use api::{Timestamp, event::kind};
use domain::{ClusterId, OrganizationId, UserId, WorkspaceId};
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
    organization_id: Option<OrganizationId>,
    workspace_id: Option<WorkspaceId>,
    cluster_id: Option<ClusterId>,
    user_id: Option<UserId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    #[serde(rename = "type")]
    kind: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    let filter = Filter {
        only: None,
        organization: wanted.organization_id,
        workspace: wanted.workspace_id,
        cluster: wanted.cluster_id,
        by: wanted.user_id,
        from: wanted.from,
        until: wanted.until,
        kinds: wanted.kind.as_deref().map(kinds).transpose()?,
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    let page = timeline::list(&app, &caller.0, filter).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

/// The types named, whole or as `<noun>.*`, with commas between them: as on the event stream.
fn kinds(text: &str) -> Result<Vec<&'static str>, Error> {
    let mut named = Vec::new();
    for word in text.split(',') {
        let noun = word.strip_suffix('*').filter(|noun| noun.ends_with('.'));
        let fits =
            |known: &&&str| **known == word || noun.is_some_and(|noun| known.starts_with(noun));
        let before = named.len();
        named.extend(kind::ALL.iter().filter(fits));
        if named.len() == before {
            let words = kind::ALL.join(", ");
            let detail =
                format!("of {words}; `<noun>.*` for all of a noun; commas between several");
            return Err(Error::invalid("?type", detail));
        }
    }
    Ok(named)
}
