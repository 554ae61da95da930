//! Every subject there is, written and read in one place.

use api::bus::Published;
use domain::{HostId, OrganizationId};

/// Every event of the log.
pub const EVENTS: &str = "event.>";
/// Who is here, of every organization.
pub const PRESENCE: &str = "presence.*";
/// Where the log ends.
pub const LOG_HEAD: &str = "log.head";

/// `event.<organization, or none>.<noun>.<verb>`
pub fn event(published: &Published) -> String {
    let kind = &published.event.kind;
    match published.event.organization_id {
        Some(organization) => format!("event.{organization}.{kind}"),
        None => format!("event.none.{kind}"),
    }
}

/// `presence.<organization>`
pub fn presence(organization: OrganizationId) -> String {
    format!("presence.{organization}")
}

/// A doorbell for every worker of a driver.
pub fn work(driver: &str) -> String {
    format!("work.{driver}")
}

/// A doorbell for one host's worker.
pub fn host_work(host: &HostId) -> String {
    format!("host.{host}.work")
}

pub(crate) fn gateway_events(verb: &str) -> String {
    format!("gateway.events.{verb}")
}

/// `None` listens to every host.
pub(crate) fn gateway_host(host: Option<&HostId>, verb: &str) -> String {
    match host {
        Some(host) => format!("gateway.host.{host}.{verb}"),
        None => format!("gateway.host.*.{verb}"),
    }
}

pub(crate) fn host_open(host: &HostId) -> String {
    format!("host.{host}.open")
}

/// `stream.<host>.<id>.up` or `.down`
pub(crate) fn stream(host: &HostId, id: &str, direction: &str) -> String {
    format!("stream.{host}.{id}.{direction}")
}

/// The host in `gateway.host.<host>.<verb>` or `host.<host>.…`; a sender is who its subject names.
pub(crate) fn host_of(subject: &str) -> Option<HostId> {
    let mut tokens = subject.split('.');
    tokens.find(|token| *token == "host")?;
    tokens.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_from_the_subject() {
        let host: HostId = "h0123456789ab".parse().unwrap();
        assert_eq!(
            host_of(&gateway_host(Some(&host), "acquire")),
            Some(host.clone())
        );
        assert_eq!(host_of(&host_open(&host)), Some(host));
        assert_eq!(host_of("gateway.events.admit"), None);
        assert_eq!(host_of("gateway.host.*.acquire"), None);
    }
}
