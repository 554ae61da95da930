//! Why a host takes nothing, or is worth a look.

use api::host::{Host, Installation};

use super::{Answer, Point, Topic, silence};

pub(super) fn answer(host: &Host, installation: &Installation) -> Answer {
    let mut points = Vec::new();
    if !host.reachable {
        points.push(Point {
            code: Some(domain::Code::HostUnreachable),
            ..Point::new(
                Topic::Unreachable,
                format!("It {}; the last was at {}.", silence(), host.seen_at),
                "Look at its provisioner-worker and its network; on the host: make doctor",
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
            "{} ({}) of {} belongs to nothing that lives; first seen at {}.",
            orphan.name, orphan.role, orphan.cluster_id, orphan.first_seen_at
        );
        Point::new(
            Topic::LeftOver,
            message,
            "Nothing to do: it is removed by itself once that is certain.",
        )
    }));
    if points.is_empty() {
        points.push(Point::new(Topic::Well, "It takes new clusters.", ""));
    }
    let busy = format!("{} of {} slots are at work", host.busy, host.slots);
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
