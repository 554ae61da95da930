//! Tasks: list and get. They begin and end with what is asked of clusters.

use api::{Page, task::Task};
use domain::TaskId;

use super::{Error, authorize, authorize::Actor};
use crate::{
    db::{self, task::TaskRow},
    state::App,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: db::task::Filter,
) -> Result<Page<Task>, Error> {
    let limit = filter.limit;
    filter.limit = limit + 1;
    let mut rows = db::task::list_for(&app.people, actor.user, &filter).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id().to_string());
    Ok(Page {
        items: rows.iter().map(TaskRow::public).collect(),
        next_cursor,
    })
}

pub(crate) async fn get(app: &App, actor: &Actor, id: TaskId) -> Result<Task, Error> {
    Ok(authorize::task(&app.people, actor, id).await?.public())
}
