//! Shares: a grant on one cluster, to a person or to whoever has a link; never more than operator.

pub(crate) mod access;
pub(crate) mod due;
pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod sql;

use api::{
    FieldError, Page, Secret,
    share::{CreateShare, NewShare, Share, ShareFor},
};
use domain::{
    Action, Address, ClusterId, ClusterStatus, Code, Level, OrganizationId, ShareId, UserId, limits,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    clusters::{cluster, transition::wrong_status},
    crypto::link::Link,
    kernel::{
        actor::{Actor, Asked, Object},
        error::Error,
        grants,
        idempotency::{Repeat, once},
        page, person,
        state::App,
        tenant,
    },
    tenancy::share::sql::ShareRow,
};

/// Hours a link is good if nothing is said.
const LINK_HOURS: f64 = 24.0;

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    cluster: ClusterId,
    wanted: CreateShare,
) -> Result<NewShare, Error> {
    check(&wanted)?;
    let share: Share = once(app, actor, repeat, async |txn| {
        let share = Action::ClusterShare;
        let (row, _) = cluster::permitted(txn, actor, share, cluster).await?;
        let organization = row.organization().ok_or_else(Error::not_found)?;
        // A role that falls takes back what it gave: nothing is given after that by what held before.
        tenant::sql::lock_shared(txn, organization).await?;
        let (row, _) = cluster::permitted(txn, actor, share, cluster).await?;
        if matches!(
            row.status(),
            ClusterStatus::Deleting | ClusterStatus::Deleted
        ) {
            return Err(wrong_status(&row));
        }
        let user = match wanted.email.as_deref() {
            Some(email) => Some(person(txn, email).await?),
            None => None,
        };
        let id = ShareId::from_uuid(Uuid::now_v7());
        let new = sql::NewShare {
            id,
            cluster,
            organization,
            user,
            level: wanted.level,
            namespaces: &wanted.namespaces,
            hours: wanted.hours.or(user.is_none().then_some(LINK_HOURS)),
            uses: wanted.uses.unwrap_or(1),
            created_by: actor.user,
        };
        sql::insert(txn, new).await?;
        sql::at_share_end(txn, id).await?;
        actor
            .trail
            .note(serde_json::json!({ "share": id, "level": wanted.level, "to": wanted.email }));
        if let Some(user) = user {
            grants::changed(txn, &[user]).await?;
        }
        let made = sql::find(txn, id).await?;
        if let Some(row) = &made {
            events::shares(txn, row, user.as_slice()).await?;
        }
        shown(made)
    })
    .await?;
    let token = share
        .person
        .is_none()
        .then(|| app.keys.link(Link::Share, share.id.uuid()));
    Ok(NewShare {
        url: token.as_ref().map(|token| app.options.page("share", token)),
        share,
        token,
    })
}

/// Whoever has this address, as the one who shares already knows it.
async fn person(txn: &DatabaseTransaction, email: &str) -> Result<UserId, Error> {
    let found = person::by_email(txn, &Address::of(email)).await?;
    found.map(|row| UserId::from_uuid(row.id)).ok_or_else(|| {
        Error::invalid(
            "/email",
            "no one here has this address; create a link instead",
        )
    })
}

fn shown(row: Option<ShareRow>) -> Result<Share, Error> {
    row.and_then(|row| row.public())
        .ok_or_else(Error::not_found)
}

fn check(wanted: &CreateShare) -> Result<(), Error> {
    let mut errors = Vec::new();
    let mut field = |pointer: String, result: Result<(), String>| {
        errors.extend(result.err().map(|detail| FieldError { pointer, detail }));
    };
    let (none, most) = (wanted.namespaces.is_empty(), limits::SHARE_NAMESPACES_MAX);
    field(
        "/namespaces".into(),
        match wanted.level {
            Level::Namespaces if none => Err("name at least one".into()),
            Level::Namespaces if wanted.namespaces.len() > most => Err(format!("at most {most}")),
            Level::Viewer | Level::Operator if !none => {
                Err("only with the level `namespaces`".into())
            }
            _ => Ok(()),
        },
    );
    for (i, namespace) in wanted.namespaces.iter().enumerate().take(most) {
        field(
            format!("/namespaces/{i}/name"),
            limits::check_namespace(&namespace.name),
        );
    }
    if let Some(hours) = wanted.hours {
        field("/hours".into(), limits::check_share_hours(hours));
    }
    if let Some(uses) = wanted.uses {
        field(
            "/uses".into(),
            match wanted.email {
                Some(_) => Err("only links have uses".into()),
                None => limits::check_range(uses, 1, limits::LINK_USES_MAX),
            },
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    cluster: ClusterId,
    before: Option<ShareId>,
    limit: u64,
) -> Result<Page<Share>, Error> {
    cluster::permitted(&app.people, actor, Action::ClusterShare, cluster).await?;
    let rows = sql::list(&app.people, cluster, before, page::rows(limit)).await?;
    let place = |row: &ShareRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

/// Ends a share, and with a link what came by it. Everyone may end what was given to them.
pub(crate) async fn end(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    (cluster, id): (ClusterId, ShareId),
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        let found = sql::find(txn, id).await?;
        let found = found.filter(|row| row.cluster() == cluster);
        let theirs = found
            .as_ref()
            .is_some_and(|row| row.user() == Some(actor.user));
        let action = if theirs {
            Action::ClusterRead
        } else {
            Action::ClusterShare
        };
        cluster::permitted(txn, actor, action, cluster).await?;
        if found.is_none() {
            return Err(Error::not_found());
        }
        actor.trail.note(serde_json::json!({ "share": id }));
        ended(txn, id).await
    })
    .await
}

/// Ends a share and tells the hubs of it.
pub(crate) async fn ended(txn: &DatabaseTransaction, id: ShareId) -> Result<(), Error> {
    let share = sql::find(txn, id).await?;
    let people = sql::end(txn, id).await?;
    grants::changed(txn, &people).await?;
    match share {
        Some(row) => events::shares(txn, &row, &people).await,
        None => Ok(()),
    }
}

/// Ends all of an organization's and tells each whom they were for; gives those people.
pub(crate) async fn end_all(
    txn: &DatabaseTransaction,
    organization: OrganizationId,
) -> Result<Vec<UserId>, Error> {
    let ended = sql::end_all(txn, organization).await?;
    events::shares_left(txn, &ended).await?;
    Ok(ended.into_iter().map(|(user, _)| user).collect())
}

/// The link that a token is the secret of.
fn read(app: &App, token: &Secret) -> Result<ShareId, Error> {
    app.keys
        .read_link(Link::Share, token)
        .map(ShareId::from_uuid)
        .ok_or_else(not_good)
}

/// What the holder of a token is given; the same after they have taken it.
pub(crate) async fn look(app: &App, token: &Secret) -> Result<ShareFor, Error> {
    let link = read(app, token)?;
    sql::looked_at(&app.people, link)
        .await?
        .and_then(|row| row.shown())
        .ok_or_else(not_good)
}

/// Gives the actor what a link gives. Taken twice, it is the same share.
pub(crate) async fn redeem(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    token: &Secret,
) -> Result<Share, Error> {
    let link = read(app, token)?;
    once(app, actor, repeat, async |txn| {
        let row = sql::find(txn, link).await?;
        let row = row
            .filter(|row| row.user().is_none())
            .ok_or_else(not_good)?;
        let organization = Some(row.organization().uuid());
        actor
            .trail
            .about(organization, None, Some(row.cluster().uuid()));
        actor.trail.note(serde_json::json!({ "link": link }));
        // A repeat after what it gave has ended is answered as anybody.
        let given = Asked::of(Action::ClusterRead, Object::Cluster(row.cluster()));
        actor.trail.goes_by(given);
        tenant::sql::lock_shared(txn, row.organization()).await?;
        // One at a time for a link: the same person's second request finds the first's share.
        sql::lock(txn, link).await?;
        if let Some(had) = sql::by_link(txn, link, actor.user).await? {
            return shown(Some(had));
        }
        // Whose share was ended does not come back by the same link.
        let had = sql::was_taken(txn, link, actor.user).await?;
        if had || !sql::take(txn, link).await? {
            return Err(not_good());
        }
        let id = ShareId::from_uuid(Uuid::now_v7());
        sql::insert_taken(txn, id, link, actor.user).await?;
        let taken = sql::by_link(txn, link, actor.user).await?;
        if let Some(taken) = &taken {
            sql::at_share_end(txn, taken.id()).await?;
        }
        grants::changed(txn, &[actor.user]).await?;
        if let Some(taken) = &taken {
            events::shares(txn, taken, &[actor.user]).await?;
        }
        shown(taken)
    })
    .await
}

/// The same for a token that never was, one used up, one taken back and one too old.
fn not_good() -> Error {
    Error::with_fix(
        Code::NotFound,
        "This link is invalid or has expired.",
        "Ask the person who sent it for a new one.",
    )
}
