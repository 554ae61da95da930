//! `labyard auth login --ci`: a pipeline's own token for a short login, without any secret.

use std::env;

use anyhow::Context;
use api::{auth::Tokens, client::Client};
use domain::TrustId;
use url::Url;

use crate::failure::Failure;

/// Where the ways to log in are listed.
pub(super) const HELP: &str = "See labyard auth login --help";

const TOKEN: &str = "LABYARD_CI_TOKEN";
const RUNNER_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const RUNNER_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) async fn log_in(
    stranger: &Client,
    trust: TrustId,
    audience: Option<String>,
) -> Result<Tokens, Failure> {
    let token = match (set(TOKEN), set(RUNNER_URL), set(RUNNER_TOKEN)) {
        (Some(token), ..) => token,
        (None, Some(url), Some(bearer)) => {
            let url =
                Url::parse(url.trim()).with_context(|| format!("{RUNNER_URL} isn't an address"))?;
            let audience = audience.unwrap_or_else(|| stranger.base().to_owned());
            stranger
                .runners_token(&url, bearer.trim(), &audience)
                .await?
        }
        _ => {
            return Err(Failure::usage(
                "There is no token of a pipeline here. Set LABYARD_CI_TOKEN, or give the job `id-token: write`.",
                HELP,
            ));
        }
    };
    Ok(stranger.exchange(trust, &token.trim().into()).await?)
}
