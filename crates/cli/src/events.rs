//! `labyard events`

use std::process::ExitCode;

use api::{
    client::{Client, Frame},
    event::Event,
};
use domain::Cursor;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
    stream::{self, Listener, Next},
};

#[derive(clap::Args)]
pub(crate) struct Events {
    /// Start at this cursor instead of now
    #[arg(long)]
    since: Option<Cursor>,
}

/// Prints what happens, without end.
struct Reader {
    format: Format,
}

impl Listener for Reader {
    type Output = ExitCode;

    async fn on_frame(
        &mut self,
        _: &Client,
        since: &mut Option<Cursor>,
        frame: Frame,
    ) -> Result<Next<ExitCode>, Failure> {
        let at = match frame {
            Frame::Ready(at) => {
                output::complain(&format!("Following events from {at}."));
                at
            }
            Frame::Reset(at, reset) => {
                let why = reset.reason;
                output::complain(&format!("Events before {at} are gone ({why:?})."));
                at
            }
            Frame::Event(at, event) => {
                self.write(at, &event)?;
                at
            }
        };
        *since = Some(at);
        Ok(Next::Frame)
    }

    fn lost(&mut self) {
        output::complain("Connection lost. Reconnecting from the last event.");
    }
}

impl Reader {
    fn write(&self, at: Cursor, event: &Event) -> Result<(), Failure> {
        match self.format {
            // One JSON document is one of YAML as well.
            Format::Json | Format::Yaml => return output::json_line(event),
            Format::Name => return output::print(&event.id.to_string()),
            Format::Table | Format::Wide => {}
        }
        let object = event
            .cluster_id
            .map(|id| id.to_string())
            .unwrap_or_default();
        let status = event.status.map_or("", |status| status.as_str());
        output::print(&format!(
            "{} {at} {} {object} {status}",
            event.time, event.kind
        ))
    }
}

impl Events {
    /// Until the terminal's owner has seen enough, or the server is away for good.
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let mut since = self.since;
        let mut reader = Reader {
            format: session.format,
        };
        let followed = stream::listen(session, &mut since, &mut reader).await;
        if let (Err(failure), Some(at)) = (&followed, since)
            && !matches!(failure, Failure::NobodyReads)
        {
            output::complain("Connection lost.");
            output::advise(&format!("Continue from there: labyard events --since {at}"));
        }
        followed
    }
}
