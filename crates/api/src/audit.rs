//! What was done, by whom, from where, and whether it was allowed.

use domain::{ClusterId, OrganizationId, UserId, WorkspaceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// One line of the audit. It is never changed and outlives what it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Grows with time; the cursor of lists.
    pub number: u64,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Their address as it was then; the address tried at a login that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The route's name in the API document (`delete_cluster` …), or what happened by itself.
    pub action: String,
    /// What it was done to, as the route names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    pub allowed: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The caller's address, as the edge saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// The columns of an export as CSV; the detail is JSON.
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
    /// One line of an export as CSV.
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
