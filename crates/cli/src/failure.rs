//! What went wrong, said on standard error with what to do next, and the exit code for scripts.

use std::process::ExitCode;

use api::client::Error;
use domain::Code;

pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not logged in, 4 not found, \
5 refused (taken, invalid, wrong status, quota), 6 labyard does not answer, 7 the watched task was cancelled. \
`cluster exec` and `with` exit as the command did.";

/// The watched task was cancelled.
pub(crate) const CANCELLED: u8 = 7;

/// Fields said of one refused request.
const FIELDS_MAX: usize = 10;

/// Why a verb was not done.
pub(crate) enum Failure {
    NotLoggedIn,
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
    /// Something must be given and nobody is here to be asked.
    Usage {
        what: &'static str,
        help: &'static str,
    },
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

impl Failure {
    /// Says it, and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        if matches!(self, Self::NobodyReads) {
            return ExitCode::SUCCESS;
        }
        let (code, what, fix) = self.words();
        crate::output::complain(&what);
        if !fix.is_empty() {
            crate::output::complain(&format!("  {fix}"));
        }
        ExitCode::from(code)
    }

    fn words(&self) -> (u8, String, String) {
        match self {
            Self::NotLoggedIn => (
                3,
                "You are not logged in.".into(),
                "Log in first: labyard auth login".into(),
            ),
            Self::NoSuch { what, name } => (
                4,
                format!("There is no {what} named {name}."),
                match *what {
                    "member" => "See who there is: labyard org members ORGANIZATION".to_owned(),
                    what => format!("See what there is: labyard {what} list"),
                },
            ),
            Self::Ambiguous { what, name, ids } => (
                5,
                format!("Several {what}s are named {name}: {}.", ids.join(", ")),
                "Give the ID instead of the name.".into(),
            ),
            Self::Usage { what, help } => (2, (*what).into(), (*help).into()),
            Self::NobodyReads => (0, String::new(), String::new()),
            Self::Api(Error::Problem(problem)) => {
                let code = match problem.code {
                    Code::Unauthenticated => return Self::unauthenticated(problem),
                    Code::NotFound => 4,
                    Code::Unavailable | Code::Internal => 6,
                    _ => 5,
                };
                // Every answer has one; it is worth saying where somebody else has to look for the cause.
                let request = problem.request_id.as_ref().filter(|_| code == 6);
                let request = request
                    .map(|id| format!(" (request {id})"))
                    .unwrap_or_default();
                let mut what = format!("{}{request}", problem.reason.message);
                for error in problem.errors.iter().take(FIELDS_MAX) {
                    let field = error.pointer.trim_start_matches(['/', '?']);
                    what.push_str(&format!("\n  {field}: {}", error.detail));
                }
                (code, what, problem.reason.fix.clone())
            }
            Self::Api(error) => (
                6,
                format!("{error}."),
                "Is it running? make status says so; LABYARD_SERVER or --server names another."
                    .into(),
            ),
            Self::Other(error) => (1, format!("{error:#}"), String::new()),
        }
    }

    fn unauthenticated(problem: &api::Problem) -> (u8, String, String) {
        let fix = "Log in: labyard auth login. From a script, set LABYARD_TOKEN.";
        (3, problem.reason.message.clone(), fix.into())
    }
}

#[cfg(test)]
mod tests {
    use api::Problem;
    use domain::Reason;

    use super::*;

    #[test]
    fn each_failure_has_its_code_and_a_way_out() {
        let api = |code| {
            Failure::Api(Error::Problem(Box::new(Problem::new(Reason::new(
                code, "Facts.",
            )))))
        };
        for (failure, code) in [
            (Failure::NotLoggedIn, 3),
            (
                Failure::NoSuch {
                    what: "cluster",
                    name: "x".into(),
                },
                4,
            ),
            (
                Failure::Ambiguous {
                    what: "cluster",
                    name: "x".into(),
                    ids: vec!["clu_1".into(), "clu_2".into()],
                },
                5,
            ),
            (
                Failure::Usage {
                    what: "Give --email.",
                    help: "See labyard auth login --help",
                },
                2,
            ),
            (api(Code::NotFound), 4),
            (api(Code::Unauthenticated), 3),
            (api(Code::NameTaken), 5),
            (api(Code::Invalid), 5),
            (api(Code::QuotaExceeded), 5),
            (api(Code::Unavailable), 6),
        ] {
            let words = failure.words();
            assert_eq!(words.0, code, "{}", words.1);
            assert!(!words.1.is_empty() && !words.2.is_empty(), "{}", words.1);
        }
    }
    #[test]
    fn each_wrong_field_is_named() {
        let mut problem = Problem::new(Reason::new(Code::Invalid, "Facts."));
        problem.errors.push(api::FieldError {
            pointer: "/ttl_hours".into(),
            detail: "too long".into(),
        });
        let words = Failure::Api(Error::Problem(Box::new(problem))).words();
        assert_eq!(words.1, "Facts.\n  ttl_hours: too long");
    }
}
