//! Every crash point there is.

/// Whose process dies at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Gateway,
    Worker,
}

/// All points; each stands in the code, and each is reached by every kind of cluster's life.
pub const POINTS: &[&str] = &[
    // What a person asks, in one transaction.
    "gateway.ask.before_commit",
    "gateway.ask.after_commit",
    "gateway.ask.after_bell",
    // What a worker asks.
    "gateway.acquire.before_commit",
    "gateway.acquire.after_commit",
    "gateway.renew.before_commit",
    "gateway.renew.after_commit",
    "gateway.report.began.before_commit",
    "gateway.report.began.after_commit",
    "gateway.report.ended.before_commit",
    "gateway.report.ended.after_commit",
    "gateway.report.settled.before_commit",
    "gateway.report.settled.after_commit",
    "gateway.inventory.before_commit",
    "gateway.inventory.after_commit",
    // The way out.
    "gateway.log.before_sequence",
    "gateway.log.before_publish",
    "gateway.log.after_publish",
    // What is due.
    "gateway.due.before_commit",
    "gateway.due.after_commit",
    "worker.acquire.answered",
    "worker.acquire.kept",
    "worker.renew.before",
    "worker.renew.after",
    "worker.report.began.before",
    "worker.report.began.after",
    "worker.report.ended.before",
    "worker.report.ended.after",
    "worker.inventory.before",
    "worker.inventory.after",
    "worker.prepare.before",
    "worker.prepare.half",
    "worker.prepare.after",
    "worker.create.before",
    "worker.create.after",
    "worker.start.before",
    "worker.start.after",
    "worker.ready.before",
    "worker.ready.after",
    "worker.stop.before",
    "worker.stop.after",
    "worker.remove.before",
    "worker.remove.half",
    "worker.remove.after",
];

/// The program in which a point stands; the first word of its name says it.
#[must_use]
pub fn program(point: &str) -> Option<Program> {
    match point.split_once('.')?.0 {
        "gateway" => Some(Program::Gateway),
        "worker" => Some(Program::Worker),
        _ => None,
    }
}
