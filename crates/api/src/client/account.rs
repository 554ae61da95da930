//! One's own account: logins, password, API tokens.

use domain::SessionId;
use reqwest::Method;

use super::{Client, Error, send::without_body};
use crate::{
    Page,
    auth::account::{ApiToken, ChangePassword, CreateApiToken, NewApiToken, Session},
};

const SESSIONS: &str = "/api/v1/auth/sessions";
const TOKENS: &str = "/api/v1/auth/tokens";

impl Client {
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
