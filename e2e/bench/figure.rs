//! One figure: what was measured, against what, and how good it must be.

use std::{fs, path::PathBuf};

use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Figure {
    #[serde(skip)]
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) limit: f64,
    pub(crate) goal: f64,
    /// `lower` is better, always.
    pub(crate) better: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) runs: Vec<f64>,
    pub(crate) baseline_runs: Vec<f64>,
}

impl Figure {
    /// The ratio of two medians.
    pub(crate) fn ratio(
        name: &'static str,
        runs: Vec<f64>,
        baseline_runs: Vec<f64>,
        limit: f64,
        goal: f64,
    ) -> Self {
        let value = median(&runs) / median(&baseline_runs);
        Self {
            name,
            value,
            limit,
            goal,
            better: "lower",
            unit: "ratio",
            runs,
            baseline_runs,
        }
    }

    pub(crate) fn plain(
        name: &'static str,
        unit: &'static str,
        value: f64,
        limit: f64,
        goal: f64,
        runs: Vec<f64>,
    ) -> Self {
        Self {
            name,
            value,
            limit,
            goal,
            better: "lower",
            unit,
            runs,
            baseline_runs: Vec::new(),
        }
    }

    /// Writes it down and says it; gives what is wrong with it.
    pub(crate) fn write(&self) -> Option<String> {
        let folder = PathBuf::from(
            std::env::var_os("LABYARD_BENCH_OUT").expect("LABYARD_BENCH_OUT names a folder"),
        );
        fs::create_dir_all(&folder).unwrap();
        let text = serde_json::to_string_pretty(self).unwrap();
        fs::write(
            folder.join(format!("{}.json", self.name)),
            format!("{text}\n"),
        )
        .unwrap();
        let said = format!(
            "{}: {:.3} {} (limit {}, goal {})",
            self.name, self.value, self.unit, self.limit, self.goal
        );
        println!("{said}");
        (self.value > self.limit).then_some(said)
    }
}

pub(crate) fn median(runs: &[f64]) -> f64 {
    percentile(runs, 0.5)
}

pub(crate) fn percentile(runs: &[f64], part: f64) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    sorted[((last as f64) * part).round() as usize]
}
