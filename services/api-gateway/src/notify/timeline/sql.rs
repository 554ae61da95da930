//! Pages of the log, through membership and shares.

use api::{Timestamp, event::kind};
use domain::{ClusterId, OrganizationId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::kernel::{log::sql::Place, postgres::sql};

#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) workspace: Option<WorkspaceId>,
    /// The organization that a token is limited to.
    pub(crate) only: Option<OrganizationId>,
    pub(crate) cluster: Option<ClusterId>,
    /// What this person asked for: their tasks, and the clusters they made.
    pub(crate) by: Option<UserId>,
    /// Written into the log at or after `from` and before `until`.
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// Like `cluster.changed`.
    pub(crate) kinds: Option<Vec<&'static str>>,
    /// Only what is before this position.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u64,
}

/// Roles, the least first.
const RANKS: &str = "array['viewer', 'member', 'admin', 'owner']";

/// Events whose audience this person is in, newest first. Each organization's are read along its own
/// index, the newest few of each, however much else is in the log.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<Place>, DbErr> {
    let before = filter.before.and_then(|before| i64::try_from(before).ok());
    let mut values: Vec<Value> = vec![
        user.uuid().into(),
        before.unwrap_or(i64::MAX).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
        user.to_string().into(),
    ];
    let narrowed = narrow(filter, &mut values);
    let text = format!(
        "select distinct on (place) place, audience, event from (
            select e.* from member m cross join lateral (
                select position as place, audience, event from event
                where organization_id = m.organization_id and position < $2 and audience ->> 'to' = 'organization'
                  and array_position({RANKS}, m.role) >= array_position({RANKS}, audience ->> 'least_role') {narrowed}
                order by position desc limit $3) as e
            where m.user_id = $1
            union all
            select e.* from live_share s cross join lateral (
                select position as place, audience, event from event
                where organization_id = s.organization_id and cluster_id = s.cluster_id and position < $2
                  and audience ->> 'to' = 'organization' {narrowed}
                order by position desc limit $3) as e
            where s.user_id = $1
            union all
            (select position, audience, event from event
             where audience ->> 'to' = 'user' and audience ->> 'user_id' = $4 and position < $2 {narrowed}
             order by position desc limit $3)
         ) as seen order by place desc limit $3"
    );
    let rows = connection.query_all_raw(sql(&text, values)).await?;
    rows.iter().map(Place::from_row).collect()
}

/// The filter as conditions, whose values are added to those of the statement.
fn narrow(filter: &Filter, values: &mut Vec<Value>) -> String {
    let at = |time: Timestamp| Value::from(time.datetime());
    let conditions: [(&str, Option<Value>); 7] = [
        ("organization_id =", filter.only.map(|id| id.uuid().into())),
        (
            "organization_id =",
            filter.organization.map(|id| id.uuid().into()),
        ),
        ("cluster_id =", filter.cluster.map(|id| id.uuid().into())),
        (
            "event ->> 'workspace_id' =",
            filter.workspace.map(|id| id.to_string().into()),
        ),
        (
            "event -> 'data' ->> 'created_by' =",
            filter.by.map(|id| id.to_string().into()),
        ),
        ("at >=", filter.from.map(at)),
        ("at <", filter.until.map(at)),
    ];
    let mut narrowed = String::new();
    for (condition, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            narrowed.push_str(&format!(" and {condition} ${}", values.len()));
        }
    }
    let signals = kind::SIGNALS.join("', '");
    narrowed.push_str(&format!(" and event ->> 'type' not in ('{signals}')"));
    if let Some(kinds) = &filter.kinds {
        // A list as one value: no type has a comma in it.
        values.push(kinds.join(",").into());
        let list = format!("string_to_array(${}, ',')", values.len());
        narrowed.push_str(&format!(" and event ->> 'type' = any({list})"));
    }
    narrowed
}
