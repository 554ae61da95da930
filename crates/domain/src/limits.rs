//! Every number a person can run into, with the check that applies it. A refusal says what to
//! change; the gateway turns it into a 422 that points at the field.

use crate::characters::{is_seen, is_unruly, opaque};

/// Longest life a new cluster may be given, and the furthest an extend may reach, in hours.
pub const TTL_MAX_HOURS: f64 = 168.0;
pub const TTL_MIN_HOURS: f64 = 0.25;
pub const TTL_DEFAULT_HOURS: f64 = 4.0;
/// Minutes without use after which a cluster may be stopped by itself.
pub const AUTO_STOP_MIN_MINUTES: u32 = 5;
pub const AUTO_STOP_MAX_MINUTES: u32 = 1440;
pub const NAME_MAX: usize = 40;
pub const PASSWORD_MIN: usize = 10;
pub const PASSWORD_MAX: usize = 200;
pub const PERSON_NAME_MAX: usize = 100;
pub const EMAIL_MAX: usize = 254;
/// Live clusters in one workspace.
pub const CLUSTERS_PER_WORKSPACE: u64 = 10;
/// Items on one page of a list.
pub const PAGE_MAX: u64 = 200;
pub const PAGE_DEFAULT: u64 = 50;
/// Bytes of a request's body.
pub const BODY_MAX: usize = 1 << 20;
/// Words of a command, and its bytes.
pub const COMMAND_WORDS_MAX: usize = 64;
pub const COMMAND_BYTES_MAX: usize = 16 << 10;
/// Bytes that a command may be given on its standard input: with its words and in base64 they are one message of the bus.
pub const EXEC_INPUT_MAX: usize = 128 << 10;
/// Seconds a command may run.
pub const EXEC_SECS: u64 = 60;
/// Seconds for which a kubeconfig's certificate is good.
pub const KUBECONFIG_SECS: u32 = 3600;
/// Commands that run at once in one cluster: of one person, and of all.
pub const EXECS_PER_USER: usize = 5;
pub const EXECS_PER_CLUSTER: usize = 10;
/// Bytes kept of each of a command's two streams.
pub const EXEC_OUTPUT_MAX: usize = 1 << 20;
/// Open streams of one person on one replica, and of everyone.
pub const STREAMS_PER_USER: usize = 20;
pub const STREAMS_PER_REPLICA: usize = 10_000;

/// Seconds a worker holds a cluster without renewing; it renews and stops itself well before.
pub const LEASE_SECS: u32 = 60;
pub const LEASE_RENEW_SECS: u32 = 10;
pub const LEASE_SELF_STOP_SECS: u32 = 40;
/// Acquires without a finished step after which a task is given up.
pub const ATTEMPTS_WITHOUT_PROGRESS_MAX: u32 = 8;
/// A host that has been silent for so long cannot be counted on.
pub const HOST_SILENT_SECS: u32 = 30;
/// Seconds for which a repeated request with the same key gets the same answer.
pub const IDEMPOTENCY_SECS: u32 = 24 * 3600;
pub const IDEMPOTENCY_KEY_MAX: usize = 200;
/// Organizations one person may own beside their own, and workspaces of one organization: what has a quota of
/// its own cannot be made without end.
pub const ORGANIZATIONS_PER_PERSON: u32 = 20;
pub const WORKSPACES_PER_ORGANIZATION: u32 = 50;
/// API tokens of one person, and days one is good at most.
pub const API_TOKENS_MAX: usize = 50;
pub const API_TOKEN_DAYS_MAX: u32 = 366;
/// People that one link may let in.
pub const LINK_USES_MAX: u32 = 500;
pub const INVITATION_DAYS_MAX: u32 = 30;
pub const SHARE_MIN_HOURS: f64 = 0.1;
pub const SHARE_MAX_HOURS: f64 = 720.0;
/// Namespaces of one share.
pub const SHARE_NAMESPACES_MAX: usize = 20;
/// Webhooks of one workspace, and bytes of the address of one.
pub const WEBHOOKS_MAX: u64 = 10;
pub const WEBHOOK_URL_MAX: usize = 2048;
/// Hours after it happened for which an event is tried.
pub const WEBHOOK_RETRY_HOURS: u32 = 24;
/// Days without any success after which a webhook is turned off.
pub const WEBHOOK_FAILING_DAYS: u32 = 5;
/// Days for which it can be seen what was tried.
pub const WEBHOOK_DELIVERY_DAYS: u32 = 30;
/// Lines kept of what a step says, and bytes of each.
pub const STEP_LOG_LINES: usize = 100;
pub const STEP_LOG_LINE_BYTES: usize = 500;

/// The checks below as regular expressions, for the published documents.
pub mod pattern {
    /// Base64 with its padding.
    pub const BASE64: &str = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";
    /// [`super::check_name`]
    pub const NAME: &str = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$";
    /// [`super::check_namespace`]
    pub const NAMESPACE: &str = "^(?!kube-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
    /// [`super::check_person_name`]
    pub const PERSON_NAME: &str = concat!(
        "^[^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e-\\u200f\\u2028-\\u2029\\u202a-\\u202e\\u2066-\\u2069]*[^\\x00-\\x20\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f-\\u1160\\u1680\\u17b4-\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]",
        "[^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e-\\u200f\\u2028-\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$"
    );
    /// [`super::check_email`]
    pub const EMAIL: &str = r"^[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+@[^@.\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[^@.\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$";
}

/// An RFC 1123 label of at most 40 characters that starts with a letter.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a name is required".into());
    }
    if name.len() > NAME_MAX {
        return Err(format!(
            "at most {NAME_MAX} characters; this has {}",
            name.chars().count()
        ));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("must start with a lower-case letter".into());
    }
    if !name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err("only lower-case letters, digits and -".into());
    }
    if name.ends_with('-') {
        return Err("must end with a letter or a digit".into());
    }
    Ok(())
}

/// A whole number of a request, both ends allowed.
pub fn check_range(value: u32, least: u32, most: u32) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("between {least} and {most}"))
    }
}

/// Hours a share is good.
pub fn check_share_hours(hours: f64) -> Result<(), String> {
    if (SHARE_MIN_HOURS..=SHARE_MAX_HOURS).contains(&hours) {
        Ok(())
    } else {
        Err(format!(
            "between {SHARE_MIN_HOURS} and {SHARE_MAX_HOURS} hours"
        ))
    }
}

/// A namespace that a share may name: a Kubernetes name that is not the cluster's own.
pub fn check_namespace(name: &str) -> Result<(), String> {
    let shaped = (1..=63).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if !shaped {
        return Err("a Kubernetes namespace: lower-case letters, digits and -".into());
    }
    if name.starts_with("kube-") {
        return Err("the cluster's own namespaces can't be shared individually".into());
    }
    Ok(())
}

/// Hours a new cluster lives.
pub fn check_ttl_hours(hours: f64) -> Result<(), String> {
    if (TTL_MIN_HOURS..=TTL_MAX_HOURS).contains(&hours) {
        Ok(())
    } else {
        Err(format!("between {TTL_MIN_HOURS} and {TTL_MAX_HOURS} hours"))
    }
}

/// Minutes without use before a cluster is stopped by itself.
pub fn check_auto_stop(minutes: u32) -> Result<(), String> {
    if (AUTO_STOP_MIN_MINUTES..=AUTO_STOP_MAX_MINUTES).contains(&minutes) {
        Ok(())
    } else {
        Err(format!(
            "between {AUTO_STOP_MIN_MINUTES} and {AUTO_STOP_MAX_MINUTES} minutes, or null for never"
        ))
    }
}

/// Hours to add to a cluster's life; the cap on the result is checked where the clock is.
pub fn check_extend_hours(hours: f64) -> Result<(), String> {
    if hours > 0.0 && hours <= TTL_MAX_HOURS {
        Ok(())
    } else {
        Err(format!("more than 0 and at most {TTL_MAX_HOURS} hours"))
    }
}

/// As it is typed for the least, as it is compared for the most: an accent typed as two characters is one.
pub fn check_password(password: &str) -> Result<(), String> {
    let long = opaque(password).chars().count() > PASSWORD_MAX;
    if password.chars().count() >= PASSWORD_MIN && !long {
        Ok(())
    } else {
        Err(format!(
            "between {PASSWORD_MIN} and {PASSWORD_MAX} characters"
        ))
    }
}

/// The shape alone: something, one `@`, a domain; no white space or control characters.
pub fn check_email(email: &str) -> Result<(), String> {
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    let clean = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if shaped && clean && email.chars().count() <= EMAIL_MAX {
        Ok(())
    } else {
        Err("an address like you@example.org".into())
    }
}

/// A name that people read: one line that can be seen.
pub fn check_person_name(name: &str) -> Result<(), String> {
    let fits = name.chars().count() <= PERSON_NAME_MAX;
    if fits && is_seen(name) && !is_unruly(name) {
        Ok(())
    } else {
        Err(format!(
            "1 to {PERSON_NAME_MAX} characters, at least one of them visible, no control characters"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::{Ranges, UNRULY, UNSEEN};

    /// `max_payload` of deploy/nats; a word's byte is six of JSON at most, a capability has some hundred.
    #[test]
    fn a_command_with_all_that_it_may_bring_is_one_message_of_the_bus() {
        const MESSAGE: usize = EXEC_INPUT_MAX.div_ceil(3) * 4 + COMMAND_BYTES_MAX * 6 + (8 << 10);
        const { assert!(MESSAGE <= 300 << 10) };
    }

    #[test]
    fn names() {
        for name in ["a", "demo", "a1-b2", &"a".repeat(40)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "Demo",
            "1a",
            "-a",
            "a-",
            "a_b",
            "a.b",
            "ä",
            &"a".repeat(41),
            &"a".repeat(300),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn lives() {
        for hours in [0.25, 4.0, 168.0] {
            assert_eq!(check_ttl_hours(hours), Ok(()));
        }
        for hours in [0.0, -1.0, 0.2, 168.1, 10_000.0, f64::NAN, f64::INFINITY] {
            assert!(check_ttl_hours(hours).is_err(), "{hours}");
            assert!(
                hours == 0.2 || check_extend_hours(hours).is_err(),
                "{hours}"
            );
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(check_email("a@b"), Ok(()));
        for email in ["", "a", "@b", "a@", "a b@c", "a@b@c", "a@b\n", "a@.b"] {
            assert!(check_email(email).is_err(), "{email:?}");
        }
    }

    #[test]
    fn the_times_of_a_lease_leave_room_for_each_other() {
        const { assert!(LEASE_RENEW_SECS * 3 < LEASE_SELF_STOP_SECS) };
        const { assert!(LEASE_SELF_STOP_SECS < LEASE_SECS) };
    }

    /// The published pattern has the same ranges, as a regular expression writes them.
    #[test]
    fn the_pattern_of_names_is_these_ranges() {
        let written = |c: char| match u32::from(c) {
            code @ 0..=0xff => format!("\\x{code:02x}"),
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            _ => c.to_string(),
        };
        let class = |ranges: Ranges| -> String {
            let each = ranges.iter().map(|(first, last)| match first == last {
                true => written(*first),
                false => format!("{}-{}", written(*first), written(*last)),
            });
            each.collect()
        };
        let (unruly, unseen) = (class(UNRULY), class(UNSEEN));
        let pattern = format!("^[^{unruly}]*[^{unseen}][^{unruly}]*$");
        assert_eq!(pattern::PERSON_NAME, pattern);
    }
}
