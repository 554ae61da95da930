//! HTTP in, HTTP out: each handler reads its request, asks the rules, writes the answer.

use actix_web::HttpResponse;

use crate::kernel::http::problem::Failure;

pub(crate) type Answer = Result<HttpResponse, Failure>;
