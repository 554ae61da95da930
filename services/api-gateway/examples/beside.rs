//! Runs a program beside a gateway of its own: a real Postgres and a real bus, both empty, and the fake driver. The
//! program finds the gateway at `LABYARD_URL` and two people who exist, by `LABYARD_EMAIL`, `LABYARD_LEAVER` and
//! `LABYARD_PASSWORD`; it ends with the program's exit code.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, ExitCode};

use api_gateway::config::Options;
use clap::Parser;
use reqwest::{Client, StatusCode};
use serde_json::json;
use testkit::{
    Nats, Postgres,
    gateway::{self, OFTEN},
};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "correct horse battery";
/// The first to register is the installation's administrator.
const PEOPLE: [(&str, &str); 2] = [
    ("LABYARD_EMAIL", "ana@example.org"),
    ("LABYARD_LEAVER", "leaver@example.org"),
];

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().expect("the program to run");
    let stop = CancellationToken::new();
    let nats = Nats::start();
    let database = Postgres::database().await;
    let gateway = api_gateway::start(options(&nats, &database), stop.clone())
        .await
        .unwrap();
    let url = format!("http://{}", gateway.addr);
    for (_, email) in PEOPLE {
        register(&url, email).await;
    }
    let mut command = Command::new(program);
    command.args(words).env("LABYARD_URL", &url);
    command.envs(PEOPLE).env("LABYARD_PASSWORD", PASSWORD);
    let status = tokio::task::spawn_blocking(move || command.status()).await;
    let code = status.unwrap().expect("the program runs").code();
    stop.cancel();
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// A program asks as often as it likes, by whatever name, and fills no quota on the way.
fn options(nats: &Nats, database: &str) -> Options {
    let more = [
        "--clusters-per-workspace=1000000",
        "--public-url=http://localhost:3000",
    ];
    let room = [&OFTEN[..], &more].concat();
    Options::parse_from(gateway::words(nats, database, &room))
}

async fn register(url: &str, email: &str) {
    let asked = Client::new().post(format!("{url}/api/v1/auth/register"));
    let answer = asked
        .json(&json!({ "email": email, "password": PASSWORD }))
        .send();
    assert_eq!(answer.await.unwrap().status(), StatusCode::CREATED);
}
