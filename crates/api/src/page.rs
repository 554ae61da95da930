//! Lists: one page and the cursor of the next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One page of a list, newest first unless the route says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The entries: at most `?limit=`, which is 50 if absent.
    pub items: Vec<T>,
    /// Send it as `?cursor=` to get the next page; `null` on the last page.
    pub next_cursor: Option<String>,
}
