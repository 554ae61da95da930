//! The API token of the environment, which wins over any login.

use api::Secret;

use crate::failure::Failure;

/// The variable that holds it.
pub(crate) const VARIABLE: &str = "LABYARD_TOKEN";

/// Whether it is set; an empty one is none.
pub(crate) fn has_token() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|token| !token.to_string_lossy().trim().is_empty())
}

/// The token, if it is set.
pub(crate) fn token() -> Result<Option<Secret>, Failure> {
    let Some(token) = std::env::var_os(VARIABLE).filter(|_| has_token()) else {
        return Ok(None);
    };
    let token = token.to_string_lossy();
    let token = token.trim();
    // It goes into a header, where it could be neither sent nor meant.
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::usage(
            format!(
                "{VARIABLE} has a blank, a line break or another character in it that no token has."
            ),
            "Copy the token again, all of it and nothing else.",
        ));
    }
    Ok(Some(token.into()))
}
