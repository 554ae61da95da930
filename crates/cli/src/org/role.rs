//! A role as people type it.

use domain::Role;

/// A role by its word.
pub(super) fn parse(word: &str) -> Result<Role, String> {
    Role::from_word(word).ok_or_else(|| "one of viewer, member, admin, owner".to_owned())
}
