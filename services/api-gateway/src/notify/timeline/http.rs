//! `/api/v1/timeline`

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page, Timestamp,
    event::{Event, kind},
};
use domain::{Action::ClusterRead, ClusterId, OrganizationId, UserId, WorkspaceId};
use schemars::json_schema;
use serde::Deserialize;

use crate::{
    kernel::{
        error::Error,
        http::{
            answer::Answer,
            caller::Caller,
            query::{self, Query},
            reply,
            route::{
                CLUSTER, Group, LIMIT, NUMBER_CURSOR, ORGANIZATION, Param, Reply::Json, Route,
                USER, WORKSPACE, of, text,
            },
        },
        state::App,
    },
    notify::timeline::{self, sql::Filter},
};

const TYPE: Param = Param::new(
    "type",
    |_| json_schema!({ "type": "string", "pattern": kinds_pattern() }),
);

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("timeline", text, &[
    Route::new(("GET", "/api/v1/timeline"), ("list_timeline", "List activity, newest first, including deleted clusters"), ClusterRead, Json(200, of::<Page<Event>>), || web::get().to(list)).query(&[ORGANIZATION, WORKSPACE, CLUSTER, USER, TYPE, Param::of::<Timestamp>("from"), Param::of::<Timestamp>("until"), LIMIT, NUMBER_CURSOR]),
]);

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

/// Types of events, `<noun>.*` for all of a noun, with commas between them.
fn kinds_pattern() -> String {
    let mut nouns: Vec<&str> = kind::ALL
        .iter()
        .filter_map(|kind| kind.split('.').next())
        .collect();
    nouns.dedup();
    let all = nouns.into_iter().map(|noun| format!("{noun}\\.\\*"));
    let words: Vec<String> = kind::ALL
        .iter()
        .map(|kind| kind.replace('.', "\\."))
        .chain(all)
        .collect();
    let one = words.join("|");
    format!("^({one})(,({one}))*$")
}
