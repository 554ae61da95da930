//! `labyard share …`

use std::{process::ExitCode, time::Duration};

use api::share::{CreateShare, Person, RedeemShare, Share};
use clap::Subcommand;
use domain::{Level, NamespaceGrant, ShareId};

use crate::{
    failure::{Done, Failure},
    link,
    output::{self, Format},
    pages,
    session::Session,
    span,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the shares and links of a cluster
    List(Which),
    /// Share a cluster with a person
    Add(Add),
    /// Make a link that shares a cluster; it is shown once
    Link(Link),
    /// End a share, or a link and all that came by it
    End(End),
    /// Take what a link gives; the link is read from standard input or asked for
    Redeem,
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
    /// Whom it is for
    #[arg(long)]
    email: String,
    #[command(flatten)]
    what: What,
}

#[derive(clap::Args)]
pub(crate) struct Link {
    /// The cluster's name or ID
    cluster: String,
    /// How many people may take it, 1 to 500; 1 if absent
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
    /// All of it: viewer (all but Secrets) or operator (edit everything); viewer if no namespace is named
    #[arg(long, value_parser = level, conflicts_with = "namespace")]
    level: Option<Level>,
    /// One namespace alone, to see: NAME, or to edit: NAME:edit; as often as you like
    #[arg(long, value_parser = namespace)]
    namespace: Vec<NamespaceGrant>,
    /// For so long, 6m to 30d; else as long as the cluster lives, a link for a day
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
            Self::End(end) => end.run(session).await,
            Self::Redeem => redeem(session).await,
        }
    }
}

async fn list(session: &mut Session, cluster: &str) -> Done {
    let id = session.cluster(cluster).await?.id;
    let shares = pages::all(session, "shares", |client, from| async move {
        client.shares(id, &pages::query(&from)).await
    })
    .await?;
    match session.format {
        Format::Json => output::json(&shares)?,
        Format::Table if shares.is_empty() => output::complain(&format!(
            "Nobody is given this cluster. Share it: labyard share add {cluster} --email …"
        )),
        Format::Table => show(&shares)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(session: &mut Session, cluster: &str, wanted: &CreateShare) -> Done {
    let id = session.cluster(cluster).await?.id;
    let made = session
        .call(|client| async move { client.create_share(id, wanted).await })
        .await?;
    match (session.format, &made.url) {
        (Format::Json, _) => output::json(&made)?,
        (Format::Table, Some(url)) => link::show(url)?,
        (Format::Table, None) => show(std::slice::from_ref(&made.share))?,
    }
    if let (Format::Table, Some(person)) = (session.format, &made.share.person) {
        doubts(person, cluster)
            .iter()
            .for_each(|line| output::complain(line));
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
            Some(other) => format!("Check the address: it is {spelled}, not {other}."),
            None => format!("Check the address: it has unusual letters, {spelled}."),
        });
    }
    if !person.email_verified {
        lines.push(format!(
            "Nobody has verified that {email} belongs to {}. To be sure, end this share and send a link: labyard share link {cluster}",
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
        output::complain("The share has ended.");
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
    match session.format {
        Format::Json => output::json(&share)?,
        Format::Table => show(&[share])?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(shares: &[Share]) -> Result<(), Failure> {
    let head = ["for", "what", "until", "id", "cluster"];
    output::say(&output::table(&head, shares.iter().map(row).collect()))
}

fn row(share: &Share) -> Vec<String> {
    let whom = match (&share.person, share.uses_left) {
        (Some(person), _) => person.email.clone(),
        (None, left) => format!("link, {} left", left.unwrap_or_default()),
    };
    let until = share.expires_at.map(|until| until.to_string());
    vec![
        whom,
        what(share.level, &share.namespaces),
        until.unwrap_or_else(|| "the cluster's end".into()),
        share.id.to_string(),
        share.cluster_id.to_string(),
    ]
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
            ["Check the address: it is b\\u{435}n@example.org, not ben@example.org."]
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
