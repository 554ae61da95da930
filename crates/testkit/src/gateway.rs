//! What an api-gateway of a test is started with.

use crate::Nats;

pub const SECRET_KEY: &str = "a secret of thirty-two characters";
pub const ENCRYPTION_KEY: &str = "another one of as many characters";

/// Options of one that is asked as often as anybody likes.
pub const OFTEN: [&str; 3] = [
    "--requests-per-user=1000000",
    "--requests-per-address=1000000",
    "--logins-per-minute=1000000",
];

/// The words of its command line: on this bus and database, at any free port, with the fake driver, and with these
/// options besides.
pub fn words(nats: &Nats, database: &str, more: &[&str]) -> Vec<String> {
    let url = nats.url();
    let own = [
        "api-gateway",
        "--database-url",
        database,
        "--nats-url",
        &url,
        "--nats-user",
        "api-gateway",
        "--nats-password",
        "api-gateway",
        "--http-addr",
        "127.0.0.1:0",
        "--secret-key",
        SECRET_KEY,
        "--encryption-key",
        ENCRYPTION_KEY,
        "--driver",
        "fake",
    ];
    let words = own.iter().chain(more);
    words.map(|word| (*word).to_owned()).collect()
}
