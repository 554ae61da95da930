//! The log as pages: what happened to what somebody may see, newest first, deleted clusters included.

use api::{Page, event::Event};

use super::{Error, authorize::Actor};
use crate::{
    db::{self, timeline::Filter},
    state::App,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: Filter,
) -> Result<Page<Event>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = limit + 1;
    let mut places = db::timeline::list_for(&app.people, actor.user, &filter).await?;
    let more = places.len() as u64 > limit;
    places.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = places
        .last()
        .filter(|_| more)
        .map(|place| place.position.to_string());
    Ok(Page {
        items: places.into_iter().map(|place| place.event).collect(),
        next_cursor,
    })
}
