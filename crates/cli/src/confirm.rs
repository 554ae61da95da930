//! Asking before what cannot be taken back: at a terminal alone, as nobody answers a script.

use anyhow::Context;

use crate::{failure::Failure, output, session::interactive};

#[derive(clap::Args)]
pub(crate) struct Sure {
    /// Don't ask
    #[arg(short, long)]
    yes: bool,
}

impl Sure {
    /// Goes on if it was said beforehand, or is said now, or nobody is there to say it.
    pub(crate) fn ask(&self, question: &str) -> Result<(), Failure> {
        if self.yes || !interactive() {
            return Ok(());
        }
        output::ask(&format!("{question} [y/N] "));
        let mut answer = String::new();
        std::io::stdin()
            .read_line(&mut answer)
            .context("Can't read the answer")?;
        match is_yes(&answer) {
            true => Ok(()),
            false => Err(Failure::failed("Nothing was changed.", "")),
        }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y", "Y\n", "yes\r\n", " YES "] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "no", "yy", "ja", "yes please"] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
