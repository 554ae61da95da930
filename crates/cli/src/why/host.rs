//! Why a host takes nothing, or is worth a look.

use api::host::{Host, Installation};

use super::{
    answer::{Answer, Point, Topic},
    silence,
};

pub(super) fn answer(host: &Host, installation: &Installation) -> Answer {
    let mut points = Vec::new();
    if !host.reachable {
        points.push(Point {
            code: Some(domain::Code::HostUnreachable),
            ..Point::new(
                Topic::Unreachable,
                format!(
                    "The host {}. It last reported at {}.",
                    silence::words(),
                    host.seen_at
                ),
                "Check its provisioner-worker and its network. On the host: make doctor",
            )
        });
    }
    let locked = installation.locked.as_ref();
    points.extend(locked.map(|reason| Point::of(Topic::Refused, reason)));
    points.extend(host.full.as_ref().map(|why| Point::of(Topic::Refused, why)));
    let wrong = host.checks.iter().filter(|check| !check.ok);
    points.extend(wrong.map(|check| {
        let message = format!("{}: {}", check.name, check.message);
        Point::new(Topic::Failed, message, "On the host: make doctor")
    }));
    points.extend(host.ledger.iter().map(|orphan| {
        let message = format!(
            "{} ({}) of {} belongs to no live cluster. First seen at {}.",
            orphan.name, orphan.role, orphan.cluster_id, orphan.first_seen_at
        );
        Point::new(
            Topic::LeftOver,
            message,
            "No action needed. labyard removes it once that is certain.",
        )
    }));
    if points.is_empty() {
        points.push(Point::new(Topic::Well, "The host takes new clusters.", ""));
    }
    let busy = format!("{} of {} slots are busy", host.busy, host.slots);
    Answer {
        kind: "host",
        id: host.id.to_string(),
        name: host.id.to_string(),
        status: if host.reachable {
            format!("reachable; {busy}")
        } else {
            "unreachable".to_owned()
        },
        points,
    }
}
