//! The providers of identities that an operator names: a JSON file, read once at the start.

use std::fs;

use anyhow::{Context, bail, ensure};
use api::{Secret, auth::oidc::Provider as Shown};
use serde::Deserialize;

use crate::outgoing::Outgoing;

/// Providers of one installation.
const PROVIDERS_MAX: usize = 32;
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// One entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    label: Option<String>,
    issuer: String,
    /// Without one nobody logs in by it: it vouches for pipelines alone.
    client_id: Option<String>,
    client_secret_file: Option<String>,
    scopes: Option<Vec<String>>,
    /// Whose verified addresses may come in; everybody's if absent.
    email_domains: Option<Vec<String>>,
}

/// A provider.
pub(crate) struct Provider {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) issuer: String,
    /// How people log in by it, if they do.
    pub(crate) client: Option<Client>,
}

/// Who we are at a provider, and who may come from there.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<Secret>,
    pub(crate) scopes: String,
    email_domains: Option<Vec<String>>,
}

impl Client {
    /// Whether the rule of domains lets an address in; it has to be a verified one.
    pub(crate) fn lets_in(&self, verified_email: Option<&str>) -> bool {
        let Some(domains) = &self.email_domains else {
            return true;
        };
        let domain = verified_email.and_then(|email| email.rsplit_once('@'));
        domain.is_some_and(|(_, domain)| domains.iter().any(|known| known == domain))
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Providers(Vec<Provider>);

impl Providers {
    /// Those of the file, or none without one.
    pub(crate) fn load(path: &str, outgoing: &Outgoing) -> anyhow::Result<Self> {
        if path.is_empty() {
            return Ok(Self::default());
        }
        let what = || format!("LABYARD_OIDC={path}");
        let text = fs::read_to_string(path).with_context(what)?;
        Self::parse(&text, outgoing).with_context(what)
    }

    fn parse(text: &str, outgoing: &Outgoing) -> anyhow::Result<Self> {
        let entries: Vec<Entry> = serde_json::from_str(text)?;
        ensure!(
            entries.len() <= PROVIDERS_MAX,
            "there are at most {PROVIDERS_MAX} providers"
        );
        let mut providers: Vec<Provider> = Vec::new();
        for entry in entries {
            let id = entry.id.clone();
            let provider = read(entry, outgoing).with_context(|| format!("the provider {id:?}"))?;
            if providers.iter().any(|known| known.id == provider.id) {
                bail!("two providers have the id {id:?}");
            }
            if providers
                .iter()
                .any(|known| known.issuer == provider.issuer)
            {
                bail!("two providers have the issuer {:?}", provider.issuer);
            }
            providers.push(provider);
        }
        Ok(Self(providers))
    }

    /// Those that people log in by.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let shown = self.0.iter().filter(|provider| provider.client.is_some());
        shown
            .map(|provider| Shown {
                id: provider.id.clone(),
                label: provider.label.clone(),
            })
            .collect()
    }

    /// A provider that people log in by.
    pub(crate) fn for_login(&self, id: &str) -> Option<(&Provider, &Client)> {
        let provider = self.0.iter().find(|provider| provider.id == id)?;
        Some((provider, provider.client.as_ref()?))
    }

    /// The issuers that people log in by.
    pub(crate) fn login_issuers(&self) -> Vec<String> {
        let shown = self.0.iter().filter(|provider| provider.client.is_some());
        shown.map(|provider| provider.issuer.clone()).collect()
    }
}

fn read(entry: Entry, outgoing: &Outgoing) -> anyhow::Result<Provider> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(
        !entry.id.is_empty() && entry.id.len() <= 40 && entry.id.chars().all(word),
        "an id has 1 to 40 of a-z, 0-9 and -"
    );
    check_issuer(&entry.issuer, outgoing).map_err(anyhow::Error::msg)?;
    let label = entry.label.unwrap_or_else(|| entry.id.clone());
    let client = match entry.client_id {
        None => None,
        Some(id) => Some(Client {
            id,
            secret: entry
                .client_secret_file
                .as_deref()
                .map(secret)
                .transpose()?,
            scopes: scopes(entry.scopes)?,
            email_domains: entry
                .email_domains
                .map(|all| all.iter().map(|domain| domain.to_lowercase()).collect()),
        }),
    };
    Ok(Provider {
        id: entry.id,
        label,
        issuer: entry.issuer,
        client,
    })
}

/// Whether this can be an issuer's address, and one that may be asked.
pub(crate) fn check_issuer(issuer: &str, outgoing: &Outgoing) -> Result<(), String> {
    let url = url::Url::parse(issuer).map_err(|error| format!("not a URL: {error}"))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an issuer has no query and no fragment".into());
    }
    outgoing
        .client(&url)
        .map(drop)
        .map_err(|refused| refused.to_string())
}

fn secret(path: &str) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(path).with_context(|| format!("client_secret_file {path}"))?;
    let text = text.trim();
    ensure!(!text.is_empty(), "client_secret_file {path} is empty");
    Ok(text.to_owned().into())
}

fn scopes(named: Option<Vec<String>>) -> anyhow::Result<String> {
    let scopes = named.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec());
    ensure!(
        scopes.iter().any(|scope| scope == "openid"),
        "the scopes hold `openid`, or no identity comes back"
    );
    Ok(scopes.join(" "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Providers> {
        Providers::parse(text, &Outgoing::new(&[])?)
    }

    const ACME: &str = r#""id": "acme", "issuer": "https://id.example.org""#;

    #[test]
    fn a_provider_without_a_client_vouches_for_pipelines_alone() {
        let text = format!(
            r#"[{{{ACME}}}, {{"id": "b", "issuer": "https://b.example.org", "client_id": "us"}}]"#
        );
        let providers = parse(&text).unwrap();
        let shown: Vec<String> = providers.shown().into_iter().map(|one| one.id).collect();
        assert_eq!(shown, ["b"]);
        assert!(providers.for_login("acme").is_none());
    }

    #[test]
    fn what_cannot_work_is_refused_at_the_start() {
        for entry in [
            r#""id": "Ac me", "issuer": "https://id.example.org""#,
            r#""id": "acme", "issuer": "http://id.example.org""#,
            r#""id": "acme", "issuer": "https://127.0.0.1""#,
            r#""id": "acme", "issuer": "https://id.example.org?x=1""#,
            r#""id": "acme", "issuer": "https://id.example.org", "client_id": "x", "scopes": ["email"]"#,
            r#""id": "acme", "issuer": "https://id.example.org", "client_id": "x", "client_secret_file": "/none""#,
            r#""id": "acme", "issuer": "https://id.example.org", "clientid": "x""#,
        ] {
            assert!(parse(&format!("[{{{entry}}}]")).is_err(), "{entry}");
        }
        for twice in [
            format!("[{{{ACME}}}, {{{ACME}}}]"),
            ACME.replace("acme", "x"),
        ] {
            assert!(parse(&twice).is_err(), "{twice}");
        }
    }

    #[test]
    fn a_domain_is_that_of_a_verified_address_whole() {
        let text = format!(r#"[{{{ACME}, "client_id": "x", "email_domains": ["Example.org"]}}]"#);
        let providers = parse(&text).unwrap();
        let (_, client) = providers.for_login("acme").unwrap();
        assert!(client.lets_in(Some("ana@example.org")));
        for email in [
            "ana@evil.org",
            "ana@sub.example.org",
            "ana@example.org.evil.org",
            "example.org",
        ] {
            assert!(!client.lets_in(Some(email)), "{email}");
        }
        assert!(!client.lets_in(None));
    }
}
