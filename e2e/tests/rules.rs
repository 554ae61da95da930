//! The repository's own rules: who may import whom, one owner for each heavy library, a first line
//! in every file that says what it owns.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeMap, fs, process::Command};

use serde_json::Value;

/// Which of our own crates each may use, in its normal dependencies.
const IMPORTS: [(&str, &[&str]); 12] = [
    ("crash", &[]),
    ("domain", &[]),
    ("feed", &[]),
    ("api", &["domain"]),
    ("bus", &["api", "feed", "domain"]),
    ("drivers", &["crash", "domain"]),
    ("service", &["api", "bus"]),
    ("cli", &["api", "domain"]),
    ("api-gateway", CRATES),
    ("events-gateway", CRATES),
    ("exec-service", CRATES),
    ("provisioner-worker", CRATES),
];
const CRATES: &[&str] = &[
    "api", "bus", "crash", "domain", "drivers", "feed", "service",
];

/// Heavy libraries and those who own them.
const OWNERS: [(&str, &[&str]); 5] = [
    ("sea-orm", &["api-gateway"]),
    ("async-nats", &["bus"]),
    ("bollard", &["drivers"]),
    ("kube", &["drivers", "exec-service"]),
    ("yrs", &["events-gateway"]),
];

/// Tests of the whole and their tools are exempt.
const EXEMPT: [&str; 4] = ["testkit", "e2e", "fuzz", "simulation"];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(testkit::root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let normal = |package: &Value| {
        package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            (
                package["name"].as_str().unwrap().to_owned(),
                normal(package),
            )
        })
        .filter(|(name, _): &(String, Vec<String>)| !EXEMPT.contains(&name.as_str()))
        .collect()
}

#[test]
fn imports_go_one_way() {
    let ours: Vec<&str> = IMPORTS
        .iter()
        .map(|(name, _)| *name)
        .chain(EXEMPT)
        .collect();
    for (name, dependencies) in dependencies() {
        let (_, allowed) = IMPORTS
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is new: say here what it may import"));
        for dependency in dependencies
            .iter()
            .filter(|dependency| ours.contains(&dependency.as_str()))
        {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} may not import {dependency}"
            );
        }
    }
}

#[test]
fn each_heavy_library_has_its_owners() {
    for (name, dependencies) in dependencies() {
        for (library, owners) in OWNERS {
            if dependencies.iter().any(|dependency| dependency == library) {
                assert!(
                    owners.contains(&name.as_str()),
                    "{name} uses {library}, which belongs to {owners:?}"
                );
            }
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(testkit::root())
        .output()
        .unwrap();
    let files = String::from_utf8(output.stdout).unwrap();
    assert!(files.lines().count() > 20, "the list of files is not whole");
    let read = |file: &str| {
        let text = fs::read_to_string(testkit::root().join(file)).ok()?;
        Some((file.to_owned(), text))
    };
    files.lines().filter_map(read).collect()
}

/// That each point in the code is listed, the compiler checks.
#[test]
fn every_crash_point_is_in_the_code() {
    let sources = sources();
    for point in crash::POINTS {
        let quoted = format!("\"{point}\"");
        let stands = |(file, text): &&(String, String)| {
            !file.starts_with("crates/crash/") && text.contains(&quoted)
        };
        assert!(
            sources.iter().any(|source| stands(&source)),
            "{point} is listed and stands nowhere"
        );
    }
}

#[test]
fn the_first_line_of_every_source_file_says_what_it_owns() {
    for (file, text) in sources() {
        assert!(
            text.starts_with("//! "),
            "{file}: the first line says nothing"
        );
    }
}

/// What lets somebody in has a type that cannot be printed: a `String` of such a name is refused, as a
/// field and as what a function takes or keeps.
#[test]
fn no_secret_is_a_plain_string() {
    const NAMES: [&str; 7] = [
        "password",
        "secret",
        "token",
        "credential",
        "cookie",
        "_key",
        "database_url",
    ];
    // What names a kind of token, or is kept instead of it.
    const KNOWN: [&str; 2] = ["token_type", "_hash"];
    let plain = |line: &str| {
        let line = line
            .trim()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub ");
        let (name, kind) = line.split_once(": ")?;
        let name = name.rsplit([' ', '(']).next()?;
        let owned = ["String", "Option<String>", "Vec<String>"]
            .iter()
            .any(|owned| {
                kind.strip_prefix(owned)
                    .is_some_and(|rest| rest.starts_with([',', ')']) || rest.is_empty())
            });
        let secret = NAMES.iter().any(|word| name.ends_with(word));
        (owned && secret && !KNOWN.iter().any(|known| name.ends_with(known)))
            .then(|| name.to_owned())
    };
    assert_eq!(
        plain("    pub refresh_token: String,"),
        Some("refresh_token".into())
    );
    assert_eq!(
        plain("async fn again(actor: &Actor, password: String) -> X {"),
        None
    );
    for (file, text) in sources() {
        let product = file.starts_with("crates/") || file.starts_with("services/");
        if !product || file.contains("/tests/") || file.starts_with("crates/testkit/") {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            // Parameters that share a line are looked at one by one.
            for part in line.split_inclusive(',') {
                assert_eq!(plain(part), None, "{file}:{}: use api::Secret", number + 1);
            }
        }
    }
}

/// CVE-2025-62518: an archive's hidden entries. The readers that had it, and their forks, stay out.
#[test]
fn no_reader_of_archives_that_hid_entries_is_built_in() {
    let lock = std::fs::read_to_string(testkit::root().join("Cargo.lock")).unwrap();
    for name in ["tokio-tar", "async-tar", "krata-tokio-tar"] {
        assert!(
            !lock.contains(&format!("name = \"{name}\"")),
            "{name} is in Cargo.lock"
        );
    }
}
