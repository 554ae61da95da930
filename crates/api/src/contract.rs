//! The contract as data: every message with its JSON Schema and a golden sample.
