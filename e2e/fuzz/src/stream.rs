//! The event stream as its clients read it.

use std::convert::Infallible;

use api::client::frames;
use futures_util::{FutureExt, StreamExt, stream};

/// However the bytes are cut up, the same frames come out. The first byte says how they are cut.
pub fn stream(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else {
        return;
    };
    assert_eq!(
        read(bytes, bytes.len().max(1)),
        read(bytes, usize::from(*size).max(1))
    );
}

fn read(bytes: &[u8], size: usize) -> Vec<String> {
    let chunks: Vec<Result<Vec<u8>, Infallible>> =
        bytes.chunks(size).map(|chunk| Ok(chunk.to_vec())).collect();
    let frames = frames(stream::iter(chunks)).map(|frame| format!("{frame:?}"));
    // Nothing is waited for: every byte is there.
    frames.collect().now_or_never().unwrap_or_default()
}
