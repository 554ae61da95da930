//! `labyard events`

use std::process::ExitCode;

use api::client::Frame;
use domain::Cursor;
use futures_util::StreamExt;

use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Events {
    /// Begin at this cursor instead of now
    #[arg(long)]
    since: Option<Cursor>,
}

impl Events {
    /// Until the connection ends or the terminal's owner has seen enough.
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let since = self.since;
        let frames = session
            .call(|client| async move { client.events(since).await })
            .await?;
        let mut frames = std::pin::pin!(frames);
        let mut last = since;
        while let Some(Ok(frame)) = frames.next().await {
            match frame {
                Frame::Ready(at) => {
                    last = Some(at);
                    output::complain(&format!("following from {at}"));
                }
                Frame::Reset(at, reset) => {
                    last = Some(at);
                    output::complain(&format!(
                        "what came before {at} is not to be had ({:?})",
                        reset.reason
                    ));
                }
                Frame::Event(at, event) if session.format == Format::Json => {
                    last = Some(at);
                    output::say(&serde_json::to_string(&event).map_err(anyhow::Error::from)?)?;
                }
                Frame::Event(at, event) => {
                    last = Some(at);
                    let object = event
                        .cluster_id
                        .map(|id| id.to_string())
                        .unwrap_or_default();
                    let status = event.status.map_or("", |status| status.as_str());
                    output::say(&format!(
                        "{} {at} {} {object} {status}",
                        event.time, event.kind
                    ))?;
                }
            }
        }
        output::complain("The connection ended.");
        if let Some(at) = last {
            output::complain(&format!("  Go on from there: labyard events --since {at}"));
        }
        Ok(ExitCode::FAILURE)
    }
}
