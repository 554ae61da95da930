//! One's own account: logins and logouts, password, API tokens.

use domain::SessionId;
use reqwest::Method;

use super::{error::Error, handle::Client, send::without_body};
use crate::{
    Page,
    auth::{
        Login, Me, Refresh, Register, StreamToken, Tokens, User,
        account::{ApiToken, ChangePassword, CreateApiToken, NewApiToken, Session},
    },
};

const SESSIONS: &str = "/api/v1/auth/sessions";
const TOKENS: &str = "/api/v1/auth/tokens";

impl Client {
    /// Registers a user.
    ///
    /// # Errors
    /// When the address is taken (`name_taken`), a field isn't valid, or registration needs an invitation.
    pub async fn register(&self, wanted: &Register) -> Result<User, Error> {
        self.send(Method::POST, "/api/v1/auth/register", Some(wanted))
            .await
    }

    /// Logs in with email address and password.
    ///
    /// # Errors
    /// When they don't match (`unauthenticated`).
    pub async fn token(&self, login: &Login) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/token", Some(login))
            .await
    }

    /// Exchanges a refresh token for the next tokens.
    ///
    /// # Errors
    /// When the token has been replaced or its login has ended (`unauthenticated`).
    pub async fn refresh(&self, token: &Refresh) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/refresh", Some(token))
            .await
    }

    /// Ends the login that the client uses.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn logout(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout");
        self.checked(without_body(request)).await.map(drop)
    }

    /// The caller with their organizations and workspaces.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
    }

    /// A token for `?token=` on the stream routes, valid for 60 s.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn stream_token(&self) -> Result<StreamToken, Error> {
        let request = self.request(Method::POST, "/api/v1/auth/stream-token");
        Ok(self.read_at(without_body(request)).await?.0)
    }

    /// The caller's logins, newest first.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn sessions(&self) -> Result<Page<Session>, Error> {
        self.get(SESSIONS).await
    }

    /// Ends one of the caller's logins.
    ///
    /// # Errors
    /// When the caller has no such login (`not_found`).
    pub async fn end_session(&self, id: SessionId) -> Result<(), Error> {
        self.remove(&format!("{SESSIONS}/{id}")).await
    }

    /// Ends all of the caller's logins, this one too. API tokens stay valid.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn logout_everywhere(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout-everywhere");
        self.checked(without_body(request)).await.map(drop)
    }

    /// Changes the caller's password and ends their other logins. It isn't sent again: afterwards
    /// the current password is another.
    ///
    /// # Errors
    /// When the current password is wrong or the new one isn't valid (`invalid`).
    pub async fn change_password(&self, wanted: &ChangePassword) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/password");
        self.checked(request.json(wanted)).await.map(drop)
    }

    /// The caller's API tokens, newest first.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn api_tokens(&self) -> Result<Page<ApiToken>, Error> {
        self.get(TOKENS).await
    }

    /// Creates an API token. Only this answer has its secret. It isn't sent again: that would create another token.
    ///
    /// # Errors
    /// When a field isn't valid, or the caller has too many tokens (`quota_exceeded`).
    pub async fn create_api_token(&self, wanted: &CreateApiToken) -> Result<NewApiToken, Error> {
        self.send(Method::POST, TOKENS, Some(wanted)).await
    }

    /// Revokes an API token and closes its streams.
    ///
    /// # Errors
    /// When the caller has no such token (`not_found`).
    pub async fn revoke_api_token(&self, id: SessionId) -> Result<(), Error> {
        let request = self.request(Method::DELETE, &format!("{TOKENS}/{id}"));
        self.checked(without_body(request)).await.map(drop)
    }
}
