//! Links and their tokens: read from standard input or asked for, never from the command line, where
//! every program on the machine could see them.

use std::io::IsTerminal;

use anyhow::Context;
use api::Secret;

use crate::{failure::Failure, output, session::interactive};

/// The token of the link that somebody gives.
pub(crate) fn token() -> Result<Secret, Failure> {
    let text = if interactive() {
        rpassword::prompt_password("Link: ").context("Can't read the link")?
    } else if std::io::stdin().is_terminal() {
        return Err(nothing());
    } else {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .context("Can't read the link")?;
        line
    };
    let token = token_of(&text);
    if token.is_empty() {
        return Err(nothing());
    }
    Ok(token.into())
}

fn nothing() -> Failure {
    Failure::usage(
        "There is no link on standard input.",
        "Pass it there: echo LINK | labyard org join, or labyard share join",
    )
}

/// A whole link or its token alone.
fn token_of(text: &str) -> &str {
    let text = text.trim();
    text.rsplit_once('#').map_or(text, |(_, token)| token)
}

/// What is shown once: the link as the result, a warning beside it.
pub(crate) fn show(url: &Secret) -> Result<(), Failure> {
    output::complain("Anyone with this link can use it. It isn't shown again:");
    output::print(url.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_its_token_mean_the_same() {
        for text in ["abc-_1", " abc-_1\n", "https://lab.example.org/join#abc-_1"] {
            assert_eq!(token_of(text), "abc-_1", "{text}");
        }
    }
}
