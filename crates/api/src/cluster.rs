//! Clusters as the API shows them, and the requests about them.

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

/// A Kubernetes cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// `clu_` and 32 lower-case hex digits of a UUIDv7; never reused, and the same through stops, starts and repairs.
    pub id: ClusterId,
    /// The organization that it belongs to.
    pub organization_id: OrganizationId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Name, unique among the workspace's clusters that aren't deleted.
    pub name: String,
    /// Where the cluster is in its life.
    pub status: ClusterStatus,
    /// Why it waits, has failed or is about to end; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Kubernetes version, like `v1.34.4`.
    pub k8s_version: String,
    /// What creates it on its host: `docker`, or `fake` in tests.
    pub driver: String,
    /// The host that it runs on; null until one has taken it.
    pub host: Option<HostId>,
    /// Instance of the cluster, from 1; a replacement gets the next number.
    pub generation: u32,
    /// Its limits on the host.
    pub resources: Resources,
    /// The user who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it is deleted automatically. `POST /api/v1/clusters/{id}/extend` moves it.
    pub expires_at: Timestamp,
    /// Whether its host can be reached, independent of `status`.
    #[serde(default)]
    pub health: ClusterHealth,
    /// State of its parts, as its host last saw them; absent until it has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Components>,
    /// Minutes without use after which it is stopped automatically, 5 to 1440; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_stop_minutes: Option<u32>,
    /// How long it has been unused; present while it runs and `auto_stop_minutes` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Idle>,
    /// When the last of it was removed; null before.
    pub deleted_at: Option<Timestamp>,
    /// The open task; null if there is none.
    pub task_id: Option<TaskId>,
    /// Grows with every change. Of two states of one cluster, the one with the higher version is newer.
    pub version: i64,
}

/// Since when nobody has used a cluster, and when that stops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// The last use.
    pub since: Timestamp,
    /// What the last use was, like `exec` or `page`.
    pub because: String,
    /// When the cluster is stopped if nobody uses it before.
    pub stops_at: Timestamp,
}

/// Body of `POST /api/v1/clusters`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateCluster {
    /// 1 to 40 characters of a-z, 0-9 and `-`, starting with a letter; unique in the workspace.
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: String,
    /// Hours until the cluster is deleted automatically, 0.25 to 168, decimals allowed; 4 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::TTL_MIN_HOURS, max = limits::TTL_MAX_HOURS))]
    pub ttl_hours: Option<f64>,
    /// The workspace to create it in. If absent, the first one of the caller's personal organization; for a pipeline,
    /// of the organization that trusts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// A version from `GET /api/v1/cluster-versions`; the default one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k8s_version: Option<String>,
    /// Stop it automatically after this many minutes without use, 5 to 1440; never if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = limits::AUTO_STOP_MIN_MINUTES, max = limits::AUTO_STOP_MAX_MINUTES))]
    pub auto_stop_minutes: Option<u32>,
}

impl CreateCluster {
    /// A cluster of this name, with the default of everything else.
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

/// Body of `POST /api/v1/clusters/{id}/auto-stop`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AutoStop {
    /// Stop the cluster automatically after this many minutes without use, 5 to 1440; never if null or absent.
    #[schemars(range(min = limits::AUTO_STOP_MIN_MINUTES, max = limits::AUTO_STOP_MAX_MINUTES))]
    #[serde(default, deserialize_with = "object::whole")]
    pub minutes: Option<u32>,
}

/// Body of `POST /api/v1/clusters/{id}/extend`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extend {
    /// Hours to add to the cluster's life, more than 0; the new end is at most 168 hours from now.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = limits::TTL_MAX_HOURS))]
    pub hours: f64,
}

/// Answer (202) to a request that takes a while: the task to follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The cluster as it is now.
    pub cluster: Cluster,
    /// The task that works on the request. It may have completed already.
    pub task: Task,
}

/// Body of `POST /api/v1/clusters/{id}/exec`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exec {
    /// One line, at most 64 words and 16 KiB. It is split into words as a shell would, but no
    /// shell runs: no pipes, no variables.
    pub command: String,
    /// The command's standard input in base64, at most 128 KiB before encoding; empty if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::BASE64), length(max = limits::EXEC_INPUT_MAX.div_ceil(3) * 4))]
    pub stdin: Option<String>,
    /// How the answer is to carry the command's output; `utf-8` if absent.
    #[serde(default)]
    pub encoding: Encoding,
}

impl Exec {
    /// Runs this command line with this standard input.
    pub fn of(command: impl Into<String>, stdin: Option<&[u8]>) -> Self {
        Self {
            command: command.into(),
            stdin: stdin.map(|bytes| BASE64.encode(bytes)),
            encoding: Encoding::default(),
        }
    }
}

/// Decodes what the published pattern allows: unused bits of the last character may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The bytes of [`Exec::stdin`].
///
/// # Errors
/// When it isn't padded base64 or is more than 128 KiB; the text says what to change.
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

/// How an answer is to carry a command's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As text. Bytes that aren't UTF-8 are replaced by U+FFFD.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// In base64, byte for byte.
    Base64,
}

/// How an answer carries a command's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoded {
    /// As text; all of it was UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// As text, with U+FFFD in place of bytes that aren't UTF-8. Ask for `base64` to get them.
    #[serde(rename = "utf-8, lossy")]
    Lossy,
    /// In base64, byte for byte.
    Base64,
}

/// Output of a command, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Standard output.
    pub output: Vec<u8>,
    /// Standard error.
    pub error: Vec<u8>,
}

/// Result of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecResult {
    /// Standard output, the first 1 MiB.
    pub output: String,
    /// Standard error, the first 1 MiB.
    pub error: String,
    /// How `output` and `error` are encoded.
    #[serde(default)]
    pub encoding: Encoded,
    /// Exit code of the command; 124 if it was ended after 60 s.
    pub exit_code: i32,
    /// Whether the rest of `output` or `error` beyond 1 MiB is missing.
    pub truncated: bool,
}

impl ExecResult {
    /// The answer for a command's output: the only place where bytes become text.
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

    /// The command's output in bytes, as far as the answer carries it.
    ///
    /// # Errors
    /// When `output` or `error` isn't encoded as `encoding` says.
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

/// A Kubernetes version that new clusters can have, as `GET /api/v1/cluster-versions` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterVersion {
    /// The version, like `v1.34.4`.
    pub version: String,
    /// Whether it is taken if a create doesn't name one.
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
