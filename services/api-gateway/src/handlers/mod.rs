//! HTTP in, HTTP out: each handler reads its request, asks the rules, writes the answer.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod clusters;
pub(crate) mod hosts;
pub(crate) mod meta;
pub(crate) mod organizations;
pub(crate) mod shares;
pub(crate) mod tasks;
pub(crate) mod timeline;
pub(crate) mod webhooks;
pub(crate) mod workspaces;

use actix_web::HttpResponse;

use crate::http::problem::Failure;

pub(crate) type Answer = Result<HttpResponse, Failure>;
