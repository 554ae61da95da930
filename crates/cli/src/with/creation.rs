//! Asking for the cluster, so that whatever happens meanwhile it is known what to delete.

use api::{
    client::{AcceptedAt, Error},
    cluster::CreateCluster,
};
use uuid::Uuid;

use super::{cleanup, ended::Ended, lab::Lab, signals::Signals};
use crate::{failure::Failure, output, session::Session};

/// Nobody else has this one, so that it can be looked for when the answer was lost.
pub(super) fn made_up_name() -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!("with-{}", &random[..12])
}

/// Asks for the cluster. A signal meanwhile is kept until the answer says what to delete; the
/// second one is the end.
pub(super) async fn make(
    session: &mut Session,
    wanted: CreateCluster,
    name_made_up: bool,
    signals: &mut Signals,
) -> Result<Result<Lab, Ended>, Failure> {
    let asked = {
        let mut asking = std::pin::pin!(request(session, &wanted));
        loop {
            let again = signals.first.is_some();
            tokio::select! {
                biased;
                signal = signals.next() => {
                    if again {
                        may_be_left(&wanted.name);
                        return Ok(Err(Ended::Interrupted(signal)));
                    }
                    output::complain("Interrupted. Waiting to learn what to delete.");
                }
                asked = &mut asking => break asked,
            }
        }
    };
    match asked {
        Ok(accepted) => Ok(Ok(Lab::of(accepted))),
        Err(failure) => {
            // A name that somebody chose may be that of another cluster: it is only named.
            let settled = is_refusal(&failure)
                || (name_made_up && cleanup::search(session, &wanted.name).await);
            if !settled {
                may_be_left(&wanted.name);
            }
            Err(failure)
        }
    }
}

async fn request(session: &mut Session, wanted: &CreateCluster) -> Result<AcceptedAt, Failure> {
    session
        .call(|client| async move { client.create_cluster_at(wanted).await })
        .await
}

/// The server heard it and did not do it.
fn is_refusal(failure: &Failure) -> bool {
    match failure {
        Failure::Api(Error::Problem(problem)) => problem.status < 500,
        Failure::Api(_) => false,
        _ => true,
    }
}

fn may_be_left(name: &str) {
    output::complain(&format!(
        "The cluster {name} may have been created. If so, it is deleted when it expires."
    ));
    output::advise(&format!("Delete it now: labyard cluster delete {name}"));
}
