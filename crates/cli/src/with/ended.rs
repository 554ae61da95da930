//! How `with` ends: as its command did, or by a signal before there was one.

use rustix::process::Signal;

pub(super) enum Ended {
    /// With the command's own code.
    Exit(u8),
    /// Before there was a command.
    Interrupted(Signal),
}

impl Ended {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Exit(code) => *code,
            Self::Interrupted(signal) => exit_code(*signal),
        }
    }
}

/// As shells say it of a program that a signal ended.
fn exit_code(signal: Signal) -> u8 {
    u8::try_from(128 + signal.as_raw()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_by_a_signal_is_told_as_shells_tell_it() {
        assert_eq!(Ended::Exit(7).exit_code(), 7);
        assert_eq!(Ended::Interrupted(Signal::INT).exit_code(), 130);
    }
}
