//! Organizations: make, rename, dissolve.

pub(crate) mod http;

use api::{
    Page,
    organization::{NameOrganization, Organization},
};
use domain::{Action, Code, Name, OrganizationId, Role, UserId, WorkspaceId};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use crate::{
    clusters::workspace,
    kernel::{
        actor::Actor,
        error::Error,
        grants,
        idempotency::{Repeat, once},
        person,
        state::App,
        tenant::{self, sql::OrganizationRow},
    },
    tenancy::{member, share},
};

pub(crate) async fn list(app: &App, actor: &Actor) -> Result<Page<Organization>, Error> {
    let rows = tenant::sql::list_for(&app.people, actor.user).await?;
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
    let row = tenant::permitted(&app.people, actor, Action::OrganizationRead, Some(id)).await?;
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
        tenant::sql::insert(txn, id, &name).await?;
        member::sql::put(txn, id, actor.user, Role::Owner).await?;
        let workspace = WorkspaceId::from_uuid(Uuid::now_v7());
        workspace::sql::insert(txn, workspace, id, "default").await?;
        grants::changed(txn, &[actor.user]).await?;
        found(txn, actor, id).await
    })
    .await
}

/// Who hears that somebody owns as many organizations as one person may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hears {
    Themselves,
    Another,
}

/// Refuses to make somebody an owner who owns as many organizations as one person may: what one account may
/// not make, two do not make for each other. Their row is locked, so the last place has one winner.
pub(crate) async fn check_may_own(
    app: &App,
    txn: &DatabaseTransaction,
    user: UserId,
    hears: Hears,
) -> Result<(), Error> {
    person::lock(txn, user).await?;
    let most = app.options.organizations_per_person;
    if tenant::sql::owned(txn, user).await? < i64::from(most) {
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
        tenant::permitted(txn, actor, Action::OrganizationChange, Some(id)).await?;
        tenant::sql::rename(txn, id, &name).await?;
        tenant::changed(txn, id).await?;
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
        let row = tenant::permitted_locked(txn, actor, Action::OrganizationOwn, id).await?;
        if row.personal {
            return Err(personal("deleted", "Delete your account to delete it."));
        }
        let live = tenant::sql::live_clusters(txn, id).await?;
        if live > 0 {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Organization {} still has {live} clusters.", row.name),
                "Delete the clusters first and wait until they are gone.",
            ));
        }
        let mut people = member::sql::everyone(txn, id).await?;
        tenant::left(txn, &people).await?;
        people.extend(share::end_all(txn, id).await?);
        tenant::sql::dissolve(txn, id).await?;
        grants::changed(txn, &people).await
    })
    .await
}

pub(crate) async fn found(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: OrganizationId,
) -> Result<Organization, Error> {
    let row = tenant::permitted(txn, actor, Action::OrganizationRead, Some(id)).await?;
    row.public().ok_or_else(Error::not_found)
}

fn title(name: &str) -> Result<Name, Error> {
    Name::read(name).map_err(|detail| Error::invalid("/name", detail))
}

pub(crate) fn personal(what: &str, fix: &str) -> Error {
    Error::with_fix(
        Code::WrongStatus,
        format!("A personal organization can't be {what}."),
        fix,
    )
}
