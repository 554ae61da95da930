//! Why a stream cannot go on, in the API's words.

use api::event::ResetReason;
use feed::Reset;

pub(super) const fn reset_reason(reset: Reset) -> ResetReason {
    match reset {
        Reset::TooOld => ResetReason::TooOld,
        Reset::OtherIncarnation => ResetReason::OtherIncarnation,
        Reset::Unreadable => ResetReason::Unreadable,
    }
}
