//! `labyard cluster access`

use std::process::ExitCode;

use api::share::{Because, PersonAccess, Share};

use crate::{
    failure::{Done, Failure},
    output,
    session::Session,
    share,
};

#[derive(clap::Args)]
pub(crate) struct Access {
    /// The cluster's name or ID
    name: String,
}

impl Access {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let access = session
            .call(|client| async move { client.access(id).await })
            .await?;
        if !output::data(session.format, &access)? {
            table(&access)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(access: &api::share::Access) -> Result<(), Failure> {
    let people = access.people.iter().map(row).collect();
    output::table(&["who", "groups", "because"], people)?;
    if !access.links.is_empty() {
        let links = access.links.iter().map(link).collect();
        output::print("")?;
        output::table(&["open link", "gives", "uses left", "expires"], links)?;
    }
    if access.more {
        output::complain("There are more. To see all: labyard share list, labyard org members");
    }
    Ok(())
}

fn link(link: &Share) -> Vec<String> {
    let until = link.expires_at.map(|until| until.to_string());
    vec![
        link.id.to_string(),
        share::what(link.level, &link.namespaces),
        link.uses_left.unwrap_or_default().to_string(),
        until.unwrap_or_else(|| "with the cluster".into()),
    ]
}

fn row(access: &PersonAccess) -> Vec<String> {
    let groups: Vec<String> = access.groups.iter().map(ToString::to_string).collect();
    let because: Vec<String> = access.because.iter().map(why).collect();
    vec![
        access.person.email.clone(),
        groups.join(", "),
        because.join("; "),
    ]
}

fn why(because: &Because) -> String {
    match because {
        Because::Role { role } => format!("{} of its organization", role.as_str()),
        Because::MadeIt => "created it".into(),
        Because::Share {
            level,
            namespaces,
            until,
            link,
            ..
        } => {
            let by = if *link { "a link" } else { "a share" };
            let until = until.map(|until| format!(" until {until}"));
            let what = share::what(*level, namespaces);
            format!("{by} of {what}{}", until.unwrap_or_default())
        }
        Because::Unknown => "a reason that a newer version of this program knows".into(),
    }
}
