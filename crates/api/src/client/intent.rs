//! One thing somebody wants, and the key by which the server knows it again.

use uuid::Uuid;

/// One thing that somebody wants, once. Two intents are two wishes, even if they look alike.
#[derive(Debug)]
pub struct Intent(String);

impl Intent {
    /// A new intent, unlike any other.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "each is another one, so none is the default"
    )]
    pub fn new() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// What it is sent under.
    pub(super) fn key(&self) -> &str {
        &self.0
    }
}
