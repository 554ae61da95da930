//! What is told of shares, and to whom.

use api::event::{Audience, Changed, kind};
use domain::{ClusterId, UserId};
use sea_orm::ConnectionTrait;

use crate::{
    kernel::{
        error::Error,
        log::{
            self,
            event::{admins, signal},
        },
    },
    tenancy::share::sql::{self, ShareRow},
};

/// The shares of a cluster changed: to whoever may list them, and to the people whom it befell.
pub(crate) async fn shares<C: ConnectionTrait>(
    txn: &C,
    share: &ShareRow,
    people: &[UserId],
) -> Result<(), Error> {
    let changed = Changed {
        cluster_id: Some(share.cluster()),
        ..Changed::default()
    };
    let event = signal(kind::SHARE_CHANGED, Some(share.organization()), &changed)?;
    log::append(txn, admins(share.organization()), event).await?;
    // A member who made the cluster shares it too.
    let maker = sql::member_who_made(txn, share.cluster()).await?;
    let mut people: Vec<UserId> = people.iter().copied().chain(maker).collect();
    people.sort();
    people.dedup();
    for user_id in people {
        let event = signal(kind::SHARE_CHANGED, Some(share.organization()), &changed)?;
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}

/// The same to people whose shares ended, each alone.
pub(crate) async fn shares_left<C: ConnectionTrait>(
    txn: &C,
    ended: &[(UserId, ClusterId)],
) -> Result<(), Error> {
    for (user_id, cluster) in ended.iter().copied() {
        let changed = Changed {
            cluster_id: Some(cluster),
            ..Changed::default()
        };
        let event = signal(kind::SHARE_CHANGED, None, &changed)?;
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}
