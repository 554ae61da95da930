//! `labyard cluster auto-stop`

use std::process::ExitCode;

use api::cluster;

use super::show_one;
use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
    span::AutoStop as After,
};

#[derive(clap::Args)]
pub(crate) struct AutoStop {
    /// The cluster's name or ID
    name: String,
    /// Without use for so long, 5m to 24h, or never
    #[arg(value_parser = After::parse)]
    after: After,
}

impl AutoStop {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let wanted = cluster::AutoStop {
            minutes: self.after.0,
        };
        let wanted = &wanted;
        let cluster = session
            .call(|client| async move { client.set_auto_stop(id, wanted).await })
            .await?;
        show_one(session.format, &cluster)?;
        if session.format == Format::Table {
            output::complain(&match cluster.auto_stop_minutes {
                Some(minutes) => format!("It is stopped after {minutes} minutes without use."),
                None => "It is not stopped by itself.".to_owned(),
            });
        }
        Ok(ExitCode::SUCCESS)
    }
}
