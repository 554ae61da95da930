//! Byte streams: everything once and in order, never more than the window ahead, ends seen.

use std::time::Duration;

use bus::{Bus, Direction, Received, StreamReceiver, WINDOW};
use bytes::Bytes;
use testkit::Nats;

use crate::connect;

async fn pair(nats: &Nats) -> (Bus, Bus) {
    (
        connect(nats, "host-h1").await,
        connect(nats, "api-gateway").await,
    )
}

async fn read_all(receiver: &mut StreamReceiver) -> (Vec<u8>, Received) {
    let mut all = Vec::new();
    loop {
        match receiver.next().await {
            Received::Chunk { bytes, .. } => all.extend_from_slice(&bytes),
            end => return (all, end),
        }
    }
}

#[tokio::test]
async fn a_megabyte_arrives_whole_and_then_the_exit() {
    let nats = Nats::start();
    let (host, gateway) = pair(&nats).await;
    let id = "h1".parse().unwrap();
    let mut receiver = gateway
        .receive_stream(&id, "s1", Direction::Down)
        .await
        .unwrap();
    let mut sender = host.send_stream(&id, "s1", Direction::Down).await.unwrap();
    let bytes: Vec<u8> = (0..1_000_003u32).map(|n| (n % 251) as u8).collect();
    let sent = Bytes::from(bytes.clone());
    let sending = tokio::spawn(async move {
        sender.send(1, sent).await.unwrap();
        sender.exit(3, true).await
    });
    let (all, end) = read_all(&mut receiver).await;
    assert!(
        matches!(
            end,
            Received::Exit {
                code: 3,
                truncated: true
            }
        ),
        "{end:?}"
    );
    assert!(all == bytes, "{} bytes of {}", all.len(), bytes.len());
    sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_sender_waits_for_a_receiver_that_does_not_read() {
    let nats = Nats::start();
    let (host, gateway) = pair(&nats).await;
    let id = "h1".parse().unwrap();
    let mut receiver = gateway
        .receive_stream(&id, "s2", Direction::Down)
        .await
        .unwrap();
    let mut sender = host.send_stream(&id, "s2", Direction::Down).await.unwrap();
    let length = usize::try_from(WINDOW).unwrap() * 2;
    let mut sending = tokio::spawn(async move {
        sender
            .send(1, Bytes::from(vec![7; length]))
            .await
            .map(|()| sender)
    });
    let early = tokio::time::timeout(Duration::from_millis(700), &mut sending).await;
    assert!(early.is_err(), "the sender went beyond the window");
    let mut got = 0;
    while got < length {
        match receiver.next().await {
            Received::Chunk { bytes, .. } => got += bytes.len(),
            end => panic!("{end:?} after {got}"),
        }
    }
    sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_an_interrupted_bus_lost_is_sent_again() {
    let mut nats = Nats::start();
    let (host, gateway) = pair(&nats).await;
    let id = "h1".parse().unwrap();
    let mut receiver = gateway
        .receive_stream(&id, "s3", Direction::Down)
        .await
        .unwrap();
    let mut sender = host.send_stream(&id, "s3", Direction::Down).await.unwrap();
    let sending = tokio::spawn(async move {
        for n in 0..200u32 {
            sender
                .send(1, Bytes::from(vec![(n % 256) as u8; 4096]))
                .await
                .unwrap();
        }
        sender.exit(0, false).await
    });
    let mut got = 0;
    loop {
        match receiver.next().await {
            Received::Chunk { bytes, .. } => {
                assert!(
                    bytes
                        .iter()
                        .enumerate()
                        .all(|(i, b)| *b == (((got + i) / 4096) % 256) as u8)
                );
                got += bytes.len();
                if got == 40 * 4096 {
                    nats.restart_empty();
                }
            }
            Received::Exit { code, .. } => {
                assert_eq!((code, got), (0, 200 * 4096));
                break;
            }
            end => panic!("{end:?} after {got}"),
        }
    }
    sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_receiver_that_leaves_is_noticed() {
    let nats = Nats::start();
    let (host, gateway) = pair(&nats).await;
    let id = "h1".parse().unwrap();
    let mut receiver = gateway
        .receive_stream(&id, "s4", Direction::Down)
        .await
        .unwrap();
    let mut sender = host.send_stream(&id, "s4", Direction::Down).await.unwrap();
    // Once a chunk has come, the server knows the sender's subscription too.
    sender.send(1, Bytes::from_static(b"here")).await.unwrap();
    assert!(matches!(receiver.next().await, Received::Chunk { .. }));
    receiver.close(None).await;
    // Before it is taken for silent.
    tokio::time::timeout(Duration::from_secs(12), sender.closed())
        .await
        .expect("noticed");
}
