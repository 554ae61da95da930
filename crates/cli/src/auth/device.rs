//! `labyard auth login --device`: a code here, the decision in a browser anywhere.

use std::{fs, time::Duration};

use api::{
    auth::{
        Tokens,
        device::{BeginDevice, BegunDevice},
    },
    client::{Client, Error},
};
use domain::Code;
use tokio::time::{Instant, sleep};

use crate::{failure::Failure, output};

/// Seconds added to the pause when the server says that it was too short (RFC 8628 §3.5).
const LONGER: Duration = Duration::from_secs(5);
/// A server that names a longer life than this is not believed.
const LIFE_MAX: Duration = Duration::from_secs(3600);

pub(super) async fn log_in(stranger: &Client) -> Result<Tokens, Failure> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let client = match host.trim() {
        "" => "labyard".to_owned(),
        host => format!("labyard on {host}"),
    };
    let asks = BeginDevice {
        client: Some(client),
    };
    let begun = stranger.begin_device(&asks).await?;
    output::complain(&format!(
        "Open {} in a browser where you are logged in, and type this code: {}",
        begun.verification_uri, begun.user_code
    ));
    output::complain(&format!("Or open {}", begun.verification_uri_complete));
    wait(stranger, &begun).await
}

/// Asks until somebody has decided, or the code is too old.
async fn wait(stranger: &Client, begun: &BegunDevice) -> Result<Tokens, Failure> {
    let life = Duration::from_secs(begun.expires_in.into()).min(LIFE_MAX);
    let end = Instant::now() + life;
    let mut pause = Duration::from_secs(u64::from(begun.interval.max(1)));
    while Instant::now() < end {
        sleep(pause).await;
        match stranger.device_token(&begun.device_code).await {
            Ok(tokens) => return Ok(tokens),
            Err(Error::Problem(problem)) => match problem.code {
                Code::AuthorizationPending => {}
                Code::SlowDown => pause += LONGER,
                _ => return Err(Error::Problem(problem).into()),
            },
            // A server that restarts knows the code afterwards.
            Err(Error::Unreachable { .. }) => pause = (pause * 2).min(LONGER),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::failed(
        "The code has expired: nobody allowed the login.",
        "Get another code: labyard auth login --device",
    ))
}
