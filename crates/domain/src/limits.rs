//! Every number a person can run into, with the check that applies it. A refusal says what to
//! change; the gateway turns it into a 422 that points at the field.

use crate::characters::{is_seen, is_unruly, opaque};

/// Hours: the longest life of a new cluster, and the furthest from now that an extension reaches.
pub const TTL_MAX_HOURS: f64 = 168.0;
/// Hours: the shortest life of a new cluster.
pub const TTL_MIN_HOURS: f64 = 0.25;
/// Hours that a new cluster lives if the request doesn't say.
pub const TTL_DEFAULT_HOURS: f64 = 4.0;
/// Minutes without use after which a cluster is stopped automatically, at least.
pub const AUTO_STOP_MIN_MINUTES: u32 = 5;
/// The same, at most.
pub const AUTO_STOP_MAX_MINUTES: u32 = 1440;
/// Characters in the name of a cluster or workspace.
pub const NAME_MAX: usize = 40;
/// Characters in a password, at least.
pub const PASSWORD_MIN: usize = 10;
/// Characters in a password, at most.
pub const PASSWORD_MAX: usize = 200;
/// Characters in a name for people to read: of a user, an organization, a token or a trust.
pub const PERSON_NAME_MAX: usize = 100;
/// Characters in an email address.
pub const EMAIL_MAX: usize = 254;
/// Living clusters in one workspace whose quota doesn't say otherwise.
pub const CLUSTERS_PER_WORKSPACE: u64 = 10;
/// Items on one page of a list, at most.
pub const PAGE_MAX: u64 = 200;
/// Items on one page of a list if the request doesn't say.
pub const PAGE_DEFAULT: u64 = 50;
/// Bytes in the body of a request.
pub const BODY_MAX: usize = 1 << 20;
/// Words in a command.
pub const COMMAND_WORDS_MAX: usize = 64;
/// Bytes in a command, all words together.
pub const COMMAND_BYTES_MAX: usize = 16 << 10;
/// Bytes for a command's standard input. With the command's words and in base64, they
/// fit into one message on the bus.
pub const EXEC_INPUT_MAX: usize = 128 << 10;
/// Seconds that a command may run.
pub const EXEC_SECS: u64 = 60;
/// Seconds for which a kubeconfig's certificate is good.
pub const KUBECONFIG_SECS: u32 = 3600;
/// Commands of one user that run at once in one cluster.
pub const EXECS_PER_USER: usize = 5;
/// Commands of all users that run at once in one cluster.
pub const EXECS_PER_CLUSTER: usize = 10;
/// Bytes kept of each of a command's two output streams.
pub const EXEC_OUTPUT_MAX: usize = 1 << 20;
/// Open streams of one user on one replica.
pub const STREAMS_PER_USER: usize = 20;
/// Open streams of everyone on one replica.
pub const STREAMS_PER_REPLICA: usize = 10_000;

/// Seconds that a lease lasts without being renewed. A worker renews and stops itself well before.
pub const LEASE_SECS: u32 = 60;
/// Seconds between two renewals of a worker's leases.
pub const LEASE_RENEW_SECS: u32 = 10;
/// Seconds after the last good renewal at which a worker stops working on its clusters.
pub const LEASE_SELF_STOP_SECS: u32 = 40;
/// Times in a row that a task is handed out without finishing a step before it is given up.
pub const ATTEMPTS_WITHOUT_PROGRESS_MAX: u32 = 8;
/// Seconds of silence after which a host counts as unreachable.
pub const HOST_SILENT_SECS: u32 = 30;
/// Seconds for which a repeated request with the same idempotency key gets the same answer.
pub const IDEMPOTENCY_SECS: u32 = 24 * 3600;
/// Characters in an idempotency key.
pub const IDEMPOTENCY_KEY_MAX: usize = 200;
/// Organizations that one user may own besides the personal one. They are limited because
/// each brings a quota of its own.
pub const ORGANIZATIONS_PER_PERSON: u32 = 20;
/// Workspaces of one organization, limited for the same reason.
pub const WORKSPACES_PER_ORGANIZATION: u32 = 50;
/// API tokens of one user.
pub const API_TOKENS_MAX: usize = 50;
/// Days that an API token is valid, at most.
pub const API_TOKEN_DAYS_MAX: u32 = 366;
/// People that one link lets in, at most.
pub const LINK_USES_MAX: u32 = 500;
/// Days that an invitation is valid, at most.
pub const INVITATION_DAYS_MAX: u32 = 30;
/// Hours that a share is valid, at least.
pub const SHARE_MIN_HOURS: f64 = 0.1;
/// Hours that a share is valid, at most.
pub const SHARE_MAX_HOURS: f64 = 720.0;
/// Namespaces of one share.
pub const SHARE_NAMESPACES_MAX: usize = 20;
/// Webhooks of one workspace.
pub const WEBHOOKS_MAX: u64 = 10;
/// Bytes in a webhook's URL.
pub const WEBHOOK_URL_MAX: usize = 2048;
/// Hours after an event happened during which its delivery is retried.
pub const WEBHOOK_RETRY_HOURS: u32 = 24;
/// Days without a successful delivery after which a webhook is turned off.
pub const WEBHOOK_FAILING_DAYS: u32 = 5;
/// Days for which deliveries stay listed.
pub const WEBHOOK_DELIVERY_DAYS: u32 = 30;
/// Lines kept of a step's log.
pub const STEP_LOG_LINES: usize = 100;
/// Bytes kept of each of those lines.
pub const STEP_LOG_LINE_BYTES: usize = 500;

/// The checks below as regular expressions, for the published documents.
pub mod pattern {
    /// Base64 with its padding.
    pub const BASE64: &str = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";
    /// The rule of [`super::check_name`].
    pub const NAME: &str = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$";
    /// The rule of [`super::check_namespace`].
    pub const NAMESPACE: &str = "^(?!kube-)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
    /// The rule of [`super::check_person_name`], but for the length.
    pub const PERSON_NAME: &str = concat!(
        "^[^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e-\\u200f\\u2028-\\u2029\\u202a-\\u202e\\u2066-\\u2069]*[^\\x00-\\x20\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f-\\u1160\\u1680\\u17b4-\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]",
        "[^\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e-\\u200f\\u2028-\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$"
    );
    /// The rule of [`super::check_email`], but for the length.
    pub const EMAIL: &str = r"^[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+@[^@.\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[^@.\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$";
}

/// The name of a cluster or workspace: an RFC 1123 label of at most 40 characters that starts with a letter.
///
/// # Errors
/// When it is anything else; the text says what to change.
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

/// A whole number in a request, between two bounds that are both allowed.
///
/// # Errors
/// When it is outside; the text names the bounds.
pub fn check_range(value: u32, least: u32, most: u32) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("between {least} and {most}"))
    }
}

/// Hours that a share is valid.
///
/// # Errors
/// When they are outside of [`SHARE_MIN_HOURS`] to [`SHARE_MAX_HOURS`]; the text names the bounds.
pub fn check_share_hours(hours: f64) -> Result<(), String> {
    if (SHARE_MIN_HOURS..=SHARE_MAX_HOURS).contains(&hours) {
        Ok(())
    } else {
        Err(format!(
            "between {SHARE_MIN_HOURS} and {SHARE_MAX_HOURS} hours"
        ))
    }
}

/// A namespace that a share may name: a Kubernetes name that doesn't begin with `kube-`.
///
/// # Errors
/// When it is anything else; the text says what to change.
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

/// Hours that a new cluster lives.
///
/// # Errors
/// When they are outside of [`TTL_MIN_HOURS`] to [`TTL_MAX_HOURS`]; the text names the bounds.
pub fn check_ttl_hours(hours: f64) -> Result<(), String> {
    if (TTL_MIN_HOURS..=TTL_MAX_HOURS).contains(&hours) {
        Ok(())
    } else {
        Err(format!("between {TTL_MIN_HOURS} and {TTL_MAX_HOURS} hours"))
    }
}

/// Minutes without use before a cluster is stopped automatically.
///
/// # Errors
/// When they are outside of [`AUTO_STOP_MIN_MINUTES`] to [`AUTO_STOP_MAX_MINUTES`]; the text names the bounds.
pub fn check_auto_stop(minutes: u32) -> Result<(), String> {
    if (AUTO_STOP_MIN_MINUTES..=AUTO_STOP_MAX_MINUTES).contains(&minutes) {
        Ok(())
    } else {
        Err(format!(
            "between {AUTO_STOP_MIN_MINUTES} and {AUTO_STOP_MAX_MINUTES} minutes, or null for never"
        ))
    }
}

/// Hours to add to a cluster's life. Where the clock is, the new end is checked too.
///
/// # Errors
/// When they are 0 or less, or more than [`TTL_MAX_HOURS`]; the text names the bounds.
pub fn check_extend_hours(hours: f64) -> Result<(), String> {
    if hours > 0.0 && hours <= TTL_MAX_HOURS {
        Ok(())
    } else {
        Err(format!("more than 0 and at most {TTL_MAX_HOURS} hours"))
    }
}

/// A new password. At least [`PASSWORD_MIN`] characters are counted as typed, at most [`PASSWORD_MAX`] as compared:
/// an accent typed as two characters counts once.
///
/// # Errors
/// When it is shorter or longer; the text names the bounds.
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

/// The shape of an email address: something, one `@`, a domain; no white space or control characters.
///
/// # Errors
/// When it has another shape or more than [`EMAIL_MAX`] characters; the text shows an example.
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

/// A name for people to read: one line with something to see, of at most [`PERSON_NAME_MAX`] characters.
///
/// # Errors
/// When it is anything else; the text says what to change.
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
