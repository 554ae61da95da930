//! `labyard cluster auto-stop`

use std::process::ExitCode;

use api::cluster;

use crate::{cluster_view, failure::Done, output, session::Session, span::AutoStop as After};

#[derive(clap::Args)]
pub(crate) struct AutoStop {
    /// The cluster's name or ID
    name: String,
    /// The time without use, 5m to 24h, or never
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
        cluster_view::show(session.format, &cluster)?;
        if session.format.is_for_people() {
            let name = &cluster.name;
            output::complain(&match cluster.auto_stop_minutes {
                Some(minutes) => {
                    let span = output::span(i64::from(minutes) * 60);
                    format!("labyard stops {name} after {span} without use.")
                }
                None => format!("labyard doesn't stop {name} when it isn't used."),
            });
        }
        Ok(ExitCode::SUCCESS)
    }
}
