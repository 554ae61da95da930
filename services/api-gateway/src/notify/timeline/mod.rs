//! The log as pages: what happened to what somebody may see, newest first, deleted clusters included.

pub(crate) mod http;
pub(crate) mod sql;

use api::{Page, event::Event};

use crate::{
    kernel::{actor::Actor, error::Error, log::sql::Place, page, state::App},
    notify::timeline::sql::Filter,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: Filter,
) -> Result<Page<Event>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let places = sql::list_for(&app.people, actor.user, &filter).await?;
    let place = |place: &Place| place.position.to_string();
    Ok(page::of(places, limit, place, |place| Some(place.event)))
}
