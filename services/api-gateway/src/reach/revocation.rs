//! Whether what was allowed when it began still is: rights that end, end what goes on by them.

use std::time::Duration;

use domain::{Action, ClusterId, ClusterStatus, Code, Group};
use tokio::time::sleep;

use crate::{
    clusters::{cluster, transition::wrong_status},
    kernel::{actor::Actor, error::Error, session, state::App},
};

/// How often it is asked; what was taken away ends within this and the time of a query.
const EVERY: Duration = Duration::from_secs(1);

/// Waits until the actor's login has ended, the cluster runs no more, or they may no longer use it, or
/// not with all of these groups; then says so. A database that does not answer takes nothing away.
async fn lost(app: &App, actor: &Actor, id: ClusterId, groups: &[Group]) -> Error {
    loop {
        sleep(EVERY).await;
        match check(app, actor, id, groups).await {
            Ok(()) => {}
            Err(error) if is_refusal(&error) => {
                tracing::info!(cluster = %id, user = %actor.user, "ended: it is no longer allowed");
                return error;
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "rights could not be asked"
                );
            }
        }
    }
}

async fn check(app: &App, actor: &Actor, id: ClusterId, groups: &[Group]) -> Result<(), Error> {
    session::live_by_id(&app.people, actor.session)
        .await?
        .ok_or_else(Error::unauthenticated)?;
    let (row, rights) = cluster::permitted(&app.people, actor, Action::ClusterUse, id).await?;
    if row.status() != ClusterStatus::Running {
        return Err(wrong_status(&row));
    }
    let now = rights.groups();
    if groups.iter().all(|group| now.contains(group)) {
        Ok(())
    } else {
        Err(Error::with_fix(
            Code::Forbidden,
            "Your access to this cluster changed. labyard stopped the command.",
            "Run the command again if your access still allows it.",
        ))
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(
        error.reason().code,
        Code::Unauthenticated | Code::Forbidden | Code::NotFound | Code::WrongStatus
    )
}

/// `work`, unless the right to it is lost before it is done.
pub(crate) async fn while_held<T>(
    (app, actor, id, groups): (&App, &Actor, ClusterId, &[Group]),
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        done = work => done,
        error = lost(app, actor, id, groups) => Err(error),
    }
}
