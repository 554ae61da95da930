//! A failure at the end of a command: on standard error, and as its exit code.

use std::process::ExitCode;

use crate::{environment, failure::Failure, output};

/// Prints it, and gives the exit code.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    if matches!(failure, Failure::NobodyReads) {
        return ExitCode::SUCCESS;
    }
    let words = failure.words(environment::has_token());
    output::complain(&words.what);
    for line in words.details.iter().chain([&words.fix]) {
        output::advise(line);
    }
    ExitCode::from(words.code)
}
