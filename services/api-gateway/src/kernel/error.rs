//! Why something was not done, by what the caller can do about it.

use api::FieldError;
use domain::{Code, Reason};
use sea_orm::{DbErr, RuntimeErr};

use crate::{
    crypto::{
        password::{Busy, WAITING_MAX},
        token::TokenError,
    },
    kernel::left::Left,
};

/// Seconds in which those who wait for their password to be looked at are through.
const BUSY_SECS: u64 = 2;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Refused or waiting, with the whole reason.
    #[error("{}", .0.message)]
    Refused(Reason),
    #[error("fields are not valid")]
    Invalid(Vec<FieldError>),
    #[error("too many requests")]
    RateLimited { left: Left, retry_after_secs: u64 },
    /// Refused for now: something changes by itself in so many seconds.
    #[error("{}", .reason.message)]
    Later {
        reason: Reason,
        retry_after_secs: u64,
    },
    #[error("the database did not answer as it should")]
    Database(#[source] DbErr),
    #[error("an internal failure")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Fields that are read together, so that each one that has to change is named.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    pub(crate) fn read<T>(&mut self, pointer: &str, read: Result<T, String>) -> Option<T> {
        let pointer = pointer.to_owned();
        read.map_err(|detail| self.0.push(FieldError { pointer, detail }))
            .ok()
    }

    /// What was read, if all of it is good.
    pub(crate) fn good<T>(self, read: Option<T>) -> Result<T, Error> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(Error::Invalid(self.0)),
        }
    }
}

impl From<Vec<FieldError>> for Fields {
    fn from(errors: Vec<FieldError>) -> Self {
        Self(errors)
    }
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self::Refused(Reason::new(code, message))
    }

    pub(crate) fn with_fix(code: Code, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused(Reason::with_fix(code, message, fix))
    }

    /// The same for what does not exist and what belongs to others.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "Not found, or you don't have access.")
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "Your session has expired.")
    }

    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            pointer: pointer.to_owned(),
            detail: detail.into(),
        }])
    }

    /// What the caller is told.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Refused(reason) => reason.clone(),
            Self::Invalid(errors) => {
                let facts: Vec<String> = errors
                    .iter()
                    .map(|error| format!("{}: {}", error.pointer, error.detail))
                    .collect();
                Reason::new(Code::Invalid, format!("{}.", facts.join("; ")))
            }
            Self::Later { reason, .. } => reason.clone(),
            Self::RateLimited {
                retry_after_secs, ..
            } => Reason::new(
                Code::RateLimited,
                format!("Too many requests. Try again in {retry_after_secs} s."),
            ),
            Self::Database(error) if is_away(error) => {
                Reason::new(Code::Unavailable, "The database doesn't answer.")
            }
            Self::Database(_) | Self::Internal(_) => {
                Reason::new(Code::Internal, "labyard couldn't complete this request.")
            }
        }
    }
}

/// The database is busy, restarting or not there: the same request may succeed in a moment.
pub(crate) fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sea_orm::SqlxError::Database(error) => {
                    // Connection failures, shutdowns, serialization failures, cancelled statements.
                    error.code().is_some_and(|code| {
                        code.starts_with("08")
                            || code.starts_with("57")
                            || code.starts_with("40")
                            || code.starts_with("53")
                    })
                }
                sea_orm::SqlxError::Io(_)
                | sea_orm::SqlxError::PoolTimedOut
                | sea_orm::SqlxError::PoolClosed => true,
                _ => false,
            }
        }
        _ => false,
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Busy> for Error {
    fn from(_: Busy) -> Self {
        Self::RateLimited {
            left: Left::none("passwords", WAITING_MAX as u32, BUSY_SECS),
            retry_after_secs: BUSY_SECS,
        }
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        Self::Internal(error.into())
    }
}
