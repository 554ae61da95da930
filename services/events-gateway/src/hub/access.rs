//! What one person may see: pure, and the same for every stream they have open.

use api::{
    Timestamp,
    event::{Audience, Grants},
};
use domain::{ClusterId, OrganizationId, UserId};

/// A person's grants and the place in the log they are true at.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub user: UserId,
    pub grants: Grants,
    /// Changes up to here are in the grants already.
    pub at: u64,
}

impl Access {
    /// Whether an event for this audience, about this cluster, may be shown to the person.
    pub(crate) fn sees(
        &self,
        audience: &Audience,
        cluster: Option<ClusterId>,
        now: Timestamp,
    ) -> bool {
        match audience {
            Audience::Organization {
                organization_id,
                least_role,
            } => {
                self.grants.organizations.iter().any(|grant| {
                    grant.organization_id == *organization_id && grant.role >= *least_role
                }) || cluster.is_some_and(|cluster| self.shares(cluster, now))
            }
            Audience::User { user_id } => *user_id == self.user,
            Audience::Hub | Audience::Unknown => false,
        }
    }

    pub(crate) fn in_organization(&self, id: OrganizationId) -> bool {
        let mut grants = self.grants.organizations.iter();
        grants.any(|grant| grant.organization_id == id)
    }

    pub(crate) fn shares(&self, cluster: ClusterId, now: Timestamp) -> bool {
        self.grants
            .clusters
            .iter()
            .any(|grant| grant.cluster_id == cluster && grant.until.is_none_or(|until| until > now))
    }
}

#[cfg(test)]
mod tests {
    use api::event::{ClusterGrant, OrganizationGrant};
    use chrono::{DateTime, Duration, Utc};
    use domain::Role;

    use super::*;

    fn at(secs: i64) -> Timestamp {
        (DateTime::<Utc>::UNIX_EPOCH + Duration::seconds(secs)).into()
    }

    fn id<T>(make: fn(uuid::Uuid) -> T, number: u128) -> T {
        make(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn an_event_is_shown_to_whom_role_share_or_name_allow() {
        let (ours, theirs) = (
            id(OrganizationId::from_uuid, 1),
            id(OrganizationId::from_uuid, 2),
        );
        let (shared, other) = (id(ClusterId::from_uuid, 1), id(ClusterId::from_uuid, 2));
        let me = id(UserId::from_uuid, 1);
        let access = Access {
            user: me,
            at: 0,
            grants: Grants {
                organizations: vec![OrganizationGrant {
                    organization_id: ours,
                    role: Role::Member,
                }],
                clusters: vec![ClusterGrant {
                    cluster_id: shared,
                    until: Some(at(100)),
                }],
            },
        };
        let organization = |organization_id, least_role| Audience::Organization {
            organization_id,
            least_role,
        };
        for (audience, cluster, now, expected) in [
            (organization(ours, Role::Viewer), None, 0, true),
            (organization(ours, Role::Member), Some(other), 0, true),
            (organization(ours, Role::Admin), Some(other), 0, false),
            (organization(theirs, Role::Viewer), Some(other), 0, false),
            (organization(theirs, Role::Viewer), None, 0, false),
            (organization(theirs, Role::Viewer), Some(shared), 99, true),
            (organization(theirs, Role::Viewer), Some(shared), 100, false),
            (Audience::User { user_id: me }, None, 0, true),
            (
                Audience::User {
                    user_id: id(UserId::from_uuid, 2),
                },
                Some(shared),
                0,
                false,
            ),
            (Audience::Hub, Some(shared), 0, false),
            (Audience::Unknown, Some(shared), 0, false),
        ] {
            assert_eq!(
                access.sees(&audience, cluster, at(now)),
                expected,
                "{audience:?} {cluster:?} at {now}"
            );
        }
    }
}
