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
    pub async fn register(&self, wanted: &Register) -> Result<User, Error> {
        self.send(Method::POST, "/api/v1/auth/register", Some(wanted))
            .await
    }

    pub async fn token(&self, login: &Login) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/token", Some(login))
            .await
    }

    pub async fn refresh(&self, token: &Refresh) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/refresh", Some(token))
            .await
    }

    pub async fn logout(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout");
        self.checked(without_body(request)).await.map(drop)
    }

    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
    }

    /// A token for `?token=` on the stream routes.
    pub async fn stream_token(&self) -> Result<StreamToken, Error> {
        let request = self.request(Method::POST, "/api/v1/auth/stream-token");
        Ok(self.read_at(without_body(request)).await?.0)
    }

    /// Where the caller is logged in.
    pub async fn sessions(&self) -> Result<Page<Session>, Error> {
        self.get(SESSIONS).await
    }

    /// Ends one login of the caller's.
    pub async fn end_session(&self, id: SessionId) -> Result<(), Error> {
        self.remove(&format!("{SESSIONS}/{id}")).await
    }

    /// Ends every login of the caller's, this one too; API tokens go on.
    pub async fn logout_everywhere(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout-everywhere");
        self.checked(without_body(request)).await.map(drop)
    }

    /// Ends the caller's other logins. Not sent again: the password so far is another one afterwards.
    pub async fn change_password(&self, wanted: &ChangePassword) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/password");
        self.checked(request.json(wanted)).await.map(drop)
    }

    pub async fn api_tokens(&self) -> Result<Page<ApiToken>, Error> {
        self.get(TOKENS).await
    }

    /// Its secret is in this answer alone. Sent again, it would be another token.
    pub async fn create_api_token(&self, wanted: &CreateApiToken) -> Result<NewApiToken, Error> {
        self.send(Method::POST, TOKENS, Some(wanted)).await
    }

    /// Ends a token and every stream it has open.
    pub async fn revoke_api_token(&self, id: SessionId) -> Result<(), Error> {
        let request = self.request(Method::DELETE, &format!("{TOKENS}/{id}"));
        self.checked(without_body(request)).await.map(drop)
    }
}
