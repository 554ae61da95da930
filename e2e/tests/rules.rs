//! The repository's own rules: who may import whom, one owner for each heavy library, a first line
//! in every file that says what it owns.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde_json::Value;

/// Which of our own crates each may use, in its normal dependencies.
const IMPORTS: [(&str, &[&str]); 12] = [
    ("crash", &[]),
    ("domain", &[]),
    ("feed", &[]),
    ("api", &["domain"]),
    ("bus", &["api", "feed", "domain"]),
    ("drivers", &["crash", "domain"]),
    ("service", &["api", "bus", "domain"]),
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
    files("*.rs")
}

/// The repository's files of that name, each with its text.
fn files(names: &str) -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", names])
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

/// What is right in one place is not done beside it: each word stands in these files alone.
#[test]
fn what_has_one_place_is_done_there() {
    const PLACES: [(&str, &str); 5] = [
        // Each door reads credentials alike.
        ("header::{AUTHORIZATION", "crates/service/src/credential.rs"),
        ("header::AUTHORIZATION", "crates/service/src/credential.rs"),
        // Postgres is handed nothing that it cannot hold.
        (
            "from_sql_and_values",
            "services/api-gateway/src/kernel/postgres.rs",
        ),
        // A problem document has its request's ID.
        (
            "\"application/problem+json\"",
            "crates/service/src/answer.rs",
        ),
        // A list's page is cut before anything is left out of it.
        ("limit + 1", "services/api-gateway/src/kernel/page.rs"),
    ];
    let services = |file: &str| {
        let gateway = [
            "crates/service/",
            "services/api-gateway/src/",
            "services/events-gateway/src/",
        ];
        gateway.iter().any(|begin| file.starts_with(begin))
    };
    // The document names the media type, and health is none of these documents.
    const NAMED: [&str; 2] = ["openapi.rs", "meta.rs"];
    for (file, text) in sources() {
        if !services(&file) || NAMED.iter().any(|named| file.ends_with(named)) {
            continue;
        }
        for (word, place) in PLACES {
            assert!(
                file == place || !text.contains(word),
                "{file}: {word} belongs to {place}"
            );
        }
    }
}

/// What nginx answers by itself reads as what the services answer: their titles, their codes, whole documents.
#[test]
fn the_edge_answers_by_the_catalogue() {
    let template = testkit::root().join("deploy/edge/nginx.conf.template");
    let template = fs::read_to_string(template).unwrap();
    let begin = template
        .find("map $edge_case $edge_problem {")
        .expect("the map");
    let map = template[begin..].split_once("\n    }").expect("its end").0;
    let mut codes = BTreeSet::new();
    for line in map.lines().skip(1) {
        let (status, document) = line.trim().split_once(' ').unwrap();
        let document = document.trim_matches(['\'', ';']).replace("\\'", "'");
        let problem: api::Problem = serde_json::from_str(&document).unwrap();
        let said = api::Problem::new(problem.reason.clone());
        assert_eq!(
            (&problem.title, &problem.detail, &problem.kind),
            (&said.title, &said.detail, &said.kind)
        );
        assert_eq!(problem.code, problem.reason.code, "{status}");
        assert_eq!(
            problem.request_id.as_deref(),
            Some("$request_name"),
            "{status}"
        );
        if let Ok(status) = status.parse::<u16>() {
            assert_eq!(problem.status, status);
        }
        codes.insert(problem.code.as_str());
    }
    assert!(codes.len() >= 5, "{codes:?}");
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

/// Each package, its version and the features it is built with, for these kinds of dependencies.
fn features(kinds: &str) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--workspace", "--offline", "--prefix", "none", "-f"])
        .args(["{p} {f}", "--no-dedupe", "-e", kinds])
        .current_dir(testkit::root())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() > 100, "cargo tree is not whole");
    text.lines().map(str::to_owned).collect()
}

/// What a dev-dependency asks of a shared library would compile it twice, and tests would run another one than people do.
/// Such a library belongs into testkit's dependencies.
#[test]
fn tests_and_programs_share_every_library() {
    let programs = features("normal,build");
    let tests = features("normal,build,dev");
    let twice: Vec<_> = programs.difference(&tests).collect();
    assert!(twice.is_empty(), "built twice: {twice:#?}");
}

/// Called in another way, the same libraries would be compiled with other features.
#[test]
fn scripts_call_cargo_in_one_place() {
    for (file, text) in files("*.sh") {
        if file == "deploy/cargo.sh" {
            continue;
        }
        for word in ["build", "test", "run", "check", "clippy"] {
            let call = format!("cargo {word}");
            let called = |line: &&str| line.contains(&call) && !line.trim_start().starts_with('#');
            let line = text.lines().find(called);
            assert_eq!(line, None, "{file}: use deploy/cargo.sh");
        }
    }
}

/// `make test` runs none.
#[test]
fn no_test_is_in_a_comment() {
    for (file, text) in sources() {
        let code =
            |line: &&str| line.trim_start().starts_with("/// ```") || line.starts_with("//! ```");
        assert_eq!(text.lines().find(code), None, "{file}");
    }
}

/// Pages that say what is promised and which test keeps it.
const PAGES: [&str; 2] = ["SECURITY.md", "docs/threats.md"];
/// Where a test is that is named without a place.
const KNOWN: &str = "services/api-gateway/tests/it/known.rs";

/// Paragraphs, items and rows of a page.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in page.lines() {
        if line.is_empty() || line.starts_with(['#', '|']) || line.trim_start().starts_with("- ") {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            *block += line.trim();
            block.push(' ');
        }
    }
    blocks
}

/// The tests that a block names, each with its place: `` `place`: `test`, `another` ``.
fn named(block: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = block.split('`').collect();
    let (mut place, mut listed) = (KNOWN, false);
    let mut tests = Vec::new();
    for pair in parts[1..].chunks_exact(2) {
        let (word, after) = (pair[0], pair[1]);
        let is_sentence = word.matches('_').count() >= 2
            && word
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if after.starts_with(": ") {
            (place, listed) = (word, true);
            continue;
        }
        if is_sentence || listed && !word.contains(['/', '.']) {
            tests.push((place.to_owned(), word.to_owned()));
        }
        listed &= matches!(after, ", " | " and ");
    }
    tests
}

/// Whether a file has a test of that name, or something that a test calls.
fn has(sources: &[(String, String)], place: &str, name: &str) -> bool {
    let is_there =
        |(file, _): &&(String, String)| format!("/{file}/").contains(&format!("/{place}/"));
    sources.iter().filter(is_there).any(|(file, text)| {
        let (_, kind) = file.rsplit_once('.').unwrap_or_default();
        match kind {
            "rs" => text
                .split_once(&format!("fn {name}("))
                .is_some_and(|(before, _)| {
                    let mut above = before.rsplit('\n').skip(1).map(str::trim_start);
                    let is_test = above
                        .by_ref()
                        .take_while(|line| line.starts_with("#["))
                        .any(|line| line.contains("test"));
                    let call = format!(".{name}(");
                    is_test || sources.iter().any(|(_, text)| text.contains(&call))
                }),
            "go" => text.contains(&format!("func {name}(")),
            "sh" => text.contains(&format!("\n{name}() {{")),
            "mjs" | "ts" | "tsx" => ["test(\"", "test('", "it('"]
                .iter()
                .any(|call| text.contains(&format!("{call}{name}"))),
            _ => false,
        }
    })
}

/// What keeps a promise is there, in that place, and is run.
#[test]
fn every_test_that_a_page_names_is_there() {
    let sources = files("*");
    for page in PAGES {
        let text = fs::read_to_string(testkit::root().join(page)).unwrap();
        let tests: Vec<_> = blocks(&text)
            .iter()
            .flat_map(|block| named(block))
            .collect();
        assert!(tests.len() > 20, "{page}: {tests:?}");
        let missing: Vec<_> = tests
            .iter()
            .filter(|(place, name)| !has(&sources, place, name))
            .collect();
        assert!(missing.is_empty(), "{page}: {missing:#?}");
    }
}

#[test]
fn every_promise_names_what_keeps_it() {
    let text = fs::read_to_string(testkit::root().join("SECURITY.md")).unwrap();
    let (_, promises) = text.split_once("## What labyard promises").unwrap();
    let (promises, _) = promises.split_once("\n## ").unwrap();
    let sources = files("*");
    let is_source = |word: &str| sources.iter().any(|(file, _)| file == word);
    let kept = |block: &str| {
        !named(block).is_empty()
            || block
                .split('`')
                .any(|word| word.contains('/') && is_source(word))
    };
    let items = blocks(promises);
    let items: Vec<_> = items
        .iter()
        .filter(|block| block.starts_with("- "))
        .collect();
    assert!(items.len() > 10, "{items:#?}");
    for item in items {
        assert!(
            kept(item),
            "name the test that fails when this is broken: {item}"
        );
    }
}

#[test]
fn a_test_is_found_by_its_place_alone() {
    let named = |block: &str| {
        let tests = named(block);
        tests
            .into_iter()
            .map(|(place, name)| format!("{place} {name}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        named(
            "a `cluster_key` is kept: `a/b.rs`: `one`, `two_of_it` and `c.mjs`: `a title`; `some word`, `x_y_z`"
        ),
        [
            "a/b.rs one",
            "a/b.rs two_of_it",
            "c.mjs a title",
            "c.mjs x_y_z"
        ]
    );
    assert_eq!(named("| `a_b_c` |"), [format!("{KNOWN} a_b_c")]);
    let text = "#[test]\nfn kept() {}\n\nfn loose() {}\nfn called(&self) {}\n{ lab.called(); }\n";
    let sources = [("x/guests/mod.rs".to_owned(), text.to_owned())];
    let found = |place, name| has(&sources, place, name);
    assert!(found("guests", "kept") && found("guests/mod.rs", "kept") && found("guests", "called"));
    assert!(!found("guests", "loose") && !found("uests", "kept") && !found("guests", "gone"));
}
