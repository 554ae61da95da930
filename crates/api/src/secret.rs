//! Text that gives access: passwords, tokens, the secrets of links. It can't be printed, and only fields with [`sent`] or
//! [`sent_if`] are serialized.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serializer};

/// A secret text, overwritten in memory when it is dropped. It has no `Serialize`, so that no type with a
/// secret derives it by accident.
#[derive(Clone, Default, Deserialize)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself, for the moment in which it is needed.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// Writes a secret that has to reach the other side: `#[serde(serialize_with = "crate::secret::sent")]`.
///
/// # Errors
/// Those of the serializer.
pub fn sent<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// The same for a secret that may be absent.
///
/// # Errors
/// Those of the serializer.
pub fn sent_if<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Login, Register};

    #[test]
    fn it_is_not_printed_and_is_sent_where_a_field_says_so() {
        let secret = Secret::from("correct horse battery");
        let printed = format!("{secret:?} {:?} {:#?}", Some(&secret), [&secret]);
        assert!(!printed.contains("horse"), "{printed}");
        let login = Login {
            email: "ana@example.org".into(),
            password: secret.clone(),
        };
        let sent =
            serde_json::json!({ "email": "ana@example.org", "password": "correct horse battery" });
        assert_eq!(serde_json::to_value(&login).ok(), Some(sent.clone()));
        let read: Option<Login> = serde_json::from_value(sent).ok();
        assert_eq!(
            read.map(|login| login.password.expose().to_owned()),
            Some("correct horse battery".into())
        );
        let wanted = Register {
            email: "ana@example.org".into(),
            password: secret.clone(),
            name: None,
            invitation: Some(secret),
        };
        let sent = serde_json::to_value(&wanted).unwrap_or_default();
        assert_eq!(sent["invitation"], "correct horse battery");
    }
}
