//! Clusters as the API shows them, and what can be asked of them.

use base64::{
    Engine,
    engine::{GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD as STANDARD,
};
use domain::{
    ClusterHealth, ClusterId, ClusterStatus, Components, HostId, OrganizationId, Reason, Resources,
    TaskId, UserId, WorkspaceId, limits,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, object, task::Task};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    pub id: ClusterId,
    pub organization_id: OrganizationId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub status: ClusterStatus,
    /// Why it waits, failed or will end; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Like `v1.34.4`.
    pub k8s_version: String,
    pub driver: String,
    /// Where it runs, once a host has taken it.
    pub host: Option<HostId>,
    pub generation: u32,
    pub resources: Resources,
    pub created_by: UserId,
    pub created_at: Timestamp,
    /// When it is deleted by itself.
    pub expires_at: Timestamp,
    /// Whether it can be reached, whatever its status.
    #[serde(default)]
    pub health: ClusterHealth,
    /// How its parts are, as its host last saw them; absent before it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Components>,
    /// Stopped by itself after so long without use; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_stop_minutes: Option<u32>,
    /// There while it runs and `auto_stop_minutes` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Idle>,
    pub deleted_at: Option<Timestamp>,
    /// The open task, if there is one.
    pub task_id: Option<TaskId>,
    /// Grows with every change: of two states of one cluster the higher version is the newer.
    pub version: i64,
}

/// Since when nobody has used a cluster, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// The last use.
    pub since: Timestamp,
    /// What that was, like `exec` or `page`.
    pub because: String,
    /// When it is stopped if nobody uses it before.
    pub stops_at: Timestamp,
}

/// `POST /api/v1/clusters`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateCluster {
    /// 1 to 40 characters of a-z, 0-9 and `-`, starting with a letter; unique in the workspace.
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: String,
    /// 0.25 to 168, decimals allowed; 4 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::TTL_MIN_HOURS, max = limits::TTL_MAX_HOURS))]
    pub ttl_hours: Option<f64>,
    /// The caller's default workspace if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// One of `/api/v1/cluster-versions`; the default one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k8s_version: Option<String>,
    /// Stop it after so many minutes without use, 5 to 1440; never if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = limits::AUTO_STOP_MIN_MINUTES, max = limits::AUTO_STOP_MAX_MINUTES))]
    pub auto_stop_minutes: Option<u32>,
}

impl CreateCluster {
    /// A cluster of this name, everything else as it usually is.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ttl_hours: None,
            workspace_id: None,
            k8s_version: None,
            auto_stop_minutes: None,
        }
    }
}

/// `POST /api/v1/clusters/{id}/auto-stop`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AutoStop {
    /// Stop it after so many minutes without use, 5 to 1440; `null`: never.
    #[schemars(range(min = limits::AUTO_STOP_MIN_MINUTES, max = limits::AUTO_STOP_MAX_MINUTES))]
    #[serde(default, deserialize_with = "object::whole")]
    pub minutes: Option<u32>,
}

/// `POST /api/v1/clusters/{id}/extend`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extend {
    /// Added to the cluster's life; the end is at most 168 hours from now.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = limits::TTL_MAX_HOURS))]
    pub hours: f64,
}

/// The answer to whatever takes a while (202).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    pub cluster: Cluster,
    pub task: Task,
}

/// `POST /api/v1/clusters/{id}/exec`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exec {
    /// One line; its words are split as a shell would, no shell is run.
    pub command: String,
    /// What it reads from its standard input, in base64, at most 128 KiB of bytes. It reads nothing if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::BASE64), length(max = limits::EXEC_INPUT_MAX.div_ceil(3) * 4))]
    pub stdin: Option<String>,
    /// How the answer carries what the command said.
    #[serde(default)]
    pub encoding: Encoding,
}

impl Exec {
    /// Words, and what they read.
    pub fn of(command: impl Into<String>, stdin: Option<&[u8]>) -> Self {
        Self {
            command: command.into(),
            stdin: stdin.map(|bytes| BASE64.encode(bytes)),
            encoding: Encoding::default(),
        }
    }
}

/// As the published pattern says it: the bits behind the last byte are nobody's.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What a command reads, from [`Exec::stdin`].
///
/// # Errors
/// What is wrong with it, for a field.
pub fn read_stdin(text: &str) -> Result<Vec<u8>, String> {
    let bytes = BASE64
        .decode(text)
        .map_err(|_| "must be base64 with its padding")?;
    if bytes.len() > limits::EXEC_INPUT_MAX {
        let kib = limits::EXEC_INPUT_MAX >> 10;
        return Err(format!("at most {kib} KiB; this is {} bytes", bytes.len()));
    }
    Ok(bytes)
}

/// How an answer's text carries what a command said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As text.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Byte by byte.
    Base64,
}

/// How it was carried in the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoded {
    /// All of it is text.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Some of it is no text: each such place is a U+FFFD. Ask for `base64` to have the bytes.
    #[serde(rename = "utf-8, lossy")]
    Lossy,
    Base64,
}

/// What a command said, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub output: Vec<u8>,
    pub error: Vec<u8>,
}

/// What a command said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecResult {
    pub output: String,
    pub error: String,
    /// How `output` and `error` are to be read.
    #[serde(default)]
    pub encoding: Encoded,
    /// The command's own; 124 when it ran out of time.
    pub exit_code: i32,
    /// One of the two streams was longer than 1 MiB and its rest is missing.
    pub truncated: bool,
}

impl ExecResult {
    /// The answer for what a command said; the only place where its bytes become text.
    pub fn of(said: &Said, wanted: Encoding, exit_code: i32, truncated: bool) -> Self {
        let (output, error) = (&said.output, &said.error);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        let (encoding, [output, error]) = match wanted {
            Encoding::Base64 => (
                Encoded::Base64,
                [output, error].map(|it| STANDARD.encode(it)),
            ),
            Encoding::Utf8 if is_text(output) && is_text(error) => {
                (Encoded::Utf8, [text(output), text(error)])
            }
            Encoding::Utf8 => (Encoded::Lossy, [text(output), text(error)]),
        };
        Self {
            output,
            error,
            encoding,
            exit_code,
            truncated,
        }
    }

    /// What the command said, as far as the answer carries it.
    ///
    /// # Errors
    /// When it is not encoded as it says.
    pub fn said(&self) -> Result<Said, base64::DecodeError> {
        let read = |text: &str| match self.encoding {
            Encoded::Base64 => STANDARD.decode(text),
            Encoded::Utf8 | Encoded::Lossy => Ok(text.as_bytes().to_vec()),
        };
        Ok(Said {
            output: read(&self.output)?,
            error: read(&self.error)?,
        })
    }
}

/// `GET /api/v1/cluster-versions`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterVersion {
    pub version: String,
    /// Taken when a create names none.
    pub default: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_reads_is_base64_within_its_limit() {
        let of = |bytes: &[u8]| Exec::of("cat", Some(bytes)).stdin.unwrap();
        let whole = vec![b'x'; limits::EXEC_INPUT_MAX];
        assert_eq!(read_stdin(&of(&whole)).unwrap(), whole);
        for (text, bytes) in [("", ""), ("YQ==", "a"), ("YR==", "a"), ("YWI=", "ab")] {
            assert_eq!(read_stdin(text).unwrap(), bytes.as_bytes(), "{text}");
        }
        let long = of(&vec![b'x'; limits::EXEC_INPUT_MAX + 1]);
        for bad in ["YQ", "Y", "a b=", "YQ==\n", "\u{e9}", &long] {
            assert!(read_stdin(bad).is_err(), "{bad:.20}");
        }
    }

    fn said(output: &[u8], wanted: Encoding) -> ExecResult {
        let said = Said {
            output: output.to_vec(),
            error: Vec::new(),
        };
        ExecResult::of(&said, wanted, 0, false)
    }

    #[test]
    fn bytes_that_are_no_text_are_marked_and_come_whole_on_request() {
        for (output, encoding, text) in [
            (&b"caf\xc3\xa9"[..], Encoded::Utf8, "caf\u{e9}"),
            (b"a\0b", Encoded::Utf8, "a\0b"),
            (b"caf\xe9", Encoded::Lossy, "caf\u{fffd}"),
        ] {
            let answer = said(output, Encoding::Utf8);
            assert_eq!((answer.encoding, &*answer.output), (encoding, text));
            let answer = said(output, Encoding::Base64);
            assert_eq!(answer.said().unwrap().output, output);
        }
    }

    #[test]
    fn an_encoding_has_its_word() {
        for (encoding, word) in [
            (Encoded::Utf8, "utf-8"),
            (Encoded::Lossy, "utf-8, lossy"),
            (Encoded::Base64, "base64"),
        ] {
            assert_eq!(serde_json::to_value(encoding).unwrap(), word);
        }
        let before = r#"{"output":"a","error":"","exit_code":0,"truncated":false}"#;
        let before: ExecResult = serde_json::from_str(before).unwrap();
        assert_eq!(before.said().unwrap().output, b"a");
    }
}
