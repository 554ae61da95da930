//! What is published is what is built.

use std::{fs, process::Command};

use api_gateway::routes;
use domain::Code;
use serde_json::Value;

#[test]
fn the_published_document_is_the_one_the_gateway_makes() {
    let output = Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .arg("openapi")
        .output()
        .unwrap();
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let published = fs::read(testkit::root().join("proto/openapi.json")).unwrap();
    let published: Value = serde_json::from_slice(&published).unwrap();
    assert!(
        made == published,
        "proto/openapi.json is old: run make proto"
    );
    let operations: usize = made["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|item| item.as_object().unwrap().len())
        .sum();
    assert_eq!(
        operations,
        routes::all().count(),
        "the document and the table of routes differ"
    );
}

#[test]
fn the_page_of_rights_is_that_of_the_rules() {
    let output = Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .arg("rights")
        .output()
        .unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    let published = fs::read_to_string(testkit::root().join("docs/rights.md")).unwrap();
    assert!(made == published, "docs/rights.md is old: run make proto");
    for route in routes::all() {
        let line = format!("| `{} {}` |", route.method, route.path);
        assert_eq!(made.matches(&line).count(), 1, "{line}");
    }
}

#[test]
fn every_code_has_its_section() {
    let output = Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .arg("errors")
        .output()
        .unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    let published = fs::read_to_string(testkit::root().join("docs/errors.md")).unwrap();
    assert!(made == published, "docs/errors.md is old: run make proto");
    assert_eq!(made.matches("\n## ").count(), Code::ALL.len());
}
