//! Events as they are before a noun says what happened: whom they are for, what they carry.

use api::event::{Audience, Changed, Event};
use domain::{EventId, OrganizationId, Role};
use sea_orm::DbErr;
use uuid::Uuid;

/// An event about nothing in particular, yet.
pub(crate) fn bare(kind: &str) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::now_v7()),
        kind: kind.to_owned(),
        time: chrono::Utc::now().into(),
        organization_id: None,
        workspace_id: None,
        cluster_id: None,
        task_id: None,
        status: None,
        version: 0,
        data: None,
    }
}

/// Says what is to be read again.
pub(crate) fn signal(
    kind: &str,
    organization_id: Option<OrganizationId>,
    changed: &Changed,
) -> Result<Event, DbErr> {
    Ok(Event {
        organization_id,
        data: data(changed)?,
        ..bare(kind)
    })
}

pub(crate) fn data<T: serde::Serialize>(object: &T) -> Result<Option<serde_json::Value>, DbErr> {
    serde_json::to_value(object)
        .map(Some)
        .map_err(|error| DbErr::Custom(error.to_string()))
}

pub(crate) fn everyone(organization_id: OrganizationId) -> Audience {
    Audience::Organization {
        organization_id,
        least_role: Role::Viewer,
    }
}

pub(crate) fn admins(organization_id: OrganizationId) -> Audience {
    Audience::Organization {
        organization_id,
        least_role: Role::Admin,
    }
}
