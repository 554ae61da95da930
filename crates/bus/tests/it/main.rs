//! The bus on a real nats-server with the real allow-lists.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod calls;
mod rights;
mod streams;

use bus::Bus;
use testkit::{Nats, eventually};

pub(crate) async fn connect(nats: &Nats, user: &str) -> Bus {
    let bus = Bus::connect(nats.user(user)).await.unwrap();
    eventually(std::time::Duration::from_secs(5), || async {
        bus.connected().then_some(())
    })
    .await;
    bus
}
