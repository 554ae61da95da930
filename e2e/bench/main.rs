//! `make bench`: labyard against the bare parts it is made of, in one run, interleaved A-B-B-A.
//! Figures go to LABYARD_BENCH_OUT, one file each; over its limit a figure fails the run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod bare;
mod create;
mod events;
mod exec;
mod figure;
mod flood;
mod log;
mod memory;
mod queue;
mod rate;
mod restart;
mod warm;

use e2e::person::Person;
use figure::Figure;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match arguments[..] {
        ["cold"] => cold().await,
        ["events", ref transports @ ..] => events::compare(transports).await,
        ["flood"] => vec![flood::logins().await],
        ["rate"] => rate::commit_to_subscriber().await,
        ["floor", port] => return events::floor(port.parse().expect("a port")),
        ["warm", pool] => warm(pool.parse().expect("a number of warm clusters")).await,
        _ => panic!(
            "say `cold`, `events`, `flood`, `rate`, or `warm` and how many warm clusters the host keeps"
        ),
    };
    let over: Vec<String> = figures
        .iter()
        .flatten()
        .filter_map(|figure| figure.write())
        .collect();
    for line in &over {
        println!("over its limit: {line}");
    }
    assert!(
        over.is_empty(),
        "{} figures are over their limits",
        over.len()
    );
}

async fn cold() -> Vec<Option<Figure>> {
    let person = Person::administrator().await;
    let mut figures = vec![
        memory::idle(),
        create::cold(&person).await,
        restart::start(&person).await,
        exec::kubectl_version(&person).await,
        log::commit_to_subscriber(&person).await,
        queue::creates().await,
        flood::logins().await,
    ];
    figures.extend(rate::commit_to_subscriber().await);
    figures
}

async fn warm(pool: u32) -> Vec<Option<Figure>> {
    vec![warm::claims(&Person::administrator().await, pool).await]
}
