//! The one place that says yes: an actor, an action, an object found through what the actor holds.

use domain::{Action, Code, Rights, Role, ScopeLevel};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::kernel::{
    actor::{Actor, Asked},
    error::Error,
};

/// Asks once more for a right that was held: each object's noun knows how (`objects.rs` composes it).
pub(crate) type Again =
    for<'a> fn(&'a DatabaseTransaction, &'a Actor, Asked) -> BoxFuture<'a, Result<(), Error>>;

/// No for what an API token is not for.
pub(crate) fn beyond_scope(least: Option<ScopeLevel>) -> Error {
    let fix = match least {
        Some(least) => format!("Use a token with scope {}, or log in.", least.as_str()),
        None => "Log in. Tokens can't do this.".into(),
    };
    Error::with_fix(
        Code::Forbidden,
        "This token's scope doesn't allow this.",
        fix,
    )
}

/// Yes for what is held that allows it; who holds nothing on an object finds nothing. What belongs to
/// the installation is its administrators', whatever their roles.
pub(crate) fn authorize(actor: &Actor, action: Action, rights: &Rights) -> Result<(), Error> {
    let refused = if action == Action::Installation {
        if actor.is_admin && actor.within(action) {
            return Ok(());
        }
        Error::with_fix(
            Code::Forbidden,
            "Only administrators of this installation can do this.",
            "Ask your administrator.",
        )
    } else if !rights.any() {
        return Err(Error::not_found());
    } else if !actor.within(action) {
        beyond_scope(action.least_scope())
    } else if rights.allow(action) {
        return Ok(());
    } else {
        forbidden(action, rights.role)
    };
    let role = rights.role.map(Role::as_str);
    tracing::info!(user = %actor.user, ?action, role, "refused");
    Err(refused)
}

fn forbidden(action: Action, role: Option<Role>) -> Error {
    let who = match role {
        Some(role) => format!(
            "The {} role in this organization doesn't allow this.",
            role.as_str()
        ),
        None => "A share lets you view and use this cluster, nothing else.".into(),
    };
    let least = action.least_role().map_or("admin", Role::as_str);
    let fix = match role {
        Some(_) => {
            format!(
                "Ask an owner or admin of the organization for the {least} role, or to do this for you."
            )
        }
        None => "Ask the person who shared the cluster with you.".into(),
    };
    Error::with_fix(Code::Forbidden, who, fix)
}

/// What is nobody's in particular: hosts, the pool, the self-checks.
pub(crate) fn installation(actor: &Actor) -> Result<(), Error> {
    authorize(actor, Action::Installation, &Rights::default())
}

/// What a role in an organization gives, and nothing else.
pub(crate) fn in_role(role: Option<Role>) -> Rights {
    Rights {
        role,
        ..Rights::default()
    }
}
