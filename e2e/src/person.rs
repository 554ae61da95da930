//! Someone who uses the stack: registered, with a command line of their own and a typed client.

use std::{
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use api::{
    auth::{Login, Register},
    client::{Client, Credential},
};

use serde::de::DeserializeOwned;

use crate::command::{Said, run, run_given};

pub const PASSWORD: &str = "correct horse battery";
/// Whoever is first on a stack is its administrator: this one, registered before anybody else.
pub const ADMINISTRATOR: &str = "administrator@example.org";

pub struct Person {
    pub email: String,
    pub client: Client,
    config: tempfile::TempDir,
}

impl Person {
    /// Registers somebody new and logs them in for the typed client; the command line is not logged in.
    pub async fn register(name: &str) -> Self {
        let unique = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos();
        let email = format!("{name}-{unique}@example.org");
        let stranger = Client::new(&crate::url(), Credential::None).unwrap();
        stranger.register(&registration(&email)).await.unwrap();
        Self::log_in(email).await
    }

    /// The stack's administrator; on a stack where nobody is yet, registers them.
    pub async fn administrator() -> Self {
        let stranger = Client::new(&crate::url(), Credential::None).unwrap();
        // On any other stack the address is taken, and the login says so if it is somebody else's.
        let _ = stranger.register(&registration(ADMINISTRATOR)).await;
        Self::log_in(ADMINISTRATOR.to_owned()).await
    }

    async fn log_in(email: String) -> Self {
        let stranger = Client::new(&crate::url(), Credential::None).unwrap();
        let tokens = stranger
            .token(&Login {
                email: email.clone(),
                password: PASSWORD.into(),
            })
            .await
            .unwrap();
        let client = Client::new(&crate::url(), Credential::Bearer(tokens.access_token)).unwrap();
        Self {
            email,
            client,
            config: tempfile::tempdir().unwrap(),
        }
    }

    /// `labyard` with these arguments and this person's own configuration folder.
    pub fn labyard(&self, arguments: &[&str]) -> Said {
        run(&mut self.labyard_command(arguments))
    }

    /// `labyard` with a line on its standard input.
    ///
    /// # Panics
    /// When it does not run.
    pub fn labyard_given(&self, arguments: &[&str], line: &str) -> Said {
        run_given(&mut self.labyard_command(arguments), line)
    }

    /// What `labyard` says as JSON.
    ///
    /// # Panics
    /// When it fails or says something else.
    #[track_caller]
    pub fn labyard_json<T: DeserializeOwned>(&self, arguments: &[&str]) -> T {
        let said = self.labyard(&[arguments, &["-o", "json"]].concat()).ok();
        serde_json::from_str(&said).unwrap()
    }

    pub fn labyard_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(labyard());
        command
            .env("XDG_CONFIG_HOME", self.config.path())
            .env("LABYARD_SERVER", crate::url())
            .env_remove("LABYARD_TOKEN")
            .args(arguments);
        command
    }

    /// Where this person's command line keeps its login.
    pub fn config_file(&self) -> PathBuf {
        self.config.path().join("labyard/config.yaml")
    }
}

/// Ends all of a person's logins.
///
/// # Panics
/// When it is refused.
pub async fn log_out_everywhere(person: &Person) {
    let url = format!("{}/api/v1/auth/logout-everywhere", crate::url());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(person.client.bearer().unwrap());
    request.send().await.unwrap().error_for_status().unwrap();
}

fn registration(email: &str) -> Register {
    Register {
        email: email.to_owned(),
        password: PASSWORD.into(),
        name: None,
        invitation: None,
    }
}

/// The command line under test.
pub fn labyard() -> PathBuf {
    std::env::var_os("LABYARD_BIN").map_or_else(|| crate::home().join("bin/labyard"), Into::into)
}
