//! Fetches what left the ring from the database, through the api-gateway: one request in flight for all streams together,
//! and the last pages kept, because streams that lost their connection at the same moment need the same.

use std::{collections::VecDeque, sync::Arc};

use api::bus::LogRequest;
use bus::{Bus, CallError};
use domain::Cursor;
use feed::Reset;
use tokio::sync::Mutex;

use crate::{
    hub::Page,
    transport::{FramedPage, framed},
};

/// Pages kept; each is at most as large as a reply on the bus.
const PAGES_MAX: usize = 16;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missing {
    /// It is not to be had.
    #[error("what follows the cursor is kept no more")]
    Reset(Reset),
    /// It may be to be had later.
    #[error("the log cannot be read now")]
    Call(#[from] CallError),
}

pub(crate) struct Archive {
    bus: Bus,
    /// Held while a page is fetched: that is what makes it one request in flight.
    pages: Mutex<VecDeque<Arc<FramedPage>>>,
}

impl Archive {
    pub(crate) fn new(bus: Bus) -> Self {
        Self {
            bus,
            pages: Mutex::default(),
        }
    }

    /// The events after a cursor, as many as came in one reply.
    pub(crate) async fn page(&self, cursor: Cursor) -> Result<Arc<FramedPage>, Missing> {
        let mut pages = self.pages.lock().await;
        if let Some(page) = pages.iter().find(|page| page.serves(cursor)) {
            return Ok(page.clone());
        }
        let after = cursor.position;
        let reply = self.bus.request(&LogRequest { after }, ()).await?;
        if reply.head.incarnation != cursor.incarnation {
            return Err(Missing::Reset(Reset::OtherIncarnation));
        }
        let kept = reply
            .events
            .first()
            .map_or(reply.first, |logged| logged.position);
        if let Some(reset) = Reset::unless_kept(after, kept.max(reply.first)) {
            return Err(Missing::Reset(reset));
        }
        let entries = reply.events.into_iter();
        let entries = entries.map(|logged| framed(cursor.incarnation, logged));
        let page = Arc::new(Page::new(cursor.incarnation, after, entries.collect()));
        if pages.len() == PAGES_MAX {
            pages.pop_front();
        }
        pages.push_back(page.clone());
        Ok(page)
    }
}
