//! The name of something new: the first word, or `--name`.

/// Of a cluster or a workspace.
#[derive(clap::Args)]
#[group(id = "new_label", required = true, multiple = false)]
pub(crate) struct Label {
    /// The name: 1 to 40 characters of a-z, 0-9 and -, starting with a letter
    name: Option<String>,
    /// The same as an option
    #[arg(long = "name", value_name = "NAME", id = "label_option")]
    option: Option<String>,
}

/// Of what is named in somebody's own words.
#[derive(clap::Args)]
#[group(id = "new_title", required = true, multiple = false)]
pub(crate) struct Title {
    /// The name, 1 to 100 characters
    name: Option<String>,
    /// The same as an option
    #[arg(long = "name", value_name = "NAME", id = "title_option")]
    option: Option<String>,
}

impl Label {
    pub(crate) fn into_string(self) -> String {
        self.name.or(self.option).unwrap_or_default()
    }
}

impl Title {
    pub(crate) fn into_string(self) -> String {
        self.name.or(self.option).unwrap_or_default()
    }
}
