//! `proto/` says what the code says, and what was said in earlier versions is still understood.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use api::contract::{self, Message};
use serde_json::Value;

const AGAIN: &str = "run make proto";

fn proto() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}; {AGAIN}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn assert_valid(message: &Message, value: &Value, what: &str) {
    let errors = testkit::schema_errors(&message.schema, value);
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn the_generated_files_are_those_of_this_code() {
    let generated = contract::generated();
    for (path, value) in &generated {
        let same = json(&proto().join(path)) == *value;
        assert!(same, "proto/{} is old; {AGAIN}", path.display());
    }
    for entry in fs::read_dir(proto().join("schemas")).unwrap() {
        let path = PathBuf::from("schemas").join(entry.unwrap().file_name());
        assert!(generated.contains_key(&path), "{path:?} is of no message");
    }
}

#[test]
fn each_sample_is_whole_and_valid() {
    for message in contract::messages() {
        let read = message.read(&message.sample);
        let read = read.unwrap_or_else(|error| panic!("{}: {error}", message.name));
        assert_eq!(read, message.sample, "{}", message.name);
        assert_valid(&message, &message.sample, message.name);
        // A reader ignores what it does not know.
        if let Value::Object(mut fields) = message.sample.clone()
            && message.name != "answer"
        {
            fields.insert("of_a_later_version".into(), true.into());
            assert_eq!(message.read(&fields.into()).unwrap(), message.sample);
        }
    }
}

#[test]
fn each_message_has_a_sample_of_this_version() {
    for message in contract::messages() {
        json(&proto().join(message.sample_path()));
    }
}

#[test]
fn samples_of_every_version_are_still_read() {
    let messages = contract::messages();
    for version in fs::read_dir(proto().join("samples")).unwrap() {
        for sample in fs::read_dir(version.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let message = messages.iter().find(|message| message.name == name);
            let message = message.unwrap_or_else(|| panic!("{} has no message", path.display()));
            let value = json(&path);
            if let Err(error) = message.read(&value) {
                panic!("{} is no longer read: {error}", path.display());
            }
            assert_valid(message, &value, &path.display().to_string());
        }
    }
}

/// A type that leaves a process and is not in the registry would have no schema.
#[test]
fn no_type_is_left_out() {
    let messages = contract::messages();
    let mut named = BTreeSet::new();
    for message in &messages {
        named.insert(
            message.schema["title"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
        if let Some(definitions) = message.schema["$defs"].as_object() {
            named.extend(definitions.keys().cloned());
        }
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in fs::read_dir(sources).unwrap() {
        let path = file.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for (derive, item) in text
            .match_indices("JsonSchema)]")
            .map(|(at, _)| (at, &text[at..]))
        {
            let line = item.lines().find(|line| line.starts_with("pub ")).unwrap();
            let name = line.split_whitespace().nth(2).unwrap();
            let name = name.split(['<', '(', ';']).next().unwrap();
            let generic = ["Page", "Answer"].contains(&name);
            assert!(
                named.contains(name) || generic,
                "{}, byte {derive}: {name} is in no message",
                path.display()
            );
        }
    }
}

#[test]
fn every_reference_of_the_asyncapi_document_leads_somewhere() {
    let document = json(&proto().join("asyncapi.json"));
    let mut references = vec![];
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let found = match reference.strip_prefix('#') {
            Some(pointer) => document.pointer(pointer).is_some(),
            None => proto().join(&reference).exists(),
        };
        assert!(found, "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(target) if name == "$ref" => references.push(target.clone()),
                    value => collect(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[test]
fn the_page_of_events_is_that_of_this_code() {
    let path = proto().join("../docs/events.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == contract::events_page(),
        "docs/events.md drifted; {AGAIN}"
    );
    for (event, name) in api::socket::names() {
        assert!(text.contains(&format!("| `{event}` | `{name}` |")));
    }
}
