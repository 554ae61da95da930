//! From runs to figures: ratios against the floor and against nchan, each with its limit and its goal.

use std::fs;

use e2e::receivers::Kind;
use serde::Serialize;

use super::{
    BURSTS, CROWD, FAN, FAST, MOSTLY_IDLE, STALLED, UNHURRIED,
    scenario::{Run, Scenario},
    system::{System, log_file},
};
use crate::figure::Figure;

#[derive(Serialize)]
struct Report<'a> {
    figures: serde_json::Map<String, serde_json::Value>,
    runs: &'a [Run],
}

/// All of it in one file.
pub(super) fn write(runs: &[Run], figures: &[Figure]) {
    let figures = figures.iter().map(|figure| {
        (
            figure.name.to_owned(),
            serde_json::to_value(figure).unwrap(),
        )
    });
    let report = Report {
        figures: figures.collect(),
        runs,
    };
    let text = serde_json::to_string_pretty(&report).unwrap();
    fs::write(log_file("x").with_file_name("events.json"), text + "\n").unwrap();
}

/// One ratio to be: its name, what of which runs, by which of the same, and how good it must be.
struct Ratio {
    name: &'static str,
    transport: Kind,
    ours: (Scenario, System),
    theirs: (Scenario, System),
    of: fn(&Run) -> f64,
    limit: f64,
    goal: f64,
}

fn cost(run: &Run) -> f64 {
    run.micros_per_delivery
}

pub(super) fn of(runs: &[Run]) -> Vec<Figure> {
    use System::{Floor, Labyard, LabyardEdge, Nchan};
    let mut figures = Vec::new();
    for (transport, names) in [
        (
            Kind::Sse,
            [
                "events-sse-cost",
                "events-sse-cost-beside-nchan",
                "events-sse-cost-unhurried",
                "events-sse-cost-beside-idle",
                "events-sse-cost-at-a-high-rate",
                "events-sse-cost-of-bursts-beside-nchan",
                "events-sse-cost-through-the-edge",
            ],
        ),
        (
            Kind::WebSocket,
            [
                "events-websocket-cost",
                "events-websocket-cost-beside-nchan",
                "events-websocket-cost-unhurried",
                "events-websocket-cost-beside-idle",
                "events-websocket-cost-at-a-high-rate",
                "events-websocket-cost-of-bursts-beside-nchan",
                "events-websocket-cost-through-the-edge",
            ],
        ),
    ] {
        let shapes = [
            (FAN, Labyard, Floor, 1.6, 1.1),
            (FAN, Labyard, Nchan, 1.1, 0.75),
            (UNHURRIED, Labyard, Floor, 2.0, 1.1),
            (MOSTLY_IDLE, Labyard, Floor, 1.8, 1.1),
            (FAST, Labyard, Floor, 1.5, 1.0),
            (BURSTS, Labyard, Nchan, 1.0, 0.2),
            (FAN, LabyardEdge, Floor, 6.0, 3.0),
        ];
        for (name, (scenario, ours, theirs, limit, goal)) in names.into_iter().zip(shapes) {
            figures.extend(
                Ratio {
                    name,
                    transport,
                    ours: (scenario, ours),
                    theirs: (scenario, theirs),
                    of: cost,
                    limit,
                    goal,
                }
                .figure(runs),
            );
        }
    }
    figures.extend(stalled(runs).into_iter().flatten());
    figures.extend(memory(runs, "events-sse-memory", Kind::Sse, 32.0, 4.0));
    figures.extend(memory(
        runs,
        "events-websocket-memory",
        Kind::WebSocket,
        40.0,
        6.0,
    ));
    figures.extend(last(runs));
    figures
}

impl Ratio {
    fn figure(&self, runs: &[Run]) -> Option<Figure> {
        let pick = |(scenario, system)| pick(runs, scenario, system, self.transport, self.of);
        let (ours, theirs) = (pick(self.ours), pick(self.theirs));
        if ours.is_empty() || theirs.is_empty() {
            return None;
        }
        Some(Figure::ratio(
            self.name, ours, theirs, self.limit, self.goal,
        ))
    }
}

/// How much later the others have their events while some read nothing.
fn stalled(runs: &[Run]) -> [Option<Figure>; 2] {
    let late = Ratio {
        name: "events-beside-stalled",
        transport: Kind::Sse,
        ours: (STALLED, System::Labyard),
        theirs: (CROWD, System::Labyard),
        of: |run| run.p99_ms,
        limit: 1.2,
        goal: 1.05,
    };
    let grown = pick(runs, STALLED, System::Labyard, Kind::Sse, |run| {
        run.grown_kib * STALLED.active as f64 / STALLED.stalled as f64
    });
    let grown = (!grown.is_empty())
        .then(|| plain("events-memory-of-stalled", "KiB each", grown, 32.0, 4.0));
    [late.figure(runs), grown]
}

fn memory(
    runs: &[Run],
    name: &'static str,
    transport: Kind,
    limit: f64,
    goal: f64,
) -> Option<Figure> {
    let held = pick(runs, MOSTLY_IDLE, System::Labyard, transport, |run| {
        run.idle_kib
    });
    (!held.is_empty()).then(|| plain(name, "KiB each", held, limit, goal))
}

fn last(runs: &[Run]) -> Option<Figure> {
    let late = pick(runs, FAN, System::Labyard, Kind::Sse, |run| run.last_p99_ms);
    (!late.is_empty()).then(|| plain("events-last-of-2000", "ms, p99", late, 200.0, 50.0))
}

fn plain(name: &'static str, unit: &'static str, runs: Vec<f64>, limit: f64, goal: f64) -> Figure {
    let value = crate::figure::median(&runs);
    Figure::plain(name, unit, value, limit, goal, runs)
}

fn pick(
    runs: &[Run],
    scenario: Scenario,
    system: System,
    transport: Kind,
    of: fn(&Run) -> f64,
) -> Vec<f64> {
    let transport = match transport {
        Kind::Sse => "sse",
        Kind::WebSocket => "websocket",
    };
    runs.iter()
        .filter(|run| {
            run.scenario == scenario.name && run.system == system && run.transport == transport
        })
        .map(of)
        .collect()
}
