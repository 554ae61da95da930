//! What went wrong, said on standard error with what to do next, and the exit code for scripts.

use std::process::ExitCode;

use api::client::Error;
use domain::Code;

pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not logged in, 4 not found, \
5 refused (taken, invalid, wrong status, quota), 6 labyard does not answer. `cluster exec` exits as the command did.";

/// Why a verb was not done.
pub(crate) enum Failure {
    NotLoggedIn,
    /// Looked for by name.
    NoSuch {
        what: &'static str,
        name: String,
    },
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
                format!("See what there is: labyard {what} list"),
            ),
            Self::Api(Error::Problem(problem)) => {
                let code = match problem.code {
                    Code::Unauthenticated => return Self::unauthenticated(problem),
                    Code::NotFound => 4,
                    Code::Unavailable | Code::Internal => 6,
                    _ => 5,
                };
                let request = problem
                    .request_id
                    .as_ref()
                    .map(|id| format!(" (request {id})"))
                    .unwrap_or_default();
                (
                    code,
                    format!("{}{request}", problem.reason.message),
                    problem.reason.fix.clone(),
                )
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
}
