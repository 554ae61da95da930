//! Organizations: make, rename, dissolve.

use api::{
    Page,
    organization::{NameOrganization, Organization},
};
use domain::{Action, Code, Name, OrganizationId, Role, UserId, WorkspaceId};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    Error,
    authorize::{self, Actor},
    events,
    once::{Repeat, once},
    share,
};
use crate::{
    db::{self, organization::OrganizationRow},
    state::App,
};

pub(crate) async fn list(app: &App, actor: &Actor) -> Result<Page<Organization>, Error> {
    let rows = db::organization::list_for(&app.people, actor.user).await?;
    Ok(Page {
        items: rows
            .iter()
            .filter(|row| actor.reaches(Some(row.id)))
            .filter_map(OrganizationRow::public)
            .collect(),
        next_cursor: None,
    })
}

pub(crate) async fn get(
    app: &App,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Error> {
    let row =
        authorize::organization(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
    row.public().ok_or_else(Error::not_found)
}

/// A new one, with the actor as its owner and a default workspace.
pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    wanted: NameOrganization,
) -> Result<Organization, Error> {
    let name = title(&wanted.name)?;
    once(app, actor, repeat, async |txn| {
        check_may_own(app, txn, actor.user, Hears::Themselves).await?;
        let id = OrganizationId::from_uuid(Uuid::now_v7());
        db::organization::insert(txn, id, &name).await?;
        db::member::put(txn, id, actor.user, Role::Owner).await?;
        let workspace = WorkspaceId::from_uuid(Uuid::now_v7());
        db::workspace::insert(txn, workspace, id, "default").await?;
        events::access_changed(txn, &[actor.user]).await?;
        found(txn, actor, id).await
    })
    .await
}

/// Who hears that somebody owns as many organizations as one person may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hears {
    Themselves,
    Another,
}

/// Refuses to make somebody an owner who owns as many organizations as one person may: what one account may
/// not make, two do not make for each other. Their row is locked, so the last place has one winner.
pub(super) async fn check_may_own(
    app: &App,
    txn: &DatabaseTransaction,
    user: UserId,
    hears: Hears,
) -> Result<(), Error> {
    db::person::lock(txn, user).await?;
    let most = app.options.organizations_per_person;
    if db::organization::owned(txn, user).await? < i64::from(most) {
        return Ok(());
    }
    let (who, fix) = match hears {
        Hears::Themselves => ("You own", "Delete one or transfer ownership first."),
        Hears::Another => ("This person owns", "Choose another person."),
    };
    let message = format!("{who} {most} organizations, the maximum for one person.");
    Err(Error::with_fix(Code::QuotaExceeded, message, fix))
}

pub(crate) async fn rename(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: OrganizationId,
    wanted: NameOrganization,
) -> Result<Organization, Error> {
    let name = title(&wanted.name)?;
    once(app, actor, repeat, async |txn| {
        authorize::organization(txn, actor, Action::OrganizationChange, Some(id)).await?;
        db::organization::rename(txn, id, &name).await?;
        events::organization(txn, id).await?;
        found(txn, actor, id).await
    })
    .await
}

/// Ends an organization that holds no cluster any more.
pub(crate) async fn delete(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: OrganizationId,
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        let row = authorize::organization_locked(txn, actor, Action::OrganizationOwn, id).await?;
        if row.personal {
            return Err(personal("deleted", "Delete your account to delete it."));
        }
        let live = db::organization::live_clusters(txn, id).await?;
        if live > 0 {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Organization {} still has {live} clusters.", row.name),
                "Delete the clusters first and wait until they are gone.",
            ));
        }
        let mut people = db::member::everyone(txn, id).await?;
        events::organization_left(txn, &people).await?;
        people.extend(share::end_all(txn, id).await?);
        db::organization::dissolve(txn, id).await?;
        events::access_changed(txn, &people).await
    })
    .await
}

pub(super) async fn found(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Error> {
    let row = authorize::organization(txn, actor, Action::OrganizationRead, Some(id)).await?;
    row.public().ok_or_else(Error::not_found)
}

fn title(name: &str) -> Result<Name, Error> {
    Name::read(name).map_err(|detail| Error::invalid("/name", detail))
}

pub(super) fn personal(what: &str, fix: &str) -> Error {
    Error::with_fix(
        Code::WrongStatus,
        format!("A personal organization can't be {what}."),
        fix,
    )
}
