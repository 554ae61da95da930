//! Pages of the log, through membership.

use domain::{ClusterId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{event::Place, sql};

#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) cluster: Option<ClusterId>,
    /// Like `cluster.changed`.
    pub(crate) kind: Option<String>,
    /// Only what is before this position.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u64,
}

/// Events whose audience this person is in, newest first.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<Place>, DbErr> {
    let text = "select e.position as place, e.audience, e.event from event e
        join member m on m.organization_id = e.organization_id and m.user_id = $1
        where e.audience ->> 'to' = 'organization'
          and array_position(array['viewer', 'member', 'admin', 'owner'], m.role)
            >= array_position(array['viewer', 'member', 'admin', 'owner'], e.audience ->> 'least_role')
          and ($2::uuid is null or e.cluster_id = $2)
          and ($3::text is null or e.event ->> 'workspace_id' = $3)
          and ($4::text is null or e.event ->> 'type' = $4)
          and ($5::bigint is null or e.position < $5)
        order by e.position desc limit $6";
    let before = filter.before.and_then(|before| i64::try_from(before).ok());
    let values: [Value; 6] = [
        user.uuid().into(),
        filter.cluster.map(ClusterId::uuid).into(),
        filter.workspace.map(|id| id.to_string()).into(),
        filter.kind.clone().into(),
        before.into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = connection.query_all_raw(sql(text, values)).await?;
    rows.iter().map(Place::from_row).collect()
}
