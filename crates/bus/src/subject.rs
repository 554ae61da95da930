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

/// The host that calls by this subject, if it is one that hosts alone may use.
pub(crate) fn calling_host(subject: &str) -> Option<HostId> {
    subject.strip_prefix("gateway.").and_then(host_of)
}

/// Whether an answer may go to this subject: an inbox, and of a host's call that host's.
pub(crate) fn is_inbox(subject: &str, host: Option<&HostId>) -> bool {
    let Some(rest) = subject.strip_prefix("_INBOX") else {
        return false;
    };
    match host {
        // Without users there are no inboxes of one's own.
        Some(host) => {
            let own = rest.strip_prefix("_host-");
            let own = own.and_then(|own| own.strip_prefix(host.as_str()));
            own.unwrap_or(rest).starts_with('.')
        }
        None => rest.starts_with(['.', '_']),
    }
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

    #[test]
    fn an_answer_goes_to_its_callers_inbox() {
        let host: HostId = "h1".parse().unwrap();
        for inbox in ["_INBOX_host-h1.abc.1", "_INBOX.abc"] {
            assert!(is_inbox(inbox, Some(&host)), "{inbox}");
        }
        for other in [
            "_INBOX_host-h2.abc.1",
            "_INBOX_host-h12.abc.1",
            "_INBOX_api-gateway.abc.1",
            "event.none.evil",
            "log.head",
            "presence.org_1",
            "gateway.host.h2.report",
            "host.h1.open",
            "work.docker",
            "_INBOX",
            "",
        ] {
            assert!(!is_inbox(other, Some(&host)), "{other}");
        }
        assert!(is_inbox("_INBOX_events-gateway.abc.1", None));
        assert!(!is_inbox("event.none.evil", None));
        assert_eq!(
            calling_host(&gateway_host(Some(&host), "acquire")),
            Some(host.clone())
        );
        assert_eq!(
            calling_host(&host_open(&host)),
            None,
            "the gateways call hosts by it"
        );
    }
}
