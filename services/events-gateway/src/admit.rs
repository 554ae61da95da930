//! Asks the api-gateway who somebody is and what they may see. What they showed leaves this process
//! only sealed to the gateway, and is kept nowhere.

use std::{sync::Arc, time::Duration};

use api::bus::{AdmitReply, AdmitRequest, Credential};
use bus::{Bus, CallError, seal::SealKey};
use domain::{Code, Reason};
use tokio::sync::Semaphore;

use crate::fan_out::FanOut;

/// Admissions asked for at once: a crowd that comes back together waits here, not at the gateway.
const IN_FLIGHT_MAX: usize = 32;
/// How long one waits for the others.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Admission {
    bus: Bus,
    fan_out: Arc<FanOut>,
    key: SealKey,
    turns: Semaphore,
}

impl Admission {
    pub(crate) fn new(bus: Bus, fan_out: Arc<FanOut>, key: SealKey) -> Self {
        Self {
            bus,
            fan_out,
            key,
            turns: Semaphore::new(IN_FLIGHT_MAX),
        }
    }

    /// Who this is, or the reason for the answer.
    pub(crate) async fn admit(&self, credential: &Credential) -> Result<AdmitReply, Reason> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(unavailable("Too many streams are opening at once."));
        };
        let credential = self.seal(credential)?;
        let seen = self.fan_out.cursor();
        let request = AdmitRequest {
            credential,
            seen,
            heeds_only: true,
        };
        let reply = self.bus.request(&request, ()).await;
        reply.map_err(|error| match error {
            CallError::Fault(fault) if !fault.retryable && fault.code.http_status().is_some() => {
                Reason::new(fault.code, fault.message)
            }
            error => {
                tracing::warn!(%error, "admission cannot be asked for");
                unavailable("labyard can't check your login.")
            }
        })
    }

    fn seal(&self, credential: &Credential) -> Result<api::bus::Sealed, Reason> {
        let unsealed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a credential cannot be sealed");
            Reason::new(Code::Internal, "labyard can't check your login.")
        };
        let bytes = serde_json::to_vec(credential).map_err(|error| unsealed(&error))?;
        self.key.seal(&bytes).map_err(|error| unsealed(&error))
    }
}

pub(crate) fn unavailable(message: &str) -> Reason {
    Reason::new(Code::Unavailable, message)
}
