//! `/api/v1/tasks…`

use actix_web::{http::StatusCode, web::Data};
use domain::{ClusterId, TaskId, TaskStatus};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{Error, task},
    db::task::Filter,
    http::{
        caller::Caller,
        query::{self, Id, Query},
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct List {
    cluster_id: Option<ClusterId>,
    status: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    let filter = Filter {
        cluster: wanted.cluster_id,
        status: wanted.status.as_deref().map(status).transpose()?,
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &task::list(&app, &caller.0, filter).await?,
    ))
}

fn status(word: &str) -> Result<TaskStatus, Error> {
    match TaskStatus::from_word(word) {
        TaskStatus::Unknown => {
            let words: Vec<&str> = TaskStatus::ALL
                .iter()
                .map(|status| status.as_str())
                .collect();
            Err(Error::invalid(
                "?status",
                format!("one of {}", words.join(", ")),
            ))
        }
        status => Ok(status),
    }
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<TaskId>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &task::get(&app, &caller.0, id.0).await?,
    ))
}
