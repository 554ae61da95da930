//! `labyard share …`

use std::{process::ExitCode, time::Duration};

use api::share::{CreateShare, Person, RedeemShare, Share};
use clap::Subcommand;
use domain::{Level, NamespaceGrant, ShareId};

use crate::{
    failure::Done,
    link,
    output::{self, Shown},
    pages,
    session::Session,
    span,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the shares and links of a cluster
    #[command(visible_alias = "ls")]
    List(Which),
    /// Share a cluster with a person
    Add(Add),
    /// Create a link that shares a cluster; it is shown once
    Link(Link),
    /// Revoke a share, or a link and everyone's access through it
    #[command(visible_aliases = ["end", "rm"])]
    Revoke(End),
    /// Join a shared cluster by a link, which is read from standard input or asked for
    #[command(visible_alias = "redeem")]
    Join,
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The cluster's name or ID
    cluster: String,
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// The cluster's name or ID
    cluster: String,
    /// The person's email
    #[arg(long)]
    email: String,
    #[command(flatten)]
    what: What,
}

#[derive(clap::Args)]
pub(crate) struct Link {
    /// The cluster's name or ID
    cluster: String,
    /// How many people can use it, 1 to 500; 1 by default
    #[arg(long)]
    uses: Option<u32>,
    #[command(flatten)]
    what: What,
}

#[derive(clap::Args)]
pub(crate) struct End {
    /// The cluster's name or ID
    cluster: String,
    /// The share's ID
    share: ShareId,
}

/// What is shared and for how long.
#[derive(clap::Args)]
struct What {
    /// The whole cluster: viewer (all but Secrets) or operator (edit everything); viewer if no namespace is named
    #[arg(long, value_parser = level, conflicts_with = "namespace")]
    level: Option<Level>,
    /// Only this namespace, to view: NAME, or to edit: NAME:edit; repeatable
    #[arg(long, value_parser = namespace)]
    namespace: Vec<NamespaceGrant>,
    /// How long, 6m to 30d; by default as long as the cluster, a link for a day
    #[arg(long = "for", value_parser = span::parse)]
    time: Option<Duration>,
}

fn level(word: &str) -> Result<Level, String> {
    match word {
        "viewer" => Ok(Level::Viewer),
        "operator" => Ok(Level::Operator),
        _ => Err("viewer or operator; or name namespaces by --namespace".into()),
    }
}

fn namespace(text: &str) -> Result<NamespaceGrant, String> {
    let (name, edit) = match text.split_once(':') {
        None | Some((_, "view")) => (text.trim_end_matches(":view"), false),
        Some((name, "edit")) => (name, true),
        Some(_) => return Err("write NAME, NAME:view or NAME:edit".into()),
    };
    Ok(NamespaceGrant {
        name: name.to_owned(),
        edit,
    })
}

impl What {
    fn wanted(self, email: Option<String>, uses: Option<u32>) -> CreateShare {
        let level = match self.level {
            Some(level) => level,
            None if self.namespace.is_empty() => Level::Viewer,
            None => Level::Namespaces,
        };
        CreateShare {
            email,
            level,
            namespaces: self.namespace,
            hours: self.time.map(span::hours),
            uses,
        }
    }
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List(which) => list(session, &which.cluster).await,
            Self::Add(add) => {
                let wanted = add.what.wanted(Some(add.email), None);
                create(session, &add.cluster, &wanted).await
            }
            Self::Link(link) => {
                let wanted = link.what.wanted(None, link.uses);
                create(session, &link.cluster, &wanted).await
            }
            Self::Revoke(end) => end.run(session).await,
            Self::Join => redeem(session).await,
        }
    }
}

async fn list(session: &mut Session, cluster: &str) -> Done {
    let id = session.cluster(cluster).await?.id;
    let shares = pages::all(session, "shares", |client, from| async move {
        client.shares(id, &pages::query(&from)).await
    })
    .await?;
    let none = format!("Not shared. Share it: labyard share add {cluster} --email EMAIL");
    output::list(session.format, &shares, &none)?;
    Ok(ExitCode::SUCCESS)
}

async fn create(session: &mut Session, cluster: &str, wanted: &CreateShare) -> Done {
    let id = session.cluster(cluster).await?.id;
    let made = session
        .call(|client| async move { client.create_share(id, wanted).await })
        .await?;
    if !output::data(session.format, &made)? {
        match &made.url {
            Some(url) => link::show(url)?,
            None => output::one(session.format, &made.share)?,
        }
        let doubts = made
            .share
            .person
            .iter()
            .flat_map(|person| doubts(person, cluster));
        doubts.for_each(|line| output::complain(&line));
    }
    Ok(ExitCode::SUCCESS)
}

/// Why an address may not be whose it seems to be, a line each.
fn doubts(person: &Person, cluster: &str) -> Vec<String> {
    let email = &person.email;
    let mut lines = Vec::new();
    if let Some(lookalike) = &person.lookalike {
        let spelled = &lookalike.spelled;
        lines.push(match &lookalike.looks_like {
            Some(other) => format!("Check the email: it is {spelled}, not {other}."),
            None => format!("Check the email: it has unusual letters, {spelled}."),
        });
    }
    if !person.email_verified {
        lines.push(format!(
            "The email {email} of {} isn't verified. To be sure, revoke this share and send a link: labyard share link {cluster}",
            person.name
        ));
    }
    lines
}

impl End {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.cluster).await?.id;
        let share = self.share;
        session
            .call(|client| async move { client.end_share(id, share).await })
            .await?;
        output::complain("Share revoked.");
        Ok(ExitCode::SUCCESS)
    }
}

async fn redeem(session: &mut Session) -> Done {
    let wanted = &RedeemShare {
        token: link::token()?,
    };
    let share = session
        .call(|client| async move { client.redeem_share(wanted).await })
        .await?;
    output::one(session.format, &share)?;
    Ok(ExitCode::SUCCESS)
}

impl Shown for Share {
    const HEAD: &'static [&'static str] = &["for", "access", "expires", "id"];
    const WIDE: &'static [&'static str] = &["cluster"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        let whom = match (&self.person, self.uses_left) {
            (Some(person), _) => person.email.clone(),
            (None, left) => format!("link, {} uses left", left.unwrap_or_default()),
        };
        let until = self.expires_at.map(|until| until.to_string());
        vec![
            whom,
            what(self.level, &self.namespaces),
            until.unwrap_or_else(|| "with the cluster".into()),
            self.id.to_string(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.cluster_id.to_string()]
    }
}

/// `operator`, or `web:edit, db`.
pub(crate) fn what(level: Level, namespaces: &[NamespaceGrant]) -> String {
    if level != Level::Namespaces {
        return level.as_str().to_owned();
    }
    let names: Vec<String> = namespaces
        .iter()
        .map(|grant| format!("{}{}", grant.name, if grant.edit { ":edit" } else { "" }))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use api::share::Lookalike;
    use domain::UserId;

    use super::*;

    #[test]
    fn an_address_that_may_be_somebody_else_s_is_doubted() {
        let person = |email_verified, lookalike| Person {
            user_id: UserId::from_uuid(uuid::Uuid::nil()),
            name: "Ben".into(),
            email: "b\u{435}n@example.org".into(),
            email_verified,
            lookalike,
        };
        assert!(doubts(&person(true, None), "demo").is_empty());
        let said = doubts(&person(false, None), "demo");
        assert!(said.len() == 1 && said[0].ends_with("labyard share link demo"));
        let lookalike = |looks_like: Option<&str>| {
            Some(Lookalike {
                spelled: "b\\u{435}n@example.org".into(),
                looks_like: looks_like.map(str::to_owned),
                mixed_scripts: true,
            })
        };
        assert_eq!(
            doubts(&person(true, lookalike(Some("ben@example.org"))), "demo"),
            ["Check the email: it is b\\u{435}n@example.org, not ben@example.org."]
        );
        let said = doubts(&person(false, lookalike(None)), "demo");
        assert!(said.len() == 2 && said[0].ends_with("b\\u{435}n@example.org."));
    }

    #[test]
    fn namespaces_say_what_may_be_done() {
        for (text, name, edit) in [
            ("web", "web", false),
            ("web:view", "web", false),
            ("web:edit", "web", true),
        ] {
            let grant = namespace(text).unwrap();
            assert_eq!((grant.name.as_str(), grant.edit), (name, edit), "{text}");
        }
        assert!(namespace("web:admin").is_err());
        let grants = ["web:edit", "db"].map(|text| namespace(text).unwrap());
        assert_eq!(what(Level::Namespaces, &grants), "web:edit, db");
    }
}
