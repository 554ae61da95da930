//! The gateway as the worker sees it: five questions.

use std::future::Future;

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, ReleaseReply, ReleaseRequest,
    RenewReply, RenewRequest, ReportRequest, Verdict,
};
use bus::{Bus, CallError};
use domain::HostId;

pub trait Gateway: Send + Sync + 'static {
    fn acquire(
        &self,
        request: AcquireRequest,
    ) -> impl Future<Output = Result<AcquireReply, CallError>> + Send;
    fn renew(
        &self,
        request: RenewRequest,
    ) -> impl Future<Output = Result<RenewReply, CallError>> + Send;
    fn report(
        &self,
        request: ReportRequest,
    ) -> impl Future<Output = Result<Verdict, CallError>> + Send;
    fn release(
        &self,
        request: ReleaseRequest,
    ) -> impl Future<Output = Result<ReleaseReply, CallError>> + Send;
    fn inventory(
        &self,
        request: InventoryRequest,
    ) -> impl Future<Output = Result<InventoryReply, CallError>> + Send;
}

/// The real one, over the bus.
pub(crate) struct BusGateway {
    pub(crate) bus: Bus,
    pub(crate) host: HostId,
}

impl Gateway for BusGateway {
    async fn acquire(&self, request: AcquireRequest) -> Result<AcquireReply, CallError> {
        self.bus.request(&request, self.host.clone()).await
    }
    async fn renew(&self, request: RenewRequest) -> Result<RenewReply, CallError> {
        self.bus.request(&request, self.host.clone()).await
    }
    async fn report(&self, request: ReportRequest) -> Result<Verdict, CallError> {
        self.bus.request(&request, self.host.clone()).await
    }
    async fn release(&self, request: ReleaseRequest) -> Result<ReleaseReply, CallError> {
        self.bus.request(&request, self.host.clone()).await
    }
    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryReply, CallError> {
        self.bus.request(&request, self.host.clone()).await
    }
}
