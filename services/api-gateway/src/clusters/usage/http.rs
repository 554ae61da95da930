//! `/api/v1/clusters/{id}/auto-stop` and `…/active`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::cluster::{AutoStop, Cluster};
use domain::{
    Action::{ClusterChange, ClusterUse},
    ClusterId,
};

use crate::{
    clusters::usage,
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::Id,
            reply,
            route::{
                Group,
                Reply::{Empty, Json},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("clusters", of::<ClusterId>, &[
    Route::new(("POST", "/api/v1/clusters/{id}/auto-stop"), ("auto_stop_cluster", "Stop a cluster automatically after some minutes without use, or never"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(auto_stop)).takes(of::<AutoStop>),
    Route::new(("POST", "/api/v1/clusters/{id}/active"), ("touch_cluster", "Record activity on a cluster"), ClusterUse, Empty(204), || web::post().to(active)).refuses(&[409]),
]);

pub(crate) async fn auto_stop(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<AutoStop>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let changed = usage::auto_stop(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn active(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    usage::active(&app, &caller.0, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
