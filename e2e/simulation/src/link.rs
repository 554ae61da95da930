//! The bus between one worker's life and the gateway: requests and replies are lost, late, doubled
//! or cut off, and a worker may be stopped and go on later.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, ReleaseReply, ReleaseRequest,
    RenewReply, RenewRequest, ReportRequest, Verdict,
};
use bus::{CallError, REQUEST_TIMEOUT};
use provisioner_worker::gateway::Gateway;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{chance::Chance, faults::Faults, gateway::Db, host::until};

/// What a worker's life may pass only while it is awake.
#[derive(Clone)]
pub(crate) struct Gate {
    asleep_until: Arc<Mutex<Instant>>,
    dead: CancellationToken,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            asleep_until: Arc::new(Mutex::new(Instant::now())),
            dead: CancellationToken::new(),
        }
    }

    pub(crate) fn sleep(&self, time: Duration) {
        *self
            .asleep_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now() + time;
    }

    pub(crate) fn kill(&self) {
        self.dead.cancel();
    }

    /// Waits while the worker is stopped; false when it has died.
    pub(crate) async fn pass(&self) -> bool {
        loop {
            let at = *self
                .asleep_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if self.dead.is_cancelled() {
                return false;
            }
            if at <= Instant::now() {
                return true;
            }
            self.dead.run_until_cancelled(until(at)).await;
        }
    }
}

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) db: Arc<Db>,
    pub(crate) host: usize,
    pub(crate) gate: Gate,
    pub(crate) chance: Chance,
    pub(crate) faults: Arc<Faults>,
}

impl Link {
    /// Sends a request. Once sent, it arrives or is lost, whatever becomes of its sender.
    async fn send<T: Send + 'static>(
        &self,
        apply: impl Fn(&Db, usize) -> T + Send + Sync + 'static,
    ) -> Result<T, CallError> {
        self.gate.pass().await;
        let (db, host, faults, chance) = (
            self.db.clone(),
            self.host,
            self.faults.clone(),
            self.chance.clone(),
        );
        if faults.nobody(&chance) {
            return Err(CallError::NoResponder);
        }
        let lost = faults.lost(&chance, host);
        let reply_lost = faults.lost(&chance, host);
        let doubled = faults.doubled(&chance);
        let (there, back) = (faults.bus_delay(&chance), faults.bus_delay(&chance));
        let later = faults.bus_delay(&chance);
        let sent = tokio::spawn(async move {
            if lost {
                return std::future::pending().await;
            }
            sleep(there).await;
            let reply = apply(&db, host);
            if doubled {
                tokio::spawn(async move {
                    sleep(later).await;
                    apply(&db, host);
                });
            }
            if reply_lost {
                return std::future::pending().await;
            }
            sleep(back).await;
            reply
        });
        let abort = sent.abort_handle();
        let answer = timeout(REQUEST_TIMEOUT, sent).await;
        if lost {
            abort.abort();
        }
        self.gate.pass().await;
        match answer {
            Ok(Ok(reply)) => Ok(reply),
            _ => Err(CallError::TimedOut),
        }
    }
}

impl Gateway for Link {
    async fn acquire(&self, request: AcquireRequest) -> Result<AcquireReply, CallError> {
        self.send(move |db, host| db.acquire(host, &request)).await
    }
    async fn renew(&self, request: RenewRequest) -> Result<RenewReply, CallError> {
        self.send(move |db, host| db.renew(host, &request)).await
    }
    async fn report(&self, request: ReportRequest) -> Result<Verdict, CallError> {
        self.send(move |db, host| db.report(host, &request)).await
    }
    async fn release(&self, request: ReleaseRequest) -> Result<ReleaseReply, CallError> {
        self.send(move |db, host| db.release(host, &request)).await
    }
    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryReply, CallError> {
        self.send(move |db, host| db.inventory(host, &request))
            .await
    }
}
