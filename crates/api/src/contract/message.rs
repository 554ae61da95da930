//! A message of the contract: its schema, its golden sample, and where they stand in `proto/`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The version whose samples are written now, like `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A type that leaves a process.
#[derive(Debug)]
pub struct Message {
    /// Its file's name in `proto/schemas` and `proto/samples/<version>`, without `.json`.
    pub name: &'static str,
    /// Its JSON Schema (2020-12).
    pub schema: Value,
    /// One value with every field that can be there.
    pub sample: Value,
    read: fn(&Value) -> serde_json::Result<Value>,
}

impl Message {
    pub(super) fn new<T: JsonSchema + Serialize + DeserializeOwned>(
        name: &'static str,
        sample: Value,
    ) -> Self {
        Self {
            name,
            schema: schemars::schema_for!(T).to_value(),
            sample,
            read: |value| serde_json::to_value(serde_json::from_value::<T>(value.clone())?),
        }
    }

    /// Reads a value as this build does, and writes it again.
    ///
    /// # Errors
    /// When this build can't read it.
    pub fn read(&self, value: &Value) -> serde_json::Result<Value> {
        (self.read)(value)
    }

    /// Path of its schema, relative to `proto/`.
    pub fn schema_path(&self) -> PathBuf {
        PathBuf::from("schemas").join(format!("{}.json", self.name))
    }

    /// Path of its sample of this version, relative to `proto/`.
    pub fn sample_path(&self) -> PathBuf {
        let folder = PathBuf::from("samples").join(VERSION);
        folder.join(format!("{}.json", self.name))
    }
}
