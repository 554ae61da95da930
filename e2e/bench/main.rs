//! `make bench`: labyard against the bare parts it is made of, in one run, interleaved A-B-B-A.
//! Figures go to LABYARD_BENCH_OUT, one file each; over its limit a figure fails the run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod bare;
mod create;
mod exec;
mod figure;
mod log;
mod memory;

use e2e::person::Person;

#[tokio::main]
async fn main() {
    let person = Person::register("bench").await;
    let figures = [
        memory::idle(),
        create::cold(&person).await,
        exec::kubectl_version(&person).await,
        log::commit_to_subscriber(&person).await,
    ];
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
