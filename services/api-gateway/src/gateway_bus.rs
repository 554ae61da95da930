//! What the gateway answers on the bus: hosts that work, hubs that watch.

use std::{future::Future, sync::Arc, time::Duration};

use api::bus::{
    AcquireRequest, AdmitRequest, Fault, InventoryRequest, LogRequest, ReleaseRequest,
    RenewRequest, ReportRequest,
};
use bus::{Call, Served};
use domain::{Code, HostId};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    hosts::{inventory, lease, report},
    kernel::{error::Error, log, state::App},
    notify::admit,
};

/// Calls of one kind under way at once.
const AT_ONCE: usize = 32;
const RETRY: Duration = Duration::from_secs(1);

/// Serves every call until `stop`.
pub(crate) fn serve(app: &Arc<App>, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        each(
            app,
            stop,
            |app, request: AcquireRequest, served| async move {
                lease::acquire(&app, &host(served)?, request).await
            },
        ),
        each(app, stop, |app, request: RenewRequest, served| async move {
            lease::renew(&app, &host(served)?, request).await
        }),
        each(
            app,
            stop,
            |app, request: ReleaseRequest, served| async move {
                lease::release(&app, &host(served)?, request).await
            },
        ),
        each(
            app,
            stop,
            |app, request: ReportRequest, served| async move {
                report::report(&app, &host(served)?, request).await
            },
        ),
        each(
            app,
            stop,
            |app, request: InventoryRequest, served| async move {
                inventory::take(&app, &host(served)?, request).await
            },
        ),
        each(app, stop, |app, request: AdmitRequest, _| async move {
            admit::admit(&app, request).await
        }),
        each(app, stop, |app, request: LogRequest, _| async move {
            Ok(log::range(&app, request.after).await?)
        }),
    ]
}

fn host(served: Served) -> Result<HostId, Error> {
    served.host.ok_or_else(Error::not_found)
}

fn each<R, F, Fut>(app: &Arc<App>, stop: &CancellationToken, handle: F) -> JoinHandle<()>
where
    R: Call,
    R::From: Default + Send,
    F: Fn(Arc<App>, R, Served) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<R::Reply, Error>> + Send + 'static,
{
    let (app, stop) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            let (inner, handle) = (app.clone(), handle.clone());
            let serving = app.bus.serve::<R, _, _>(
                R::From::default(),
                AT_ONCE,
                stop.clone(),
                move |request, served| {
                    let done = handle(inner.clone(), request, served);
                    async move { done.await.map_err(fault) }
                },
            );
            if let Err(error) = serving.await {
                tracing::warn!(%error, call = R::NAME, "not served, trying again");
                stop.run_until_cancelled(tokio::time::sleep(RETRY)).await;
            }
        }
    })
}

fn fault(error: Error) -> Fault {
    let reason = error.reason();
    if reason.code == Code::Internal {
        tracing::error!(error = &error as &dyn std::error::Error, "a call failed");
    }
    let retryable = matches!(
        reason.code,
        Code::Internal | Code::Unavailable | Code::RateLimited
    );
    Fault {
        code: reason.code,
        message: reason.message,
        retryable,
    }
}
