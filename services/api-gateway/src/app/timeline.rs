//! The log as pages: what happened to what somebody may see, newest first, deleted clusters included.

use api::{Page, event::Event};

use super::{Error, authorize::Actor, page};
use crate::{
    db::{self, event::Place, timeline::Filter},
    state::App,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: Filter,
) -> Result<Page<Event>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let places = db::timeline::list_for(&app.people, actor.user, &filter).await?;
    let place = |place: &Place| place.position.to_string();
    Ok(page::of(places, limit, place, |place| Some(place.event)))
}
