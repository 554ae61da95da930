//! Deleting the cluster after all, across lost connections; who does not wait is told what is left.

use std::{cell::Cell, time::Duration};

use api::client::{AcceptedAt, Error};
use domain::{ClusterStatus, Code};

use super::{lab::Lab, signals::Signals};
use crate::{failure::Failure, follow, output, report::report, session::Session, stream};

/// What cannot be deleted by then is left to its time to live.
const WITHIN: Duration = Duration::from_secs(3 * 60);
/// To find what may be there.
const SEARCH_WITHIN: Duration = Duration::from_secs(20);

/// Until nothing is left, or nobody wants to wait for that.
pub(super) async fn delete(session: &mut Session, lab: &Lab, signals: &mut Signals) {
    output::complain(&format!("Deleting the cluster {}.", lab.name));
    let on_its_way = Cell::new(false);
    let deleting = tokio::time::timeout(WITHIN, gone(session, lab, &on_its_way));
    let mut deleting = std::pin::pin!(deleting);
    loop {
        let again = signals.first.is_some();
        tokio::select! {
            biased;
            _ = signals.next() => {
                if again {
                    return print_left(lab, on_its_way.get());
                }
                output::complain("Deleting the cluster. Interrupt again to stop waiting.");
            }
            deleted = &mut deleting => {
                match deleted {
                    Ok(Ok(())) => output::complain(&format!("Cluster {} deleted.", lab.name)),
                    Ok(Err(failure)) => {
                        report(&failure);
                        print_left(lab, on_its_way.get());
                    }
                    Err(_) => print_left(lab, on_its_way.get()),
                }
                return;
            }
        }
    }
}

/// The answer to the create was lost: finds whether it is there, and has it deleted. Whether that
/// is certain.
pub(super) async fn search(session: &mut Session, name: &str) -> bool {
    let searching = async {
        match session.cluster(name).await {
            Ok(cluster) => request(session, &Lab::found(&cluster)).await.map(drop),
            Err(Failure::NoSuch { .. }) => Ok(()),
            Err(failure) => Err(failure),
        }
    };
    let searched = tokio::time::timeout(SEARCH_WITHIN, searching).await;
    matches!(searched, Ok(Ok(())))
}

async fn gone(session: &mut Session, lab: &Lab, on_its_way: &Cell<bool>) -> Result<(), Failure> {
    let mut tries = 0;
    let (accepted, at) = loop {
        tries += 1;
        match request(session, lab).await {
            Ok(accepted) => break accepted,
            Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::NotFound => {
                return Ok(());
            }
            Err(failure) if stream::for_good(&failure) => return Err(failure),
            Err(_) => stream::pause(tries).await,
        }
    };
    on_its_way.set(true);
    let gone = |status| status == ClusterStatus::Deleted;
    let wanted = follow::Cluster::of(&accepted.cluster, gone);
    let progress = output::Progress::for_eyes();
    follow::until(session, wanted, accepted.cluster, at, WITHIN, progress).await?;
    Ok(())
}

async fn request(session: &mut Session, lab: &Lab) -> Result<AcceptedAt, Failure> {
    let id = lab.id;
    session
        .call(|client| async move { client.delete_cluster_at(id, None).await })
        .await
}

fn print_left(lab: &Lab, on_its_way: bool) {
    if on_its_way {
        output::complain(&format!(
            "labyard is still deleting the cluster {}.",
            lab.name
        ));
        output::advise(&format!("See how it is: labyard why {}", lab.id));
    } else {
        output::complain(&format!(
            "The cluster {} is still there. It expires at {}.",
            lab.name, lab.expires_at
        ));
        output::advise(&format!("Delete it now: labyard cluster delete {}", lab.id));
    }
}
