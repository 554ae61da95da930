//! What a person holds on clusters, as SQL that every finder goes through: a role in the cluster's
//! organization, shares of the cluster. What neither gives is not found.

use domain::Rights;
use sea_orm::DbErr;

/// Holds on the cluster `c` of the person `$1`, as the column `rights`; a row without any is left
/// out by [`within`].
pub(crate) const RIGHTS: &str = "jsonb_build_object(
        'role', (select m.role from member m where m.organization_id = c.organization_id and m.user_id = $1),
        'made_it', coalesce(c.created_by = $1, false),
        'shares', coalesce((select jsonb_agg(jsonb_build_object('level', s.level, 'namespaces', s.namespaces))
            from live_share s where s.cluster_id = c.id and s.user_id = $1), '[]')) as rights";

/// The condition that keeps a query to what the person `$1` holds something on, given the columns
/// of the organization and of the cluster. The arrays are made once, so that indexes can be used.
pub(crate) fn within(organization: &str, cluster: &str) -> String {
    format!(
        "({organization} = any (array(select m.organization_id from member m where m.user_id = $1))
          or {cluster} = any (array(select s.cluster_id from live_share s where s.user_id = $1)))"
    )
}

/// The value of the column `rights`; nothing where the finder did not ask.
pub(crate) fn parse(value: Option<serde_json::Value>) -> Result<Rights, DbErr> {
    value
        .map(serde_json::from_value)
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|error| DbErr::Custom(error.to_string()))
}
