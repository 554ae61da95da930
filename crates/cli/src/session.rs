//! The logged-in client: the token of the environment, or the kept login, refreshed when it ran out.

use std::{future::Future, io::IsTerminal, sync::Arc};

use api::{
    Secret,
    auth::{Refresh, Tokens},
    client::{Client, Credential, Error, Intent},
    cluster::Cluster,
};
use domain::{ClusterId, Code};

use crate::{
    config::{Config, Folder},
    failure::Failure,
    lookup::the_one,
    output::Format,
};

const DEFAULT_SERVER: &str = "http://localhost:3000";

pub(crate) struct Session {
    server: Option<String>,
    pub(crate) format: Format,
    client: Option<Client>,
}

impl Session {
    pub(crate) fn new(server: Option<String>, format: Format) -> Self {
        Self {
            server,
            format,
            client: None,
        }
    }

    /// Where a new login goes: as asked, else where the last one was.
    pub(crate) fn server_to_log_in(&self) -> anyhow::Result<String> {
        // A file that cannot be read is replaced by the login, and no reason against it.
        let kept = Folder::of_user()?.read().ok().flatten();
        let asked = self.server.clone();
        Ok(asked
            .or(kept.map(|config| config.server))
            .unwrap_or_else(|| DEFAULT_SERVER.to_owned()))
    }

    /// Forgets the kept login, if it is the one this session acts with.
    pub(crate) fn forget(&self) -> anyhow::Result<()> {
        if has_variable() {
            return Ok(());
        }
        let folder = Folder::of_user()?;
        let lock = folder.lock()?;
        match folder.read() {
            Ok(Some(config)) if !self.goes_to(&config.server) => Ok(()),
            _ => folder.remove(&lock),
        }
    }

    fn goes_to(&self, server: &str) -> bool {
        self.server.as_deref().is_none_or(|wanted| wanted == server)
    }

    /// A client that is logged in, or the hint to log in.
    pub(crate) fn client(&mut self) -> Result<Client, Failure> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let (server, token) = match token_of_environment()? {
            Some(token) => {
                let server = self.server.clone();
                (server.unwrap_or_else(|| DEFAULT_SERVER.to_owned()), token)
            }
            None => {
                let kept = Folder::of_user()?.read()?;
                // A login is for the server that gave it; no other one gets to see it.
                match kept {
                    Some(config) if self.goes_to(&config.server) => {
                        (config.server, config.access_token)
                    }
                    other => {
                        let server = self.server.clone();
                        return Err(Failure::NotLoggedIn {
                            server: server.unwrap_or_else(|| DEFAULT_SERVER.to_owned()),
                            elsewhere: other.map(|config| config.server),
                        });
                    }
                }
            }
        };
        let client = Client::new(&server, Credential::Bearer(token))?;
        self.client = Some(client.clone());
        Ok(client)
    }

    /// Makes a call; when the access token has run out, refreshes the login and makes it again. What
    /// it changes is one intent, however often it is made.
    pub(crate) async fn call<T, F, Fut>(&mut self, call: F) -> Result<T, Failure>
    where
        F: Fn(Client) -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        let intent = Arc::new(Intent::new());
        let client = self.client()?;
        match call(client.intending(&intent)).await {
            Err(Error::Problem(problem)) if problem.code == Code::Unauthenticated => {
                let Some(fresh) = self.refreshed(&client).await? else {
                    return Err(Error::Problem(problem).into());
                };
                Ok(call(fresh.intending(&intent)).await?)
            }
            result => Ok(result?),
        }
    }

    /// A client with a new token, if the kept login can still be refreshed.
    async fn refreshed(&mut self, old: &Client) -> Result<Option<Client>, Failure> {
        if has_variable() {
            return Ok(None);
        }
        let folder = Folder::of_user()?;
        let lock = folder.lock()?;
        let Some(config) = folder.read()?.filter(|config| self.goes_to(&config.server)) else {
            return Ok(None);
        };
        // Another process may have refreshed while this one waited.
        let config = if Some(config.access_token.expose()) == old.bearer() {
            let stranger = Client::new(&config.server, Credential::None)?;
            let Some(refresh_token) = config.refresh_token else {
                return Ok(None);
            };
            let wanted = Refresh { refresh_token };
            let tokens = match stranger.refresh(&wanted).await {
                Ok(tokens) => tokens,
                Err(Error::Problem(problem)) if problem.code == Code::Unauthenticated => {
                    return Ok(None);
                }
                // The login may still be good; only nobody could say so.
                Err(error) => return Err(error.into()),
            };
            let config = with_tokens(config.server, tokens);
            folder.write(&config, &lock)?;
            config
        } else {
            config
        };
        let client = Client::new(&config.server, Credential::Bearer(config.access_token))?;
        self.client = Some(client.clone());
        Ok(Some(client))
    }

    /// A cluster by its name or its ID.
    pub(crate) async fn cluster(&mut self, name: &str) -> Result<Cluster, Failure> {
        if let Ok(id) = name.parse::<ClusterId>() {
            return self
                .call(|client| async move { client.cluster(id).await })
                .await;
        }
        let (page, _) = self
            .call(|client| async move { client.clusters(&[("name", name), ("limit", "10")]).await })
            .await?;
        // A name is unique in one workspace only.
        the_one("cluster", name, page.items, |found| found.id.to_string())
    }

    /// A cluster by its name or its ID; of those that are deleted the newest of this name.
    pub(crate) async fn cluster_even_deleted(&mut self, name: &str) -> Result<Cluster, Failure> {
        let missing = match self.cluster(name).await {
            Err(failure @ Failure::NoSuch { .. }) => failure,
            found => return found,
        };
        let query = [("name", name), ("include", "deleted"), ("limit", "1")];
        let (page, _) = self
            .call(|client| async move { client.clusters(&query).await })
            .await?;
        page.items.into_iter().next().ok_or(missing)
    }
}

pub(crate) fn with_tokens(server: String, tokens: Tokens) -> Config {
    Config {
        server,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
    }
}

/// The variable that holds an API token, before any login.
pub(crate) const VARIABLE: &str = "LABYARD_TOKEN";

/// Whether an API token is set in the environment; an empty one is none.
pub(crate) fn has_variable() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|token| !token.to_string_lossy().trim().is_empty())
}

fn token_of_environment() -> Result<Option<Secret>, Failure> {
    let Some(token) = std::env::var_os(VARIABLE).filter(|_| has_variable()) else {
        return Ok(None);
    };
    let token = token.to_string_lossy();
    let token = token.trim();
    // It goes into a header, where it could be neither sent nor meant.
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::usage(
            format!(
                "{VARIABLE} has a blank, a line break or another character in it that no token has."
            ),
            "Copy the token again, all of it and nothing else.",
        ));
    }
    Ok(Some(token.into()))
}

/// Somebody sits at this terminal.
pub(crate) fn interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
