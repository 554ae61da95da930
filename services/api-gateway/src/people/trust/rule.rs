//! What a trust asks of a token's claims, and whether they are so. Pure.

use std::collections::BTreeMap;

use api::FieldError;
use domain::ScopeLevel;
use serde_json::{Map, Value};

/// Claims of one trust.
const CLAIMS_MAX: usize = 16;
const NAME_MAX: usize = 64;
const VALUE_MAX: usize = 256;
/// Claims that name one place where pipelines come from; without one of them a trust would let in everybody
/// whom the issuer knows.
const PLACES: [&str; 5] = [
    "repository",
    "repository_id",
    "project_path",
    "project_id",
    "sub",
];
/// Claims that are not the pipeline's: they are checked for every token.
const OWN: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/// What is wrong with a trust's claims and level.
pub(crate) fn check(claims: &BTreeMap<String, String>, level: ScopeLevel) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |pointer: String, detail: &str| {
        let detail = detail.to_owned();
        errors.push(FieldError { pointer, detail });
    };
    let place = |name: &str| claims.get(name).is_some_and(|value| !value.contains('*'));
    if !PLACES.iter().any(|name| place(name)) {
        say(
            "/claims".into(),
            "at least one of repository, repository_id, project_path, project_id and sub is needed, without a `*`",
        );
    }
    if claims.len() > CLAIMS_MAX {
        say("/claims".into(), "at most 16 claims");
    }
    for (name, value) in claims {
        let pointer = format!("/claims/{}", name.replace('~', "~0").replace('/', "~1"));
        let shown = |text: &str| !text.chars().any(char::is_control);
        if !(1..=NAME_MAX).contains(&name.len()) || !shown(name) || OWN.contains(&name.as_str()) {
            say(pointer, "not a pipeline's claim");
        } else if !shown(value) {
            say(pointer, "no control characters");
        } else if value.is_empty() || value.len() > VALUE_MAX {
            say(pointer, "1 to 256 characters");
        } else if value.strip_suffix('*').unwrap_or(value).contains('*') || value == "*" {
            say(pointer, "at most one `*`, at the end of a longer value");
        }
    }
    if level == ScopeLevel::Admin {
        say("/level".into(), "a pipeline can have read, use or change");
    }
    errors
}

/// The first claim that is not as the trust asks; none when all of them are.
pub(crate) fn unlike<'a>(
    asked: &'a BTreeMap<String, String>,
    said: &Map<String, Value>,
) -> Option<&'a str> {
    let like = |asked: &str, said: &str| match asked.strip_suffix('*') {
        Some(begin) => said.starts_with(begin),
        None => said == asked,
    };
    let holds = |name: &str, asked: &str| match said.get(name) {
        Some(Value::String(said)) => like(asked, said),
        Some(Value::Number(said)) => like(asked, &said.to_string()),
        Some(Value::Bool(said)) => like(asked, if *said { "true" } else { "false" }),
        _ => false,
    };
    let mut asked = asked.iter();
    asked
        .find(|(name, asked)| !holds(name, asked))
        .map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    fn good(pairs: &[(&str, &str)]) -> bool {
        check(&claims(pairs), ScopeLevel::Change).is_empty()
    }

    #[test]
    fn a_trust_names_one_place_to_the_letter() {
        assert!(good(&[("repository", "acme/shop")]));
        assert!(good(&[
            ("project_path", "acme/shop"),
            ("ref", "refs/heads/release-*")
        ]));
        for pairs in [
            &[][..],
            &[("ref", "refs/heads/main")],
            &[("repository", "acme/*")],
            &[("repository", "*")],
            &[("repository", "acme/shop"), ("ref", "*")],
            &[("repository", "acme/shop"), ("ref", "refs/*/main")],
            &[("repository", "acme/shop"), ("ref", "refs/**")],
            &[("repository", "")],
            &[("repository", "acme/\0shop")],
            &[("repository", "acme/shop"), ("r\0f", "main")],
            &[("repository", "acme/shop"), ("aud", "us")],
            &[("repository", "acme/shop"), ("", "x")],
        ] {
            assert!(!good(pairs), "{pairs:?}");
        }
        assert!(!check(&claims(&[("sub", "x")]), ScopeLevel::Admin).is_empty());
    }

    #[test]
    fn claims_are_compared_whole() {
        let asked = claims(&[
            ("repository", "acme/shop"),
            ("ref", "refs/heads/release-*"),
            ("run", "7"),
        ]);
        let said = |repository: Value, branch: Value, run: Value| {
            let said = json!({ "repository": repository, "ref": branch, "run": run, "more": 1 });
            unlike(&asked, said.as_object().unwrap_or(&Map::new())).map(str::to_owned)
        };
        let (shop, release) = (json!("acme/shop"), json!("refs/heads/release-1"));
        assert_eq!(said(shop.clone(), release.clone(), json!(7)), None);
        for other in [
            json!("acme/shop2"),
            json!("acme/SHOP"),
            json!("evil/acme/shop"),
            json!(["acme/shop"]),
            json!(null),
        ] {
            assert_eq!(
                said(other, release.clone(), json!("7")).as_deref(),
                Some("repository")
            );
        }
        assert_eq!(
            said(shop.clone(), json!("refs/heads/main"), json!(7)).as_deref(),
            Some("ref")
        );
        assert_eq!(said(shop, release, json!(77)).as_deref(), Some("run"));
        assert_eq!(unlike(&asked, &Map::new()), Some("ref"));
    }
}
