//! `/api/v1/clusters/{id}/exec` and `…/kubeconfig`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::cluster::{Exec, ExecResult};
use domain::{Action::ClusterUse, ClusterId};

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::Id,
            reply,
            route::{
                Group,
                Reply::{Json, Text},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
    reach::exec,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("clusters", of::<ClusterId>, &[
    Route::new(("POST", "/api/v1/clusters/{id}/exec"), ("exec_cluster", "Run one command in the control-plane container"), ClusterUse, Json(200, of::<ExecResult>), || web::post().to(exec)).takes(of::<Exec>).refuses(&[409]),
    Route::new(("GET", "/api/v1/clusters/{id}/kubeconfig"), ("get_kubeconfig", "Get a kubeconfig for the caller, valid for an hour"), ClusterUse, Text(200), || web::get().to(kubeconfig)).refuses(&[409]).remembered(),
]);

pub(crate) async fn exec(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<Exec>,
) -> Answer {
    let repeat = key.with(&body.0)?;
    let result = exec::exec(&app, &caller.0, &repeat, id.0, &body.0).await?;
    Ok(reply::json(StatusCode::OK, None, &result))
}

pub(crate) async fn kubeconfig(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let text = exec::kubeconfig(&app, &caller.0, id.0).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}
