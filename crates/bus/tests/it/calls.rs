//! Requests are answered, and only by whom and to whom they may be.

use std::time::Duration;

use api::bus::{AcquireReply, AcquireRequest, Fault, InventoryReply, InventoryRequest, LogRequest};
use bus::CallError;
use domain::Code;
use testkit::{Nats, eventually};
use tokio_util::sync::CancellationToken;

use crate::connect;

fn acquire() -> AcquireRequest {
    AcquireRequest {
        worker: "w1".parse().unwrap(),
        boot_id: 1,
        driver: "fake".into(),
        free_slots: 1,
        acquire_seq: 1,
        held: vec![],
    }
}

#[tokio::test]
async fn a_host_is_who_its_subject_says() {
    let nats = Nats::start();
    let (gateway, host) = (
        connect(&nats, "api-gateway").await,
        connect(&nats, "host-h1").await,
    );
    let stop = CancellationToken::new();
    let serving = gateway.clone();
    let stopped = stop.clone();
    let server = tokio::spawn(async move {
        serving
            .serve::<AcquireRequest, _, _>((), 4, stopped, |_, served| async move {
                match served.host {
                    Some(host) => Ok(AcquireReply {
                        installation: host.to_string(),
                        leases: vec![],
                    }),
                    None => Err(Fault {
                        code: Code::Forbidden,
                        message: "no host".into(),
                        retryable: false,
                    }),
                }
            })
            .await
    });
    let reply = eventually(Duration::from_secs(5), || async {
        host.request(&acquire(), "h1".parse().unwrap()).await.ok()
    })
    .await;
    assert_eq!(reply.installation, "h1");

    let other = host.request(&acquire(), "h2".parse().unwrap()).await;
    assert!(other.is_err(), "h1 spoke as h2: {other:?}");
    eventually(Duration::from_secs(5), || async {
        nats.log().contains("Publish Violation").then_some(())
    })
    .await;

    stop.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_nobody_answers_fails_at_once_and_a_lost_bus_says_so() {
    let mut nats = Nats::start();
    let events = connect(&nats, "events-gateway").await;
    let answer = events.request(&LogRequest { after: 0 }, ()).await;
    assert!(matches!(answer, Err(CallError::NoResponder)), "{answer:?}");

    nats.stop();
    eventually(Duration::from_secs(5), || async {
        (!events.connected()).then_some(())
    })
    .await;
    let answer = events.request(&LogRequest { after: 0 }, ()).await;
    assert!(matches!(answer, Err(CallError::Disconnected)), "{answer:?}");

    nats.start_again();
    eventually(Duration::from_secs(10), || async {
        events.connected().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_fault_reaches_the_asker_whole() {
    let nats = Nats::start();
    let (gateway, host) = (
        connect(&nats, "api-gateway").await,
        connect(&nats, "host-h2").await,
    );
    let fault = Fault {
        code: Code::Unavailable,
        message: "not now".into(),
        retryable: true,
    };
    let said = fault.clone();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        gateway
            .serve::<InventoryRequest, _, _>((), 1, stopped, move |_, _| {
                let said = said.clone();
                async move { Err::<InventoryReply, _>(said) }
            })
            .await
    });
    let inventory = InventoryRequest {
        worker: "w1".parse().unwrap(),
        driver: "fake".into(),
        slots: 1,
        capacity: api::bus::Capacity {
            cpu_millis: 0,
            memory_mib: 0,
            memory_free_mib: 0,
            disk_mib: 0,
            disk_free_mib: 0,
            load_hundredths: 0,
        },
        complete: true,
        items: vec![],
        checks: vec![],
        versions: vec![],
        pool: 0,
        highest_fence: 0,
        fences: Default::default(),
    };
    let answer = eventually(Duration::from_secs(5), || async {
        match host.request(&inventory, "h2".parse().unwrap()).await {
            Err(CallError::Fault(fault)) => Some(fault),
            _ => None,
        }
    })
    .await;
    assert_eq!(answer, fault);
    stop.cancel();
}
