//! The event stream as frames, for one connection at a time.

use domain::Cursor;
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::{Stream, StreamExt};
use reqwest::StatusCode;

use super::{error::Error, handle::Client};
use crate::event::{Event, Reset};

/// One frame of the event stream.
#[derive(Debug, Clone)]
pub enum Frame {
    /// The stream begins here.
    Ready(Cursor),
    /// An event, and the place in the log after it.
    Event(Cursor, Box<Event>),
    /// Events are missing: list again, and continue from this place.
    Reset(Cursor, Reset),
}

impl Client {
    /// Events from a place in the log on, or from now. The stream ends with the connection; to go
    /// on, connect with the last cursor.
    ///
    /// # Errors
    /// When the stream can't be opened. Once it is open, errors are items of the stream.
    pub async fn events(
        &self,
        since: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<Frame, Error>> + use<>, Error> {
        let mut request = self.authorized(self.streams.get(format!("{}/api/v1/events", self.base)));
        if let Some(since) = since {
            request = request.query(&[("since", since.to_string())]);
        }
        let response = self.checked(request).await?;
        let client = self.clone();
        Ok(frames(response.bytes_stream()).map(move |frame| {
            frame.map_err(|error| match error {
                EventStreamError::Transport(source) => client.unreachable(source),
                _ => client.not_understood(StatusCode::OK),
            })
        }))
    }
}

/// The frames in the bytes of a stream.
pub fn frames<B: AsRef<[u8]>, E>(
    bytes: impl Stream<Item = Result<B, E>>,
) -> impl Stream<Item = Result<Frame, EventStreamError<E>>> {
    bytes.eventsource().filter_map(|event| {
        let frame = event.map(|event| read_frame(&event)).transpose();
        async move { frame }
    })
}

/// A frame that is none of ours, or carries an id alone, is nothing.
fn read_frame(event: &eventsource_stream::Event) -> Option<Frame> {
    let at: Cursor = event.id.parse().ok()?;
    match event.event.as_str() {
        "ready" => Some(Frame::Ready(at)),
        "reset" => Some(Frame::Reset(at, serde_json::from_str(&event.data).ok()?)),
        "message" if !event.data.is_empty() => Some(Frame::Event(
            at,
            Box::new(serde_json::from_str(&event.data).ok()?),
        )),
        _ => None,
    }
}
