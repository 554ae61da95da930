//! What went wrong, in words with what to do next, and the exit code for scripts. Nothing is printed here.

use std::process::ExitCode;

use api::{Problem, client::Error};
use domain::Code;

pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage or an invalid value, 3 not logged in, 4 not found, \
5 refused (taken, wrong status, not allowed), 6 no answer from labyard, 7 the watched task was canceled, \
8 the output of `cluster exec` was cut, 9 the quota is used up. \
`cluster exec` and `with` exit as the command did; 124 is a command that `cluster exec` ended at its time limit.";

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const NOT_LOGGED_IN: u8 = 3;
const NOT_FOUND: u8 = 4;
const REFUSED: u8 = 5;
const NO_ANSWER: u8 = 6;
/// The watched task was canceled.
pub(crate) const CANCELLED: u8 = 7;
/// A part of a command's output is missing.
pub(crate) const CUT: u8 = 8;
const QUOTA: u8 = 9;

/// Fields said of one refused request.
const FIELDS_MAX: usize = 10;

/// Why a verb was not done.
pub(crate) enum Failure {
    /// Neither by the variable nor by a login for this server; it may be another's.
    NotLoggedIn {
        server: String,
        elsewhere: Option<String>,
    },
    /// Looked for by name.
    NoSuch {
        what: &'static str,
        name: String,
    },
    /// Several have this name; these are their IDs.
    Ambiguous {
        what: &'static str,
        name: String,
        ids: Vec<String>,
    },
    /// What was given cannot be meant, or something must be given and nobody is here to be asked.
    Usage {
        what: String,
        help: String,
    },
    /// It went wrong, and this helps.
    Failed {
        what: String,
        fix: String,
    },
    /// A login that was refused, which no login helps against.
    Refused(Box<Problem>),
    /// Whoever read the result went away: an end, not a failure.
    NobodyReads,
    Api(Error),
    Other(anyhow::Error),
}

pub(crate) type Done = Result<ExitCode, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Api(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// A failure in words.
pub(crate) struct Words {
    /// The exit code.
    pub(crate) code: u8,
    pub(crate) what: String,
    /// A line each, below it.
    pub(crate) details: Vec<String>,
    pub(crate) fix: String,
}

impl Words {
    fn new(code: u8, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            details: Vec::new(),
            fix: fix.into(),
        }
    }
}

impl Failure {
    pub(crate) fn usage(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            help: help.into(),
        }
    }

    pub(crate) fn failed(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Failed {
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// Where the variable holds the token, no login helps.
    pub(crate) fn words(&self, by_variable: bool) -> Words {
        match self {
            Self::NotLoggedIn { server, elsewhere } => {
                let what = match elsewhere {
                    Some(other) => {
                        format!("You aren't logged in to {server}. Your login is for {other}.")
                    }
                    None => format!("You aren't logged in to {server}."),
                };
                let fix = format!("Log in: labyard auth login --server {server}");
                Words::new(NOT_LOGGED_IN, what, fix)
            }
            Self::NoSuch { what, name } => Words::new(
                NOT_FOUND,
                format!("There is no {what} named {name}."),
                match *what {
                    "member" => "See all members: labyard org members ORGANIZATION".to_owned(),
                    "organization" => "See yours: labyard org list".to_owned(),
                    what => format!("See what there is: labyard {what} list"),
                },
            ),
            Self::Ambiguous { what, name, ids } => Words::new(
                REFUSED,
                format!("Several {what}s are named {name}: {}.", ids.join(", ")),
                "Give the ID instead of the name.",
            ),
            Self::Usage { what, help } => Words::new(USAGE, what, help),
            Self::Failed { what, fix } => Words::new(FAILED, what, fix),
            Self::Refused(problem) => Words::new(
                NOT_LOGGED_IN,
                &problem.reason.message,
                "Check the email and the password, and try again.",
            ),
            Self::NobodyReads => Words::new(0, "", ""),
            Self::Api(Error::Problem(problem)) => of_problem(problem, by_variable),
            Self::Api(Error::Unfit(what)) => Words::new(
                USAGE,
                what,
                "Check --server, LABYARD_SERVER and LABYARD_TOKEN.",
            ),
            Self::Api(error @ Error::Unreachable { .. }) => {
                let fix = error.why().map(|why| why.fix.to_owned());
                let other = "To use another server: --server or LABYARD_SERVER.";
                Words {
                    details: fix.into_iter().collect(),
                    ..Words::new(NO_ANSWER, format!("{error}."), other)
                }
            }
            Self::Api(error @ Error::NotUnderstood { proxy, .. }) => {
                let fix = match proxy {
                    Some(_) => "Ask who runs the proxy, or add the host to NO_PROXY.",
                    None => "Check the address: --server or LABYARD_SERVER.",
                };
                Words::new(NO_ANSWER, format!("{error}."), fix)
            }
            Self::Other(error) => Words::new(FAILED, format!("{error:#}."), ""),
        }
    }
}

fn of_problem(problem: &Problem, by_variable: bool) -> Words {
    let message = &problem.reason.message;
    let code = match problem.code {
        Code::Unauthenticated if by_variable => {
            return Words::new(
                NOT_LOGGED_IN,
                "The token in LABYARD_TOKEN isn't valid here: it is mistyped, expired, revoked or for another server.",
                "Set LABYARD_TOKEN to a valid token, or unset it to use a login of labyard auth login.",
            );
        }
        Code::Unauthenticated => {
            let fix = "Log in: labyard auth login. In a script, set LABYARD_TOKEN.";
            return Words::new(NOT_LOGGED_IN, message, fix);
        }
        Code::NotFound => NOT_FOUND,
        Code::Unavailable | Code::Internal => NO_ANSWER,
        Code::QuotaExceeded => QUOTA,
        Code::Invalid | Code::Malformed => USAGE,
        _ => REFUSED,
    };
    // Worth saying where somebody else has to look for the cause.
    let request = problem.request_id.as_ref().filter(|_| code == NO_ANSWER);
    let request = request
        .map(|id| format!(" (request {id})"))
        .unwrap_or_default();
    let mut fix = problem.reason.fix.clone();
    if by_variable && fix.to_lowercase().contains("log in") {
        fix.push_str(" Unset LABYARD_TOKEN first: it wins over a login.");
    }
    let fields = problem.errors.iter().take(FIELDS_MAX).map(|error| {
        let typed = typed(&error.pointer);
        format!("{typed}: {}.", error.detail.trim_end_matches('.'))
    });
    let mut details: Vec<String> = fields.collect();
    let what = match problem.code {
        // The message says the fields in the API's own words: here they are said once, by what was typed.
        Code::Invalid if !details.is_empty() => {
            fix = "See --help of the command.".into();
            details.remove(0)
        }
        _ => message.clone(),
    };
    Words {
        details,
        ..Words::new(code, format!("{what}{request}"), fix)
    }
}

/// What somebody types for a field of a request.
fn typed(pointer: &str) -> String {
    let field = pointer.trim_start_matches(['/', '?']);
    let first = field.split('/').next().unwrap_or(field);
    match first {
        "name" | "email" | "url" | "password" | "token" | "command" => first.to_owned(),
        "ttl_hours" => "--ttl".into(),
        "k8s_version" => "--version".into(),
        "auto_stop_minutes" | "minutes" => "the time".into(),
        "hours" | "days" => "the duration".into(),
        "namespaces" => "--namespace".into(),
        "types" => "--type".into(),
        "claims" => "--claim".into(),
        "new_password" => "the new password".into(),
        "stdin" => "standard input".into(),
        "quota" => field.split('/').nth(1).map_or_else(
            || "the quota".into(),
            |limit| format!("--{}", limit.replace('_', "-")),
        ),
        "level" | "uses" | "role" | "issuer" | "audience" | "limit" | "action" | "status" => {
            format!("--{first}")
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::Reason;

    use super::*;

    fn problem(code: Code) -> Problem {
        Problem::new(Reason::new(code, "Facts."))
    }

    #[test]
    fn each_failure_has_its_code_and_a_way_out() {
        let api = |code| Failure::Api(Error::Problem(Box::new(problem(code))));
        let what = "cluster";
        let name = || "x".to_owned();
        for (failure, code) in [
            (
                Failure::NotLoggedIn {
                    server: "http://x".into(),
                    elsewhere: None,
                },
                3,
            ),
            (Failure::NoSuch { what, name: name() }, 4),
            (
                Failure::Ambiguous {
                    what,
                    name: name(),
                    ids: vec!["clu_1".into(), "clu_2".into()],
                },
                5,
            ),
            (
                Failure::usage("Give --email.", "See labyard auth login --help"),
                2,
            ),
            (Failure::failed("It broke.", "Mend it."), 1),
            (Failure::Api(Error::Unfit("No address.".into())), 2),
            (api(Code::NotFound), 4),
            (api(Code::Unauthenticated), 3),
            (api(Code::NameTaken), 5),
            (api(Code::Invalid), 2),
            (api(Code::QuotaExceeded), 9),
            (api(Code::Unavailable), 6),
        ] {
            let words = failure.words(false);
            assert_eq!(words.code, code, "{}", words.what);
            assert!(
                !words.what.is_empty() && !words.fix.is_empty(),
                "{}",
                words.what
            );
        }
    }

    #[test]
    fn each_wrong_field_is_named_once_as_it_is_typed() {
        let mut problem = problem(Code::Invalid);
        problem.errors.push(api::FieldError {
            pointer: "/ttl_hours".into(),
            detail: "between 0.25 and 168 hours".into(),
        });
        problem.errors.push(api::FieldError {
            pointer: "/quota/cpu_millis".into(),
            detail: "at least 1".into(),
        });
        let words = of_problem(&problem, false);
        assert_eq!(words.what, "--ttl: between 0.25 and 168 hours.");
        assert_eq!(words.details, ["--cpu-millis: at least 1."]);
    }

    #[test]
    fn each_hint_to_log_in_knows_that_the_variable_wins() {
        let stale = of_problem(&problem(Code::Unauthenticated), true);
        assert!(stale.what.contains("LABYARD_TOKEN") && stale.fix.contains("unset"));
        let mut beyond = problem(Code::Forbidden);
        beyond.reason.fix = "Log in; no token may do this.".into();
        assert!(
            of_problem(&beyond, true)
                .fix
                .contains("Unset LABYARD_TOKEN")
        );
        assert!(!of_problem(&beyond, false).fix.contains("LABYARD_TOKEN"));
    }

    #[test]
    fn a_login_elsewhere_is_named() {
        let failure = Failure::NotLoggedIn {
            server: "https://a.example.org".into(),
            elsewhere: Some("https://b.example.org".into()),
        };
        let words = failure.words(false);
        assert!(words.what.contains("a.example.org") && words.what.contains("b.example.org"));
        assert!(
            words.fix.contains("--server https://a.example.org"),
            "{}",
            words.fix
        );
    }
}
