//! The logged-in client: the token of the environment, or the kept login, refreshed when it ran out.

use std::{future::Future, io::IsTerminal, sync::Arc};

use api::{
    auth::{Refresh, Tokens},
    client::{Client, Credential, Error, Intent},
};
use domain::Code;

use crate::{
    config::{Config, Folder},
    environment,
    failure::Failure,
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
        if environment::has_token() {
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
        let (server, token) = match environment::token()? {
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
        if environment::has_token() {
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
}

pub(crate) fn with_tokens(server: String, tokens: Tokens) -> Config {
    Config {
        server,
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
    }
}

/// Somebody sits at this terminal.
pub(crate) fn interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
