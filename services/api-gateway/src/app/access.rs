//! Who may reach a cluster, what they may do there, and why.

use std::collections::BTreeMap;

use api::share::{Access, Because, Person, PersonAccess};
use domain::{Action, ClusterId, Rights, UserId, rights::Held};

use super::{
    Error,
    authorize::{self, Actor},
};
use crate::{
    db::{self, cluster::ClusterRow},
    state::App,
};

/// The actions that are about one cluster.
const ACTIONS: [Action; 4] = [
    Action::ClusterRead,
    Action::ClusterUse,
    Action::ClusterChange,
    Action::ClusterShare,
];
/// People shown at most.
const PEOPLE_MAX: u64 = 500;

/// The actor's own, and everyone's to who may share it.
pub(crate) async fn of(app: &App, actor: &Actor, id: ClusterId) -> Result<Access, Error> {
    let (row, rights) = authorize::cluster(&app.people, actor, Action::ClusterRead, id).await?;
    let mut people = everyone(app, &row).await?;
    if !rights.allow(Action::ClusterShare) {
        people.retain(|one| one.person.user_id == actor.user);
    }
    people.sort_by_key(|one| one.person.user_id != actor.user);
    Ok(Access {
        cluster_id: id,
        people,
    })
}

async fn everyone(app: &App, row: &ClusterRow) -> Result<Vec<PersonAccess>, Error> {
    let mut found: BTreeMap<UserId, (Person, Rights, Vec<Because>)> = BTreeMap::new();
    let organization = row.organization().ok_or_else(Error::not_found)?;
    for member in db::member::list(&app.people, organization, None, PEOPLE_MAX).await? {
        let Some(member) = member.public() else {
            continue;
        };
        let made_it = row.created_by == Some(member.user_id.uuid());
        let rights = Rights {
            role: Some(member.role),
            made_it,
            shares: Vec::new(),
        };
        let because = [
            Some(Because::Role { role: member.role }),
            made_it.then_some(Because::MadeIt),
        ];
        let person = Person {
            user_id: member.user_id,
            name: member.name,
            email: member.email,
        };
        let because = because.into_iter().flatten().collect();
        found.insert(member.user_id, (person, rights, because));
    }
    for share in db::share::list(&app.people, row.id(), None, PEOPLE_MAX).await? {
        let (Some(public), Some(level)) = (share.public(), share.level()) else {
            continue;
        };
        let Some(person) = public.person else {
            continue;
        };
        let namespaces = share.namespaces();
        let (_, rights, because) = found
            .entry(person.user_id)
            .or_insert_with(|| (person, Rights::default(), Vec::new()));
        rights.shares.push(Held {
            level,
            namespaces: namespaces.clone(),
        });
        because.push(Because::Share {
            share_id: share.id(),
            level,
            namespaces,
            until: share.expires_at.map(Into::into),
            link: share.by_link(),
        });
    }
    Ok(found
        .into_values()
        .map(|(person, rights, because)| PersonAccess {
            actions: ACTIONS
                .into_iter()
                .filter(|action| rights.allow(*action))
                .collect(),
            groups: rights.groups(),
            person,
            because,
        })
        .collect())
}
