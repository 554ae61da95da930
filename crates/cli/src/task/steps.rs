//! A task's steps: when, where, and what they said.

use api::task::{Task, TaskStep};

use crate::{failure::Failure, follow::words, output};

pub(super) fn show(task: &Task) -> Result<(), Failure> {
    for step in &task.steps {
        output::print(&head(step))?;
        for line in &step.log {
            output::print(&format!("    {line}"))?;
        }
        if let Some(reason) = &step.reason {
            output::print(&format!("    {} {}", reason.message, reason.fix))?;
        }
    }
    if let Some(reason) = &task.reason {
        output::complain(&reason.message);
        output::advise(&reason.fix);
    }
    Ok(())
}

fn head(step: &TaskStep) -> String {
    let took = match step.ended_at {
        Some(ended) => {
            let took = ended.datetime() - step.started_at.datetime();
            format!("{:.1}s", took.as_seconds_f64())
        }
        None => "in progress".to_owned(),
    };
    let worker = step.worker.as_ref().map(|worker| format!(" on {worker}"));
    format!(
        "  {} {} {took}{}",
        step.started_at,
        words(step.step),
        worker.unwrap_or_default()
    )
}
