//! How the way to a provider and back may end.

use api::{Secret, auth::oidc::RefusedLogin};

use crate::{
    kernel::error::Error,
    openid::{issuer::Away, provider::Provider},
};

/// A browser that is back: the page it goes to, and its login if there is a new one.
pub(crate) struct Back {
    pub(crate) page: String,
    pub(crate) cookie: Option<Secret>,
}

/// Why a browser comes back without a login, or why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("refused: {}", .0.as_str())]
    Refused(RefusedLogin),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<RefusedLogin> for Ended {
    fn from(why: RefusedLogin) -> Self {
        Self::Refused(why)
    }
}

impl From<sea_orm::DbErr> for Ended {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) fn warn(provider: &Provider, away: &Away) {
    let error = away as &dyn std::error::Error;
    tracing::warn!(
        provider = provider.id,
        error,
        "a provider of identities cannot be used"
    );
}
