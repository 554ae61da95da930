//! The nouns of labyard and the rules that need neither IO nor a clock: identifiers, states,
//! the planner, roles, limits and reasons. Every service decides by these and none keeps a copy.
#![deny(missing_docs, clippy::missing_errors_doc)]

pub mod action;
pub mod backoff;
pub mod characters;
pub mod cluster;
pub mod endpoint;
pub mod event;
pub mod health;
pub mod id;
pub mod ledger;
pub mod limits;
pub mod plan;
pub mod reason;
pub mod rights;
pub mod role;
pub mod scope;
pub mod stream;
pub mod task;
pub mod text;
pub mod verb;
pub mod word;
pub mod workspace;

pub use action::Action;
pub use backoff::Backoff;
pub use cluster::{ClusterHealth, ClusterStatus, Desired, Goal, Resources};
pub use endpoint::Endpoint;
pub use event::{Cursor, Incarnation};
pub use health::{Components, Part};
pub use id::{
    ClusterId, EventId, HostId, IdentityId, InvitationId, OrganizationId, SessionId, ShareId,
    TaskId, TrustId, UserId, WebhookId, WorkerId, WorkspaceId,
};
pub use plan::{NodeState, Observed, Step, plan};
pub use reason::{Code, Reason};
pub use rights::{Group, Level, NamespaceGrant, Rights, ShareGrant};
pub use role::Role;
pub use scope::{Scope, ScopeLevel};
pub use stream::{StreamAudit, StreamKind, StreamLimits, StreamRules};
pub use task::{Blame, TaskKind, TaskStatus};
pub use text::{Address, Name};
pub use verb::{Judgement, Refusal, Retryable, Ruling, Standing, Transition, Verb, judge, rule};
pub use word::UnknownWord;
pub use workspace::WorkspaceStatus;

#[cfg(test)]
mod tests {
    use std::{fmt::Debug, str::FromStr};

    use serde::Serialize;

    use super::{
        ClusterHealth, ClusterStatus, Goal, Level, Role, ScopeLevel, Step, StreamKind, TaskKind,
        TaskStatus, word::UnknownWord,
    };

    fn reads<T>(all: &[T], as_str: impl Fn(T) -> &'static str)
    where
        T: Copy + Debug + PartialEq + Serialize + FromStr<Err = UnknownWord>,
    {
        for value in all {
            let word = as_str(*value);
            assert_eq!(word.parse(), Ok(*value));
            assert_eq!(serde_json::to_value(value).ok(), Some(word.into()));
        }
        for word in ["", "resting", "unknown", "UNKNOWN"] {
            assert!(word.parse::<T>().is_err(), "{word:?} was taken for one");
        }
    }

    #[test]
    fn every_word_is_read_as_it_is_written_and_an_unknown_one_is_an_error() {
        reads(&ClusterStatus::ALL, ClusterStatus::as_str);
        reads(&ClusterHealth::ALL, ClusterHealth::as_str);
        reads(&Goal::ALL, Goal::as_str);
        reads(&TaskKind::ALL, TaskKind::as_str);
        reads(&TaskStatus::ALL, TaskStatus::as_str);
        reads(&Step::ALL, Step::as_str);
        reads(&StreamKind::ALL, StreamKind::as_str);
        reads(&Role::ALL, Role::as_str);
        reads(&ScopeLevel::ALL, ScopeLevel::as_str);
        reads(&Level::ALL, Level::as_str);
    }
}
