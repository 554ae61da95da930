//! A client of the stream, strict about its form: it reads frames as a browser would.

use std::time::Duration;

use api::event::Event;
use futures_util::{Stream, StreamExt};
use reqwest::{RequestBuilder, Response};
use testkit::within;

/// One block of lines up to an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub name: Option<String>,
    pub id: Option<String>,
    pub data: Option<String>,
    pub retry: Option<u64>,
    pub comment: Option<String>,
}

pub(crate) struct Client {
    body: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
    /// What a browser would send as `Last-Event-ID`.
    pub last_id: String,
    /// The frame every stream begins with.
    pub ready: Frame,
}

impl Client {
    /// Opens a stream and reads its first frame.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        Self::read(response).await
    }

    pub(crate) async fn read(response: Response) -> Self {
        Self::try_read(response).await.expect("a first frame")
    }

    /// The same; `None` when it ends before it begins.
    pub(crate) async fn try_read(response: Response) -> Option<Self> {
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-cache, no-transform");
        assert_eq!(headers["x-accel-buffering"], "no");
        let mut client = Self {
            body: response.bytes_stream().boxed(),
            text: String::new(),
            last_id: String::new(),
            ready: Frame::default(),
        };
        client.ready = client.frame().await?;
        assert_eq!(client.ready.name.as_deref(), Some("ready"));
        assert_eq!(client.ready.retry, Some(2_000));
        Some(client)
    }

    /// The next frame of any kind; `None` when the stream has ended.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let frame = parse(block);
                self.text = rest.to_owned();
                if let Some(id) = &frame.id {
                    self.last_id = id.clone();
                }
                return Some(frame);
            }
            let chunk = within(super::SOON, self.body.next())
                .await
                .expect("something within the time");
            match chunk {
                Some(Ok(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next frame that a browser would hand on; keep-alives alone are not waited for long.
    pub(crate) async fn said(&mut self) -> Option<Frame> {
        let reading = async {
            loop {
                let frame = self.frame().await?;
                if frame.data.is_some() {
                    return Some(frame);
                }
            }
        };
        within(super::SOON, reading)
            .await
            .expect("a frame with data within the time")
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Event {
        let frame = self.said().await.expect("an event, not the end");
        assert_eq!(frame.name, None, "{frame:?}");
        serde_json::from_str(&frame.data.unwrap()).unwrap()
    }

    /// The versions of the next `count` events.
    pub(crate) async fn versions(&mut self, count: usize) -> Vec<i64> {
        let mut versions = vec![];
        while versions.len() < count {
            versions.push(self.event().await.version);
        }
        versions
    }

    /// The reason of a reset, which must come next.
    pub(crate) async fn reset(&mut self) -> String {
        let frame = self.said().await.expect("a reset, not the end");
        assert_eq!(frame.name.as_deref(), Some("reset"), "{frame:?}");
        assert!(frame.id.is_some(), "a reset gives a fresh cursor");
        let data: serde_json::Value = serde_json::from_str(&frame.data.unwrap()).unwrap();
        data["reason"].as_str().unwrap().to_owned()
    }

    /// Reads to the end, within a time of a quiet machine, and gives the frames that came before it.
    pub(crate) async fn end_within(&mut self, time: Duration) -> Vec<Frame> {
        let mut frames = vec![];
        let reading = async {
            while let Some(frame) = self.frame().await {
                frames.push(frame);
            }
        };
        within(time, reading).await.expect("the stream ends");
        frames
    }
}

fn parse(block: &str) -> Frame {
    let mut frame = Frame::default();
    for line in block.lines() {
        let (field, value) = line.split_once(':').expect("a field");
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match field {
            "" => frame.comment = Some(value),
            "event" => frame.name = Some(value),
            "id" => frame.id = Some(value),
            "data" => frame.data = Some(value),
            "retry" => frame.retry = Some(value.parse().unwrap()),
            other => panic!("an unknown field {other:?}"),
        }
    }
    frame
}
