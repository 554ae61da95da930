//! A client of a cluster's API, which is its owner's: it goes to the driver's endpoint and nowhere else, and every answer
//! is bounded in size and time. What it logs in with is `credential.rs`'s.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use domain::Endpoint;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use http_body_util::Limited;
use kube::{
    Client, Config,
    client::{Body, ClientBuilder},
};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tower::{Layer, Service};

/// Bytes of one answer. The longest that is asked for, a node with its images, has some 20 KiB; more would be read into
/// types that are many times as large.
const ANSWER_MAX: usize = 256 << 10;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A configuration that says where the API is and how long each of its answers may take, and nothing else. Nothing of it
/// comes from the cluster: no proxy, no other server, no name to ask for.
pub(crate) fn config(endpoint: &Endpoint, answer: Duration) -> Result<Config, kube::Error> {
    let address = endpoint
        .url()
        .parse()
        .map_err(|error| kube::Error::Service(Box::new(error)))?;
    let mut config = Config::new(address);
    config.tls_server_name = Some(endpoint.server_name.clone());
    config.connect_timeout = Some(answer);
    config.read_timeout = Some(answer);
    config.write_timeout = Some(answer);
    config.reset_reader_on_write = true;
    Ok(config)
}

/// A client that gives up on an answer after `answer`, from the request to the last byte.
pub(crate) fn bounded(config: Config, answer: Duration) -> Result<Client, kube::Error> {
    let layer = Bounds { answer };
    Ok(ClientBuilder::try_from(config)?.with_layer(&layer).build())
}

/// The answer did not come whole in time.
#[derive(Debug, thiserror::Error)]
#[error("the cluster's API did not answer in time")]
struct Late;

#[derive(Clone, Copy)]
struct Bounds {
    answer: Duration,
}

impl<S> Layer<S> for Bounds {
    type Service = Bounded<S>;

    fn layer(&self, inner: S) -> Bounded<S> {
        Bounded {
            inner,
            answer: self.answer,
        }
    }
}

struct Bounded<S> {
    inner: S,
    answer: Duration,
}

impl<S, B> Service<Request<Body>> for Bounded<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body,
{
    type Response = Response<Answer<B>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let until = Instant::now() + self.answer;
        let answering = self.inner.call(request);
        Box::pin(async move {
            let answer = timeout_at(until, answering).await.map_err(|_| Late)?;
            Ok(answer.map_err(Into::into)?.map(|body| Answer {
                body: Limited::new(body, ANSWER_MAX),
                until: Box::pin(sleep_until(until)),
            }))
        })
    }
}

/// An answer's body: so many bytes, until then.
struct Answer<B> {
    body: Limited<B>,
    until: Pin<Box<Sleep>>,
}

impl<B> http_body::Body for Answer<B>
where
    B: http_body::Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        if self.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Late.into())));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use futures_util::{StreamExt, stream};
    use http_body_util::StreamBody;

    use super::*;

    type Piece = Result<Frame<Bytes>, BoxError>;

    /// What a hostile API answers every request with.
    struct Hostile(fn() -> Answering);
    enum Answering {
        Never,
        Body(stream::BoxStream<'static, Piece>),
    }

    impl Service<Request<Body>> for Hostile {
        type Response = Response<StreamBody<stream::BoxStream<'static, Piece>>>;
        type Error = BoxError;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            let answering = (self.0)();
            Box::pin(async move {
                match answering {
                    Answering::Never => std::future::pending().await,
                    Answering::Body(body) => Ok(Response::new(StreamBody::new(body))),
                }
            })
        }
    }

    fn piece(bytes: usize) -> Piece {
        Ok(Frame::data(Bytes::from(vec![b'x'; bytes])))
    }

    async fn asked(hostile: fn() -> Answering) -> Result<usize, kube::Error> {
        let layer = Bounds {
            answer: Duration::from_millis(300),
        };
        let client = ClientBuilder::new(Hostile(hostile), "default")
            .with_layer(&layer)
            .build();
        let request = Request::get("/").body(Vec::new()).unwrap();
        let asking = client.request_text(request);
        let answer = tokio::time::timeout(Duration::from_secs(5), asking).await;
        answer.unwrap().map(|text| text.len())
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_end_is_cut_off() {
        let endless = || Answering::Body(stream::repeat_with(|| piece(64 << 10)).boxed());
        assert!(asked(endless).await.is_err());
        let just = || Answering::Body(stream::iter([piece(ANSWER_MAX)]).boxed());
        assert_eq!(asked(just).await.unwrap(), ANSWER_MAX);
        let more = || Answering::Body(stream::iter([piece(ANSWER_MAX), piece(1)]).boxed());
        assert!(asked(more).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_or_never_ends_is_given_up() {
        assert!(asked(|| Answering::Never).await.is_err());
        let stuck = || {
            let piece = stream::iter([piece(1)]);
            Answering::Body(piece.chain(stream::pending()).boxed())
        };
        assert!(asked(stuck).await.is_err());
        let dripping = || {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((piece(1), ()))
            });
            Answering::Body(drops.boxed())
        };
        assert!(asked(dripping).await.is_err());
    }
}
