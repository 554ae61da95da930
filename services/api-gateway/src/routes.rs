//! Every route there is, noun by noun. Router, OpenAPI document and matrix of rights are all made from this table;
//! docs/rights.md shows it whole (`api-gateway rights`).

use crate::{
    clusters::{cluster, task, usage, workspace},
    hosts::host,
    kernel::{
        http::route::{Group, Table},
        installation,
    },
    meta,
    notify::{audit, timeline, webhook},
    people::{account, device, login, oidc, token, trust},
    reach,
    tenancy::{invitation, member, organization, share},
};

pub use crate::kernel::http::route::{Reply, Route};

/// In the order in which somebody meets them.
const GROUPS: &[Group] = &[
    login::http::ROUTES,
    account::http::ROUTES,
    token::http::ROUTES,
    device::http::ROUTES,
    oidc::http::ROUTES,
    organization::http::ROUTES,
    member::http::ROUTES,
    invitation::http::ROUTES,
    trust::http::ROUTES,
    workspace::http::ROUTES,
    webhook::http::OF_WORKSPACE,
    webhook::http::ROUTES,
    cluster::http::ROUTES,
    reach::http::ROUTES,
    usage::http::ROUTES,
    share::http::ROUTES,
    task::http::ROUTES,
    host::http::ROUTES,
    installation::http::ROUTES,
    timeline::http::ROUTES,
    audit::http::ROUTES,
    meta::ROUTES,
];

/// The table.
pub(crate) const TABLE: Table = Table(GROUPS);

/// Each of them.
pub fn all() -> impl Iterator<Item = &'static Route> {
    TABLE.routes()
}
