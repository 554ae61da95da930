//! Logins without a password: by a device's code, by a pipeline's token; and which pipelines are trusted.

use domain::{OrganizationId, TrustId};
use reqwest::{Method, header::CONTENT_TYPE};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{
    error::Error,
    handle::{Client, Credential},
    send::Again,
};
use crate::{
    Page, Secret,
    auth::{
        DEVICE_GRANT, EXCHANGE_GRANT, Tokens,
        device::{BeginDevice, BegunDevice},
    },
    trust::{CreateTrust, Trust},
};

const FORM: &str = "application/x-www-form-urlencoded";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

fn trusts(organization: OrganizationId) -> String {
    format!("/api/v1/organizations/{organization}/trusts")
}

/// What a runner of GitHub Actions answers.
#[derive(Deserialize)]
struct RunnersToken {
    value: String,
}

impl Client {
    /// Starts the login of a program without a browser.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn begin_device(&self, wanted: &BeginDevice) -> Result<BegunDevice, Error> {
        self.send(Method::POST, "/api/v1/auth/device", Some(wanted))
            .await
    }

    /// The tokens of such a login.
    ///
    /// # Errors
    /// Until somebody approves it (`authorization_pending`), and when it is denied or has expired.
    pub async fn device_token(&self, device_code: &Secret) -> Result<Tokens, Error> {
        let form = [
            ("grant_type", DEVICE_GRANT),
            ("device_code", device_code.expose()),
        ];
        self.granted(&form).await
    }

    /// Logs in a pipeline with its provider's token.
    ///
    /// # Errors
    /// When no trust of the organization matches the token (`invalid_grant`).
    pub async fn exchange(&self, trust: TrustId, token: &Secret) -> Result<Tokens, Error> {
        let trust = trust.to_string();
        let form = [
            ("grant_type", EXCHANGE_GRANT),
            ("audience", &trust),
            ("subject_token", token.expose()),
            ("subject_token_type", JWT),
        ];
        self.granted(&form).await
    }

    async fn granted(&self, form: &[(&str, &str)]) -> Result<Tokens, Error> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let request = self.request(Method::POST, "/api/v1/auth/token");
        let request = request.header(CONTENT_TYPE, FORM).body(body.finish());
        Ok(self.read_at(request).await?.0)
    }

    /// The token of the GitHub Actions job that this runs in. `url` is the runner's `ACTIONS_ID_TOKEN_REQUEST_URL`,
    /// `bearer` its `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    ///
    /// # Errors
    /// When the runner doesn't answer, or not with a token.
    pub async fn runners_token(
        &self,
        url: &Url,
        bearer: &str,
        audience: &str,
    ) -> Result<String, Error> {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("audience", audience);
        // The runner is another server than labyard, and another proxy may lead to it.
        let origin = url.origin().ascii_serialization();
        let runner = Self::new(&origin, Credential::Bearer(bearer.into()))?;
        let request = runner.authorized(runner.http.get(url));
        let (token, _) = runner.read_at::<RunnersToken>(request).await?;
        Ok(token.value)
    }

    /// An organization's trusted pipelines, oldest first.
    ///
    /// # Errors
    /// When the caller isn't an admin of the organization.
    pub async fn trusts(&self, organization: OrganizationId) -> Result<Page<Trust>, Error> {
        self.get(&trusts(organization)).await
    }

    /// Trusts a pipeline.
    ///
    /// # Errors
    /// When a field isn't valid, the organization is a personal one (`wrong_status`), or
    /// the caller isn't an admin of it.
    pub async fn create_trust(
        &self,
        organization: OrganizationId,
        wanted: &CreateTrust,
    ) -> Result<Trust, Error> {
        let path = trusts(organization);
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Deletes a trust; its sessions end and its member is removed.
    ///
    /// # Errors
    /// When there is no such trust (`not_found`), or the caller isn't an admin of the organization.
    pub async fn end_trust(
        &self,
        organization: OrganizationId,
        trust: TrustId,
    ) -> Result<(), Error> {
        self.remove(&format!("{}/{trust}", trusts(organization)))
            .await
    }
}
