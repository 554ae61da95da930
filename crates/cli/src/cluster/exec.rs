//! `labyard cluster exec`

use std::process::ExitCode;

use anyhow::Context;
use api::cluster;

use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct Exec {
    /// The cluster's name or ID
    name: String,
    /// The command and its words
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

impl Exec {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let command = cluster::Exec {
            command: quoted(&self.command),
            encoding: cluster::Encoding::Base64,
        };
        let result = session
            .call(|client| {
                let command = command.clone();
                async move { client.exec(cluster.id, &command).await }
            })
            .await?;
        let said = result.said().context("the answer cannot be read")?;
        output::pass_on(&said.output)?;
        output::pass_on_error(&said.error);
        if result.truncated {
            output::complain("The output was longer than 1 MiB; its rest is missing.");
        }
        Ok(ExitCode::from(u8::try_from(result.exit_code).unwrap_or(1)))
    }
}

/// The words as one line that splits into the same words again.
fn quoted(words: &[String]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
        .collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_stay_words() {
        let words = ["sh", "-c", "echo 'a b'; exit 7", ""].map(str::to_owned);
        assert_eq!(
            super::quoted(&words),
            r"'sh' '-c' 'echo '\''a b'\''; exit 7' ''"
        );
    }
}
