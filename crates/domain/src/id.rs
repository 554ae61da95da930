//! Identifiers. Public form: `<prefix>_` and the 32 lower-case hex digits of a UUIDv7; in the
//! database the UUID alone; in Docker and Kubernetes names the hex alone.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The text isn't an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {expected}")]
pub struct ParseIdError {
    /// The form wanted, for people: `clu_<32 lower-case hex digits>`.
    pub expected: &'static str,
}

/// What every identifier's documentation ends with.
macro_rules! form {
    ($prefix:literal) => {
        concat!(
            "Written `",
            $prefix,
            "_` and the 32 lower-case hex digits of a UUIDv7; never reused."
        )
    };
}

macro_rules! ids {
    ($(#[doc = $doc:literal] $name:ident = $prefix:literal;)*) => {$(
        #[doc = $doc]
        #[doc = form!($prefix)]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the public form begins with, without the `_`.
            pub const PREFIX: &'static str = $prefix;

            /// The identifier of this UUID, whatever its version.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            /// The UUID alone, as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
            /// The 32 lower-case hex digits, for names in Docker and Kubernetes.
            pub fn hex(self) -> String {
                self.0.simple().to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text, concat!($prefix, "_"))
                    .map(Self)
                    .ok_or(ParseIdError { expected: concat!($prefix, "_<32 lower-case hex digits>") })
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-9a-f]{32}$"),
                    "description": concat!($doc, " ", form!($prefix)).trim_start(),
                })
            }
        }
    )*};
}

ids! {
    /// A user: a person with an account, or the member that a pipeline acts as.
    UserId = "usr";
    /// An organization: the tenant that people, workspaces and clusters belong to.
    OrganizationId = "org";
    /// A workspace: a named group of clusters in an organization.
    WorkspaceId = "ws";
    /// A cluster, the same through stops, starts and repairs.
    ClusterId = "clu";
    /// A task: one operation on a cluster and its progress.
    TaskId = "task";
    /// An event, the same on every stream, in activity and at webhooks.
    EventId = "evt";
    /// A login of a browser or a program, or an API token.
    SessionId = "ses";
    /// An invitation: a link for joining an organization.
    InvitationId = "inv";
    /// A user's account at an identity provider.
    IdentityId = "idn";
    /// A trust: a rule that lets pipelines log in.
    TrustId = "tru";
    /// A share: access to one cluster, for a person or by a link.
    ShareId = "shr";
    /// A webhook: an address that a workspace's events are sent to.
    WebhookId = "whk";
}

fn parse_hex(text: &str, prefix: &str) -> Option<Uuid> {
    let hex = text.strip_prefix(prefix)?;
    let well_formed = hex.len() == 32
        && hex
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if well_formed {
        Uuid::try_parse(hex).ok()
    } else {
        None
    }
}

/// One token of a bus subject: lower-case letters, digits, `-` and `_`, 1 to 63 characters.
fn is_token(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident: $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[schemars(inline)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if is_token(text) { Ok(Self(text.to_owned())) } else { Err(ParseIdError { expected: $expected }) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

tokens! {
    /// A host: a machine that clusters run on. 1 to 63 characters of a-z, 0-9, `-` and `_`.
    HostId: "host name of 1 to 63 characters from a-z 0-9 - _";
    /// A provisioner-worker, the same through its restarts. 1 to 63 characters of a-z, 0-9, `-` and `_`.
    WorkerId: "worker name of 1 to 63 characters from a-z 0-9 - _";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = ClusterId::from_uuid(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "clu_01930000000070008000000000000001");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<ClusterId>(&format!("\"{id}\"")).ok(),
            Some(id)
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "clu_",
            "task_01930000000070008000000000000001",
            "clu_0193000000007000800000000000000",
            "clu_0193000000007000800000000000000A",
            "clu_01930000-0000-7000-8000-00000000000",
            "clu_01930000000070008000000000000001 ",
        ] {
            assert!(text.parse::<ClusterId>().is_err(), "{text:?}");
        }
        for text in ["", "a.b", "h*", "A", "a b", ">"] {
            assert!(text.parse::<HostId>().is_err(), "{text:?}");
        }
    }
}
