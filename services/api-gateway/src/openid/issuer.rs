//! What is known of issuers: where their endpoints are and their keys. Asked for when it is needed, kept
//! for a while, bounded; one that does not answer is left alone for a moment, and nobody else waits for it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{policy::EvictionPolicy, sync::Cache};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, SemaphorePermit};
use url::Url;

use crate::{
    openid::{
        ask::{self, Unreached},
        claims::KeySet,
    },
    outgoing::Outgoing,
};

/// How long what an issuer says of itself is believed.
const FRESH: Duration = Duration::from_secs(600);
/// How soon after an answer it is asked again because a key is not among those it named.
const AGAIN: Duration = Duration::from_secs(5);
/// How long one that did not answer is left alone.
const ALONE: Duration = Duration::from_secs(2);
/// Requests to one issuer at a time.
const AT_ONCE: usize = 8;
/// Issuers that are remembered; beyond that the one asked longest ago is forgotten.
const ISSUERS_MAX: u64 = 256;

/// Where an issuer does what.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    pub(crate) authorization_endpoint: Option<Url>,
    pub(crate) token_endpoint: Option<Url>,
    pub(crate) userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// What was answered.
pub(crate) struct Known {
    pub(crate) metadata: Metadata,
    pub(crate) keys: KeySet,
    at: Instant,
}

/// The issuer cannot be used right now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Away {
    #[error("the issuer could not be asked")]
    Unreached(#[from] Unreached),
    #[error("the issuer answered {0}")]
    Status(u16),
    #[error("what the issuer says of itself cannot be used: {0}")]
    Unfit(&'static str),
    #[error("the issuer did not answer a moment ago")]
    Alone,
    #[error("the issuer has too many requests to answer")]
    Busy,
}

#[derive(Default)]
struct Memory {
    known: Option<Arc<Known>>,
    failed_at: Option<Instant>,
}

/// One issuer.
pub(crate) struct Issuer {
    url: String,
    memory: AsyncMutex<Memory>,
    slots: Semaphore,
}

/// All that were asked.
pub(crate) struct Issuers(Cache<String, Arc<Issuer>>);

impl Default for Issuers {
    fn default() -> Self {
        let bounded = Cache::builder().max_capacity(ISSUERS_MAX);
        Self(bounded.eviction_policy(EvictionPolicy::lru()).build())
    }
}

/// What to do for somebody who needs an issuer's word.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Use,
    Ask,
    Refuse,
}

/// `known_for` and `failed_for` are how long ago it answered, and did not.
fn next(known_for: Option<Duration>, failed_for: Option<Duration>, key_is_missing: bool) -> Next {
    let alone = failed_for.is_some_and(|ago| ago < ALONE);
    match known_for {
        Some(ago) if ago < FRESH && (!key_is_missing || ago < AGAIN || alone) => Next::Use,
        _ if alone => Next::Refuse,
        _ => Next::Ask,
    }
}

impl Issuers {
    /// An issuer, remembered from now on.
    pub(crate) fn of(&self, url: &str) -> Arc<Issuer> {
        self.0.get_with_by_ref(url, || {
            Arc::new(Issuer {
                url: url.to_owned(),
                memory: AsyncMutex::default(),
                slots: Semaphore::new(AT_ONCE),
            })
        })
    }
}

impl Issuer {
    /// A place among the requests to it; whoever finds none is told so at once.
    pub(crate) fn slot(&self) -> Result<SemaphorePermit<'_>, Away> {
        self.slots.try_acquire().map_err(|_| Away::Busy)
    }

    /// What it says of itself, with the key of this token if it has it.
    pub(crate) async fn known(
        &self,
        outgoing: &Outgoing,
        token: Option<&str>,
    ) -> Result<Arc<Known>, Away> {
        let mut memory = self.memory.lock().await;
        let known = memory.known.as_ref();
        let missing =
            known.is_some_and(|known| token.is_some_and(|token| !known.keys.knows(token)));
        let known_for = known.map(|known| known.at.elapsed());
        let failed_for = memory.failed_at.map(|at| at.elapsed());
        match (next(known_for, failed_for, missing), known) {
            (Next::Use, Some(known)) => return Ok(known.clone()),
            (Next::Refuse, _) => return Err(Away::Alone),
            _ => {}
        }
        match self.ask(outgoing).await {
            Ok(known) => {
                let known = Arc::new(known);
                *memory = Memory {
                    known: Some(known.clone()),
                    failed_at: None,
                };
                Ok(known)
            }
            Err(away) => {
                memory.failed_at = Some(Instant::now());
                Err(away)
            }
        }
    }

    async fn ask(&self, outgoing: &Outgoing) -> Result<Known, Away> {
        let unfit = |_| Away::Unfit("its address");
        let base = self.url.trim_end_matches('/');
        let url = Url::parse(&format!("{base}/.well-known/openid-configuration")).map_err(unfit)?;
        let document = self.document(outgoing, &url).await?;
        let metadata: Metadata = serde_json::from_value(document)
            .map_err(|_| Away::Unfit("its configuration is not OpenID Connect's"))?;
        if metadata.issuer != self.url {
            return Err(Away::Unfit("it calls itself by another name"));
        }
        let keys = KeySet::read(&self.document(outgoing, &metadata.jwks_uri).await?);
        Ok(Known {
            metadata,
            keys,
            at: Instant::now(),
        })
    }

    async fn document(&self, outgoing: &Outgoing, url: &Url) -> Result<Value, Away> {
        let (status, document) = ask::get(outgoing, url, None).await?;
        match status.is_success() {
            true => Ok(document),
            false => Err(Away::Status(status.as_u16())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const fn ago(secs: u64) -> Option<Duration> {
        Some(Duration::from_secs(secs))
    }

    #[test]
    fn an_issuer_is_asked_when_its_word_is_old_or_a_key_is_new() {
        for (known, failed, missing, what) in [
            (None, None, false, Next::Ask),
            (ago(1), None, false, Next::Use),
            (ago(600), None, false, Next::Ask),
            // Somebody who makes up key names does not make us ask each time.
            (ago(1), None, true, Next::Use),
            (ago(5), None, true, Next::Ask),
        ] {
            assert_eq!(next(known, failed, missing), what, "{known:?} {missing}");
        }
    }

    #[test]
    fn one_that_does_not_answer_is_left_alone_and_its_old_word_holds() {
        assert_eq!(next(None, ago(1), false), Next::Refuse);
        assert_eq!(next(None, ago(2), false), Next::Ask);
        assert_eq!(next(ago(599), ago(1), true), Next::Use);
        assert_eq!(next(ago(601), ago(1), false), Next::Refuse);
    }

    #[tokio::test]
    async fn what_is_remembered_is_bounded_and_one_issuer_takes_its_own_places_only() {
        let issuers = Issuers::default();
        for n in 0..2 * ISSUERS_MAX {
            issuers.of(&format!("https://i{n}.example.org"));
        }
        issuers.0.run_pending_tasks();
        assert_eq!(issuers.0.entry_count(), ISSUERS_MAX);
        let slow = issuers.of("https://slow.example.org");
        let held: Vec<_> = (0..AT_ONCE).map(|_| slow.slot().unwrap()).collect();
        assert!(matches!(slow.slot(), Err(Away::Busy)));
        assert!(issuers.of("https://quick.example.org").slot().is_ok());
        drop(held);
        assert!(slow.slot().is_ok());
    }
}
