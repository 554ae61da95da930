//! Why a task waits, goes on or ended as it did.

use api::{
    cluster::Cluster,
    task::{Failure, Task, TaskStep},
};
use chrono::{DateTime, Utc};
use domain::{Blame, Reason, TaskStatus};

use super::{
    answer::{Answer, Point, Topic},
    silence::unreachable,
};
use crate::{follow::words, output};

pub(super) fn answer(task: &Task, of: &Cluster, now: DateTime<Utc>) -> Answer {
    let mut points = points(task, now);
    points.extend(unreachable(of));
    Answer {
        kind: "task",
        id: task.id.to_string(),
        name: format!("{} of {}", task.kind.as_str(), task.cluster_name),
        status: task.status.as_str().replace('_', " "),
        points,
    }
}

pub(super) fn points(task: &Task, now: DateTime<Utc>) -> Vec<Point> {
    let mut points = match task.status {
        TaskStatus::Pending => waiting(task),
        TaskStatus::InProgress => working(task, now),
        TaskStatus::Failed => failed(task),
        TaskStatus::Cancelled => vec![cancelled(task)],
        TaskStatus::Completed => vec![completed(task)],
        TaskStatus::Unknown => Vec::new(),
    };
    if let Some(first) = task.retry_of {
        let again = format!("This is a retry of {first}.");
        points.push(Point::new(Topic::Working, again, ""));
    }
    points
}

fn waiting(task: &Task) -> Vec<Point> {
    let usual = || {
        Point::new(
            Topic::Waiting,
            "The task is waiting for a host.",
            "No action needed. It continues when a host has capacity.",
        )
    };
    let why = task.reason.as_ref();
    let mut points = vec![why.map_or_else(usual, |reason| Point::of(Topic::Waiting, reason))];
    if let Some(queue) = task.queue {
        let place = format!("The task is {}.", output::queue(queue));
        let fix = format!("To leave the queue: labyard task cancel {}", task.id);
        points.push(Point::new(Topic::Waiting, place, fix));
    }
    points
}

fn working(task: &Task, now: DateTime<Utc>) -> Vec<Point> {
    let mut points = Vec::new();
    if let Some(step) = task.steps.iter().rfind(|step| step.ended_at.is_none()) {
        points.push(at_work(task, step, now));
    } else {
        let done = format!("{}% of the steps are done.", task.percent);
        points.push(Point::new(Topic::Working, done, ""));
    }
    if let Some(reason) = &task.reason {
        points.push(Point::of(Topic::Waiting, reason));
    }
    let vain = task.steps.iter().rev().find_map(|step| {
        let reason = step.reason.as_ref()?;
        Some((words(step.step), reason))
    });
    if let Some((step, reason)) = vain
        && task.reason.as_ref() != Some(reason)
    {
        points.push(Point {
            message: format!("The last try of {step} failed: {}", reason.message),
            fix: "No action needed. labyard tries again.".into(),
            ..Point::of(Topic::Waiting, reason)
        });
    }
    points
}

fn at_work(task: &Task, step: &TaskStep, now: DateTime<Utc>) -> Point {
    let since = output::span((now - step.started_at.datetime()).num_seconds());
    let worker = step.worker.as_ref();
    let on = worker.map_or_else(String::new, |worker| format!(" on {worker}"));
    let message = format!(
        "In progress for {since}{on}: {}. {}% of the steps are done.",
        words(step.step),
        task.percent
    );
    let fix = format!("Watch it: labyard task watch {}", task.id);
    Point::new(Topic::Working, message, fix)
}

fn failed(task: &Task) -> Vec<Point> {
    let unknown = || {
        Point::new(
            Topic::Failed,
            "The cause is unknown.",
            format!("See its steps: labyard task get {}", task.id),
        )
    };
    let why = task.reason.as_ref();
    let mut points = vec![why.map_or_else(unknown, |reason| Point::of(Topic::Failed, reason))];
    points.extend(task.failure.map(|failure| blame(task, failure)));
    points
}

fn blame(task: &Task, failure: Failure) -> Point {
    let who = match failure.by {
        Blame::User => "The request can't work as it is. Change it and try again.",
        Blame::Platform => "The request was fine. The administrator may have to fix this.",
        Blame::Unknown => "It is unknown who can fix this.",
    };
    if failure.retryable {
        let fix = format!("Retry: labyard task retry {}", task.id);
        return Point::new(Topic::Failed, format!("{who} A retry may help."), fix);
    }
    let message = format!("{who} A retry won't help.");
    let fix = format!("Delete it: labyard cluster delete {}", task.cluster_id);
    Point::new(Topic::Failed, message, fix)
}

fn cancelled(task: &Task) -> Point {
    let why = task.reason.as_ref();
    why.map_or_else(
        || Point::new(Topic::Ended, "A newer request replaced this one.", ""),
        |reason: &Reason| Point::of(Topic::Ended, reason),
    )
}

fn completed(task: &Task) -> Point {
    let message = task.ended_at.map_or_else(
        || "The task is done.".to_owned(),
        |at| format!("The task was done at {at}."),
    );
    Point::new(Topic::Well, message, "")
}
