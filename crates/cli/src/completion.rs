//! `labyard completion` and `labyard man`: made of the parser, so they know each verb.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Command;

use crate::{failure::Done, output};

#[derive(clap::Args)]
pub(crate) struct Completion {
    /// The shell: source the script in its startup file
    shell: clap_complete::Shell,
}

impl Completion {
    pub(crate) fn run(self, labyard: &mut Command) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, labyard, "labyard", &mut script);
        output::raw(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(clap::Args)]
pub(crate) struct Man {
    /// The folder, like ~/.local/share/man/man1
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(self, labyard: Command) -> Done {
        let folder = &self.folder;
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(labyard, folder))
            .with_context(|| format!("Can't write the manual pages to {}", folder.display()))?;
        output::complain(&format!("The manual pages are in {}.", folder.display()));
        Ok(ExitCode::SUCCESS)
    }
}
