//! Why a call gave nothing, in words.

use crate::{
    Problem,
    reach::{self, Why},
};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused; the problem says why and what to do.
    #[error("{}", .0.reason.message)]
    Problem(Box<Problem>),
    /// Nothing was sent: no request can be made of what was given. The text is a sentence.
    #[error("{0}")]
    Unfit(String),
    /// No answer came, or it broke off.
    #[error("labyard doesn't answer at {url}: {}", way(.url, .proxy.as_deref(), .source).cause)]
    Unreachable {
        /// The server's address.
        url: String,
        /// Host and port of the proxy in between, if there is one.
        proxy: Option<String>,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// Something other than labyard answered, such as a proxy in between.
    #[error("{} answered {status}, not labyard", by(.url, .proxy.as_deref()))]
    NotUnderstood {
        /// The server's address.
        url: String,
        /// HTTP status of the answer.
        status: u16,
        /// Host and port of the proxy in between, if there is one.
        proxy: Option<String>,
    },
}

impl Error {
    /// The cause in words and what helps, if no answer came.
    pub fn why(&self) -> Option<Why> {
        match self {
            Self::Unreachable { url, proxy, source } => Some(way(url, proxy.as_deref(), source)),
            _ => None,
        }
    }
}

fn way(url: &str, proxy: Option<&str>, source: &reqwest::Error) -> Why {
    match proxy {
        // Over TLS the error itself tells the proxy from what is behind it.
        Some(proxy) if url.starts_with("http://") => reach::why_through(proxy, source),
        _ => reach::why(source),
    }
}

fn by(url: &str, proxy: Option<&str>) -> String {
    match proxy {
        Some(proxy) => format!("{url} was asked through the proxy {proxy}, and something there"),
        None => format!("Something at {url}"),
    }
}

/// Of a request that cannot be made.
pub(super) fn unfit(error: reqwest::Error) -> Error {
    let cause = reach::why(&error.without_url()).cause;
    Error::Unfit(format!("No request can be made: {cause}."))
}
