//! The nouns of labyard and the rules that need neither IO nor a clock: identifiers, states,
//! the planner, roles, limits and reasons. Every service decides by these and none keeps a copy.
#![deny(missing_docs, clippy::missing_errors_doc)]

pub mod backoff;
pub mod cluster;
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
pub mod task;
pub mod text;
pub mod verb;
pub mod workspace;

pub use backoff::Backoff;
pub use cluster::{ClusterHealth, ClusterStatus, Desired, Goal, Resources};
pub use event::{Cursor, Incarnation};
pub use health::{Components, Part};
pub use id::{
    ClusterId, EventId, HostId, IdentityId, InvitationId, OrganizationId, SessionId, ShareId,
    TaskId, TrustId, UserId, WebhookId, WorkerId, WorkspaceId,
};
pub use plan::{NodeState, Observed, Step, plan};
pub use reason::{Code, Reason};
pub use rights::{Group, Level, NamespaceGrant, Rights};
pub use role::{Action, Role};
pub use scope::{Scope, ScopeLevel};
pub use task::{Blame, TaskKind, TaskStatus};
pub use text::{Address, Name};
pub use verb::{Judgement, Refusal, Retryable, Ruling, Standing, Turn, Verb, judge, rule};
pub use workspace::WorkspaceStatus;
