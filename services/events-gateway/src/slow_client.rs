//! When a client is too slow and its stream is closed. Every such limit stands here and nowhere else: the hub and the
//! stream threads, which see how a client does, ask here.

use std::time::Duration;

use crate::end::{End, Fault};

/// Control messages (answers, notices, keep-alives) that wait for one client; one that lets more wait breaks the rules.
const CONTROL_MESSAGES_MAX: usize = 256;
/// How long a socket may take or give nothing that it owes.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long the other side may take to close its half once this side has closed.
const GOODBYE_MAX: Duration = Duration::from_secs(2);

/// The events after its place left the ring. One that has kept up before ends; one that is still catching up goes on
/// with pages of the log.
pub(crate) fn fell_out_of_ring(has_kept_up: bool) -> Option<End> {
    has_kept_up.then_some(End::Behind)
}

/// So many control messages wait for it, and another one is to.
pub(crate) fn leaves_waiting(control_messages: usize) -> Option<End> {
    (control_messages >= CONTROL_MESSAGES_MAX).then_some(End::Rules(Fault::TooMany))
}

/// Nothing was heard of it for so long. It owes a sign of life if its socket is full, or if it is pinged.
pub(crate) fn is_silent(owes_sign: bool, quiet: Duration) -> Option<End> {
    (owes_sign && quiet > SILENCE_MAX).then_some(End::Silent)
}

/// Whether it is not waited for any longer after this side has closed.
pub(crate) fn overstays(quiet: Duration) -> bool {
    quiet > GOODBYE_MAX
}

/// Whether a stream that ended so counts among those dropped for slowness.
pub(crate) fn is_drop(end: End) -> bool {
    matches!(end, End::Behind | End::Silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_new_may_catch_up_and_who_kept_up_may_not_fall_behind() {
        assert_eq!(fell_out_of_ring(false), None);
        assert_eq!(fell_out_of_ring(true), Some(End::Behind));
    }

    #[test]
    fn only_who_owes_a_sign_of_life_is_silent() {
        let late = SILENCE_MAX + Duration::from_millis(1);
        assert_eq!(is_silent(true, late), Some(End::Silent));
        assert_eq!(is_silent(true, SILENCE_MAX), None);
        assert_eq!(is_silent(false, late), None);
    }

    #[test]
    fn who_never_reads_its_answers_breaks_the_rules_and_is_no_drop() {
        assert_eq!(leaves_waiting(CONTROL_MESSAGES_MAX - 1), None);
        let end = leaves_waiting(CONTROL_MESSAGES_MAX);
        assert_eq!(end, Some(End::Rules(Fault::TooMany)));
        assert!(!end.is_some_and(is_drop));
        assert!(is_drop(End::Behind) && is_drop(End::Silent));
    }
}
