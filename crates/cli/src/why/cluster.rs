//! Why a cluster is where it is, and what will become of it.

use api::{cluster::Cluster, task::Task};
use chrono::{DateTime, Utc};
use domain::{ClusterStatus, TaskStatus};

use super::{
    answer::{Answer, Point, Topic, topic_of, until},
    silence::unreachable,
    task,
};

pub(super) fn answer(cluster: &Cluster, newest: Option<&Task>, now: DateTime<Utc>) -> Answer {
    let mut points: Vec<Point> = unreachable(cluster).into_iter().collect();
    let current = newest.filter(|task| is_about_now(cluster, task));
    if let Some(reason) = &cluster.reason
        && current.and_then(|task| task.reason.as_ref()) != Some(reason)
    {
        points.push(Point::of(topic_of(cluster.status), reason));
    }
    points.extend(
        current
            .into_iter()
            .flat_map(|newest| task::points(newest, now)),
    );
    if points.is_empty() {
        points.extend(at_rest(cluster));
    }
    points.extend(idle(cluster, now));
    points.extend(expiry(cluster, now));
    Answer {
        kind: "cluster",
        id: cluster.id.to_string(),
        name: cluster.name.clone(),
        status: cluster.status.as_str().to_owned(),
        points,
    }
}

/// An open task says more than the cluster's status, and a failed one says why it is in ERROR.
fn is_about_now(cluster: &Cluster, task: &Task) -> bool {
    !task.status.ended()
        || (cluster.status == ClusterStatus::Error && task.status == TaskStatus::Failed)
}

fn at_rest(cluster: &Cluster) -> Option<Point> {
    match cluster.status {
        ClusterStatus::Running => Some(Point::new(
            Topic::Well,
            "The cluster is running and can be reached.",
            "",
        )),
        ClusterStatus::Stopped => Some(Point::new(
            Topic::Stopped,
            "The cluster was stopped. Everything in it is kept.",
            format!("Start it: labyard cluster start {}", cluster.name),
        )),
        ClusterStatus::Deleted => {
            let at = cluster.deleted_at.map(|at| format!(" at {at}"));
            let message = format!("The cluster was deleted{}.", at.unwrap_or_default());
            let fix = format!("See what happened: labyard timeline {}", cluster.id);
            Some(Point::new(Topic::Ended, message, fix))
        }
        _ => None,
    }
}

fn idle(cluster: &Cluster, now: DateTime<Utc>) -> Option<Point> {
    let idle = cluster.idle.as_ref()?;
    let message = format!(
        "The cluster was last used at {} ({}). Unless somebody uses it, labyard stops it at {}, {}.",
        idle.since,
        idle.because,
        idle.stops_at,
        until(idle.stops_at.datetime(), now)
    );
    let fix = format!(
        "Use it, or keep it running: labyard cluster auto-stop {} never",
        cluster.name
    );
    Some(Point::new(Topic::Idle, message, fix))
}

fn expiry(cluster: &Cluster, now: DateTime<Utc>) -> Option<Point> {
    if matches!(
        cluster.status,
        ClusterStatus::Deleting | ClusterStatus::Deleted
    ) {
        return None;
    }
    let message = format!(
        "The cluster expires at {}, {}.",
        cluster.expires_at,
        until(cluster.expires_at.datetime(), now)
    );
    let fix = format!("Extend it: labyard cluster extend {} 2h", cluster.name);
    Some(Point::new(Topic::Expiring, message, fix))
}
