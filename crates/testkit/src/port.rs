//! Ports for what cannot say which one it got.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

/// Above what labs publish on, below what the kernel gives to connections (`deploy/stack/ports.sh`): what comes back finds
/// its port free, and who tries it meanwhile does not connect to themselves.
const FIRST: u32 = 30_000;
const PORTS: u32 = 2_768;

/// A port that nobody listens on right now, and that nobody else in this process was given lately.
///
/// # Panics
/// When all are taken.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Processes beside each other begin at other places.
    let first = std::process::id().wrapping_mul(97);
    (0..PORTS)
        .map(|_| first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % PORTS + FIRST)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
