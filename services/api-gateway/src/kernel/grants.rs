//! What a person may see, and how every hub learns at which place in the log that changed.

use api::event::{AccessChanged, Audience, ClusterGrant, Event, Grants, OrganizationGrant, kind};
use domain::{OrganizationId, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbErr};

use crate::kernel::{
    access,
    error::Error,
    log::{
        self,
        event::{bare, data},
    },
    person,
};

/// All that a person may see, as it now is.
pub(crate) async fn of<C: ConnectionTrait>(connection: &C, user: UserId) -> Result<Grants, Error> {
    let organizations = person::memberships(connection, user).await?;
    let shared = access::shared_with(connection, user).await?;
    Ok(Grants {
        organizations: organizations
            .into_iter()
            .map(|row| OrganizationGrant {
                organization_id: OrganizationId::from_uuid(row.organization_id),
                role: row.role.0,
            })
            .collect(),
        clusters: shared
            .into_iter()
            .map(|(cluster_id, until)| ClusterGrant {
                cluster_id,
                until: until.map(Into::into),
            })
            .collect(),
    })
}

/// What these people may see changed: every hub goes by it from this place in the log on. Their rows
/// are locked first, so that the last one written is complete.
pub(crate) async fn changed<C: ConnectionTrait>(txn: &C, people: &[UserId]) -> Result<(), Error> {
    for user in lock(txn, people).await? {
        let change = AccessChanged {
            user_id: user,
            session_ended: None,
            grants: Some(of(txn, user).await?),
        };
        hubs(txn, &change).await?;
    }
    Ok(())
}

/// A login ended: every hub closes its streams at this place in the log.
pub(crate) async fn session_ended<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    session: SessionId,
) -> Result<(), DbErr> {
    let change = AccessChanged {
        user_id: user,
        session_ended: Some(session),
        grants: None,
    };
    hubs(txn, &change).await
}

/// Locks the rows of these people, in one order; gives those who are there.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    people: &[UserId],
) -> Result<Vec<UserId>, DbErr> {
    let mut wanted = people.to_vec();
    wanted.sort();
    wanted.dedup();
    let mut there = Vec::with_capacity(wanted.len());
    for user in wanted {
        if person::lock(txn, user).await? {
            there.push(user);
        }
    }
    Ok(there)
}

async fn hubs<C: ConnectionTrait>(txn: &C, change: &AccessChanged) -> Result<(), DbErr> {
    let event = Event {
        data: data(change)?,
        ..bare(kind::ACCESS_CHANGED)
    };
    log::append(txn, Audience::Hub, event).await
}
