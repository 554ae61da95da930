//! Whether a value is what a JSON Schema says.

use serde_json::Value;

/// What is wrong with the value, one sentence for each fault; empty when it is valid.
pub fn schema_errors(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).expect("a schema that is one");
    let errors = validator.iter_errors(value);
    errors.map(|error| error.to_string()).collect()
}
