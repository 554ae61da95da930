//! A cluster's name: in a workspace, one has it at a time.

use domain::Code;
use sea_orm::{DbErr, SqlErr};

use crate::kernel::error::Error;

/// The name of a new cluster is somebody else's already.
pub(crate) fn taken(error: DbErr, name: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::new(
            Code::NameTaken,
            format!("A cluster named {name} already exists in this workspace."),
        ),
        _ => error.into(),
    }
}
