//! The audit log: who did what, from where, and whether it was allowed.

use domain::{ClusterId, OrganizationId, UserId, WorkspaceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// One entry of the audit log. It never changes and outlives what it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Grows with time; the cursor of lists.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The organization that it happened in; absent if it was in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The workspace that it was about; absent if it was about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster that it was about; absent if it was about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The user who acted; absent if nobody was logged in, or labyard acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The user's email address at that time; for a failed login, the address that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The route's `operationId`, like `delete_cluster`, or a name for what labyard did itself.
    pub action: String,
    /// The IDs in the request's path, with `/` between them; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// Why it was denied, as a code of `/docs/errors`; absent if it was allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The caller's IP address, as the edge saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// More about it, like a command's exit code; its fields depend on `action`. Never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// The columns of an export as CSV; `detail` is JSON there.
const COLUMNS: [&str; 13] = [
    "number",
    "at",
    "organization_id",
    "workspace_id",
    "cluster_id",
    "user_id",
    "email",
    "action",
    "object",
    "allowed",
    "code",
    "address",
    "detail",
];

/// The first line of an export as CSV (RFC 4180).
pub fn csv_head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

impl AuditEntry {
    /// The line of this entry in an export as CSV (RFC 4180).
    pub fn csv(&self) -> String {
        fn shown<T: ToString>(value: &Option<T>) -> String {
            value.as_ref().map(T::to_string).unwrap_or_default()
        }
        let fields = [
            self.number.to_string(),
            self.at.to_string(),
            shown(&self.organization_id),
            shown(&self.workspace_id),
            shown(&self.cluster_id),
            shown(&self.user_id),
            shown(&self.email),
            self.action.clone(),
            shown(&self.object),
            self.allowed.to_string(),
            shown(&self.code),
            shown(&self.address),
            shown(&self.detail),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        format!("{}\r\n", fields.join(","))
    }
}

/// Spreadsheets read a field that begins like a formula as one, quotes or not.
fn quoted(field: &str) -> String {
    let tamed = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if tamed.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", tamed.replace('"', "\"\""));
    }
    tamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_one_field_and_no_formula() {
        for (field, written) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("{\"a\":1}", "\"{\"\"a\"\":1}\""),
            ("=1+1", "'=1+1"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}
