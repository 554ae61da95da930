//! What each stream is sent next, from its place in the log on: from the ring, or from pages while it catches up.

use std::sync::Arc;

use api::Timestamp;
use domain::{Cursor, Incarnation};
use feed::{Read, Reader, Reset};

use super::{
    entry::Entry, page::Page, progress::Progress, shard::Shard, stream_key::StreamKey, wants::Wants,
};
use crate::{end::End, slow_client};

/// Events and bytes gathered for one write; a single larger event goes alone.
pub(crate) const BATCH_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 32 << 10;
/// Entries inspected in one go before others get a turn.
const INSPECTED_MAX: usize = 1_024;

/// What a stream sends next.
#[derive(Debug)]
pub(crate) enum Next {
    /// The events gathered, after which it stands here.
    Write {
        upto: u64,
        level: bool,
    },
    /// Nothing until something is marked for it.
    Level,
    /// Nothing so far; there is more to inspect.
    Again,
    /// It cannot go on from where it was and goes on here.
    Reset(Reset, Cursor),
    /// The events after this cursor left the ring: read them and hand them over as a page.
    Older(Cursor),
    End(End),
}

impl<B> Shard<B> {
    /// Gathers what a stream is to be sent, from its place on. `gather` takes each event and answers how many bytes it is.
    /// Nothing counts as sent before [`Shard::wrote`] says so.
    pub(crate) fn next(
        &mut self,
        key: StreamKey,
        now: Timestamp,
        gather: impl FnMut(&Entry<B>) -> usize,
    ) -> Next {
        let here = self.here();
        let Some(client) = self.client_mut(key) else {
            return Next::Level;
        };
        if let Some(end) = client.end {
            return match here {
                Some(here)
                    if end == End::Admission && here.incarnation != client.reader.incarnation() =>
                {
                    client.end = None;
                    self.begin_anew(key, here);
                    // Rights are not known any more: it is told where it goes on, and ends.
                    self.end(key, End::Admission);
                    Next::Reset(Reset::OtherIncarnation, here)
                }
                _ => Next::End(end),
            };
        }
        if let Some(reset) = client.pending_reset.take() {
            return Next::Reset(reset, client.cursor());
        }
        self.inspect(key, now, gather)
    }

    fn inspect(
        &mut self,
        key: StreamKey,
        now: Timestamp,
        mut gather: impl FnMut(&Entry<B>) -> usize,
    ) -> Next {
        let Some(client) = self.client(key) else {
            return Next::Level;
        };
        let Some(user) = self.users.get(client.user) else {
            return Next::Level;
        };
        let mut reader = client.reader;
        if let Progress::UpToDate { first_marked } = client.progress {
            match first_marked {
                None => return Next::Level,
                // Nothing before it was for this stream.
                Some(first) => reader.pass(first - 1),
            }
        }
        let (mut inspected, mut gathered, mut bytes) = (0, 0, 0);
        let mut visit = |entry: &Entry<B>| {
            inspected += 1;
            if client.wants.wants(entry)
                && client.is_of(&entry.audience)
                && user.access.sees(&entry.audience, entry.topics.cluster, now)
            {
                bytes += gather(entry);
                gathered += 1;
            }
            inspected < INSPECTED_MAX && bytes < BATCH_BYTES_MAX && gathered < BATCH_MAX
        };
        let read = match client.progress.page_beyond(reader.position()) {
            Some(page) => read_page(page, &mut reader, &mut visit),
            None => reader.read(&self.ring, |_, entry| visit(entry)),
        };
        self.inspected(key, read, reader, gathered == 0)
    }

    fn inspected(
        &mut self,
        key: StreamKey,
        read: Read,
        reader: Reader<Incarnation>,
        none: bool,
    ) -> Next {
        let Some(client) = self.client_mut(key) else {
            return Next::Level;
        };
        match read {
            Read::Older { .. } => {
                let end = slow_client::fell_out_of_ring(client.progress.has_kept_up());
                return end.map_or(Next::Older(client.cursor()), Next::End);
            }
            Read::Reset(reset) => return self.reset_now(key, reset),
            Read::Level | Read::More => {}
        }
        let level = read == Read::Level;
        if !none {
            let upto = reader.position();
            return Next::Write { upto, level };
        }
        client.reader = reader;
        if level {
            client.progress.reach_end();
            return Next::Level;
        }
        Next::Again
    }

    /// Gives a stream what it has to read before it can go on in the ring.
    pub(crate) fn turn_page(&mut self, key: StreamKey, page: Arc<Page<B>>) {
        if let Some(client) = self.client_mut(key) {
            if page.after() > client.reader.position() {
                // A subscription from an earlier place came meanwhile: what follows that is asked for next.
                tracing::debug!("a page is not needed any more");
            } else if page.last() > client.reader.position() {
                client.progress.turn_page(page);
            } else {
                tracing::warn!("the log has nothing after a cursor");
                client.end.get_or_insert(End::Admission);
            }
        }
    }

    /// It goes on where the log is, and is told so next.
    pub(crate) fn reset(&mut self, key: StreamKey, reset: Reset) {
        if let Some(here) = self.here() {
            self.begin_anew(key, here);
            if let Some(client) = self.client_mut(key) {
                client.pending_reset = Some(reset);
            }
        }
    }

    /// What was gathered is on its way up to this position; `level` if that was all there is.
    pub(crate) fn wrote(&mut self, key: StreamKey, upto: u64, level: bool) {
        if let Some(client) = self.client_mut(key) {
            client.reader.pass(upto);
            client.last_acked = upto;
            if level {
                client.progress.reach_end();
            } else {
                client.progress.leave_end();
            }
        }
    }

    /// Where a quiet stream has come to, if that moved since the other side was told.
    pub(crate) fn advance_quiet(&mut self, key: StreamKey) -> Option<Cursor> {
        let last = self.here()?.position;
        let client = self.client_mut(key)?;
        let quiet = client.end.is_none() && client.progress.is_quiet();
        if !quiet || last <= client.last_acked {
            return None;
        }
        client.reader.pass(last);
        client.last_acked = client.reader.position();
        Some(client.cursor())
    }

    /// It cannot be caught up: it goes on where the log is.
    fn reset_now(&mut self, key: StreamKey, reset: Reset) -> Next {
        match self.here() {
            Some(here) => {
                self.begin_anew(key, here);
                Next::Reset(reset, here)
            }
            None => Next::End(End::Admission),
        }
    }

    fn begin_anew(&mut self, key: StreamKey, here: Cursor) {
        if let Some(client) = self.client_mut(key) {
            client.reader.restart(here.incarnation, here.position);
            client.progress.move_on();
            client.last_acked = here.position;
            client.admitted_at = here.position;
            client.pending_reset = None;
            if let Wants::Topics(subscriptions) = &mut client.wants {
                subscriptions.restart(here.position);
            }
            self.touch(key);
        }
    }
}

fn read_page<B>(
    page: &Page<B>,
    reader: &mut Reader<Incarnation>,
    visit: &mut impl FnMut(&Entry<B>) -> bool,
) -> Read {
    for entry in page.entries() {
        if reader.claim(entry.position) && !visit(entry) {
            return Read::More;
        }
    }
    Read::More
}
