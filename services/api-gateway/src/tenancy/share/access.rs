//! Who may reach a cluster, what they may do there, and why.

use api::share::{Access, Because, PersonAccess};
use domain::{Action, ClusterId, Rights, ShareGrant, ShareId, UserId};
use uuid::Uuid;

use crate::{
    clusters::cluster,
    kernel::{
        access::{self, HolderRow},
        actor::Actor,
        error::Error,
        state::App,
    },
    lookalike,
    tenancy::share::{self, sql::ShareRow},
};

/// The actions that are about one cluster.
const ACTIONS: [Action; 4] = [
    Action::ClusterRead,
    Action::ClusterUse,
    Action::ClusterChange,
    Action::ClusterShare,
];
/// People shown at most.
const PEOPLE_MAX: usize = 500;
/// Links shown at most.
const LINKS_MAX: usize = 100;

/// The actor's own, and to who may share it everyone's and the links that can still be taken.
pub(crate) async fn of(app: &App, actor: &Actor, id: ClusterId) -> Result<Access, Error> {
    let (row, rights) = cluster::permitted(&app.people, actor, Action::ClusterRead, id).await?;
    let organization = row.organization().ok_or_else(Error::not_found)?;
    let others = rights.allow(Action::ClusterShare);
    let place = (organization, id);
    let found = access::holders(
        &app.people,
        place,
        actor.user,
        others,
        PEOPLE_MAX as u64 + 1,
    )
    .await?;
    let links = match others {
        true => share::sql::links(&app.people, id, LINKS_MAX as u64 + 1).await?,
        false => Vec::new(),
    };
    let people = found.iter().take(PEOPLE_MAX);
    Ok(Access {
        cluster_id: id,
        people: people
            .map(|holder| person(holder, row.created_by))
            .collect::<Result<_, _>>()?,
        more: found.len() > PEOPLE_MAX || links.len() > LINKS_MAX,
        links: links
            .iter()
            .take(LINKS_MAX)
            .filter_map(ShareRow::public)
            .collect(),
    })
}

/// All that one person holds, what it allows, and where it comes from.
fn person(holder: &HolderRow, created_by: Option<Uuid>) -> Result<PersonAccess, Error> {
    let role = holder.role();
    let shares = holder.shares()?;
    let held = shares.iter().map(|share| ShareGrant {
        level: share.level,
        namespaces: share.namespaces.clone(),
    });
    let rights = Rights {
        role,
        made_it: created_by == Some(holder.user_id),
        shares: held.collect(),
    };
    let by_role = role.map(|role| Because::Role { role });
    let by_making = rights.by_making().then_some(Because::MadeIt);
    let by_share = shares.iter().map(|share| Because::Share {
        share_id: ShareId::from_uuid(share.id),
        level: share.level,
        namespaces: share.namespaces.clone(),
        until: share.expires_at.map(Into::into),
        link: share.link,
    });
    let because = by_role
        .into_iter()
        .chain(by_making)
        .chain(by_share)
        .collect();
    Ok(PersonAccess {
        person: lookalike::person(
            UserId::from_uuid(holder.user_id),
            holder.name.clone(),
            holder.email.clone(),
            holder.email_verified,
        ),
        actions: ACTIONS
            .into_iter()
            .filter(|action| rights.allow(*action))
            .collect(),
        groups: rights.groups(),
        because,
    })
}
