//! A person's client certificate, signed by the cluster's own CSR API. The cluster is its owner's:
//! its answers are bounded in time and believed in nothing but this.

use std::time::Duration;

use domain::{Endpoint, Group, limits};
use drivers::{Credential, credential};
use k8s_openapi::{
    ByteString,
    api::certificates::v1::{CertificateSigningRequest, CertificateSigningRequestSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use p256::{
    ecdsa::{DerSignature, SigningKey},
    elliptic_curve::Generate,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use x509_cert::{
    builder::{Builder, RequestBuilder},
    der::EncodePem,
    name::Name,
};

use crate::error::Error;

/// How long a certificate is good.
pub(crate) const LIFE: Duration = Duration::from_secs(limits::KUBECONFIG_SECS as u64);
/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the cluster may take to sign.
const SIGN_TIMEOUT: Duration = Duration::from_secs(5);
const SIGN_POLL: Duration = Duration::from_millis(20);
const SIGNER: &str = "kubernetes.io/kube-apiserver-client";

/// What a person logs in to a cluster with. It cannot be printed.
pub(crate) struct Certificate {
    /// PEM.
    pub(crate) certificate: String,
    /// PEM.
    pub(crate) key: String,
    /// The cluster's own authority, PEM.
    pub(crate) authority: String,
}

/// The cluster's administrator: exists on this host alone and for as long as it is needed.
pub(crate) struct Admin {
    credential: Credential,
    endpoint: Endpoint,
    client: Client,
}

impl Admin {
    pub(crate) fn new(credential: Credential, endpoint: Endpoint) -> Result<Self, Error> {
        Ok(Self {
            client: credential.client(&endpoint, ANSWER_TIMEOUT)?,
            credential,
            endpoint,
        })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The administrator in the place of one who may edit, to see what such a one may not.
    pub(crate) fn as_guest(&self) -> Result<Client, Error> {
        let groups = vec![Group::Operator.to_string()];
        Ok(self
            .credential
            .client_as(&self.endpoint, ANSWER_TIMEOUT, groups)?)
    }

    /// A certificate for this person in these groups.
    pub(crate) async fn certify(
        &self,
        user: &str,
        groups: &[String],
    ) -> Result<Certificate, Error> {
        let key = SigningKey::generate();
        let request = request(&key, user, groups)?;
        let certificate = timeout(SIGN_TIMEOUT + ANSWER_TIMEOUT, self.sign(request))
            .await
            .map_err(|_| Error::Slow)??;
        Ok(Certificate {
            certificate,
            key: key
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(|_| Error::Key)?
                .to_string(),
            authority: self.credential.authority(),
        })
    }

    async fn sign(&self, request: String) -> Result<String, Error> {
        let requests: Api<CertificateSigningRequest> = Api::all(self.client.clone());
        let made = requests
            .create(&PostParams::default(), &wanted(request))
            .await?;
        let name = made.metadata.name.unwrap_or_default();
        requests
            .patch_approval(&name, &PatchParams::default(), &Patch::Merge(approval()))
            .await?;
        let signed = wait_for_certificate(&requests, &name).await;
        if let Err(error) = requests.delete(&name, &DeleteParams::default()).await {
            tracing::debug!(%error, "a signing request was left behind; the cluster removes it");
        }
        signed
    }
}

/// What the cluster is asked for: a client's certificate, for so long.
fn wanted(request: String) -> CertificateSigningRequest {
    CertificateSigningRequest {
        metadata: ObjectMeta {
            generate_name: Some("labyard-".into()),
            ..ObjectMeta::default()
        },
        spec: CertificateSigningRequestSpec {
            request: ByteString(request.into_bytes()),
            signer_name: SIGNER.into(),
            expiration_seconds: i32::try_from(LIFE.as_secs()).ok(),
            usages: Some(vec!["client auth".into()]),
            ..CertificateSigningRequestSpec::default()
        },
        status: None,
    }
}

/// The approval, allowed by a capability of the gateway.
fn approval() -> Value {
    json!({ "status": { "conditions": [{
        "type": "Approved",
        "status": "True",
        "reason": "labyard",
        "message": "allowed by a capability of the gateway",
    }] } })
}

async fn wait_for_certificate(
    requests: &Api<CertificateSigningRequest>,
    name: &str,
) -> Result<String, Error> {
    let deadline = Instant::now() + SIGN_TIMEOUT;
    while Instant::now() < deadline {
        let signed = requests
            .get(name)
            .await?
            .status
            .and_then(|status| status.certificate);
        if let Some(ByteString(pem)) = signed {
            return credential::certificates(&pem).ok_or(Error::Certificate);
        }
        tokio::time::sleep(SIGN_POLL).await;
    }
    Err(Error::Slow)
}

/// A signing request (PEM) in which the user is the common name and each group an organization: what
/// Kubernetes reads from a client certificate.
fn request(key: &SigningKey, user: &str, groups: &[String]) -> Result<String, Error> {
    let mut subject = format!("CN={user}");
    for group in groups {
        subject.push_str(",O=");
        subject.push_str(group);
    }
    let subject: Name = subject.parse().map_err(|_| Error::Key)?;
    RequestBuilder::new(subject)
        .and_then(|builder| builder.build::<_, DerSignature>(key))
        .map_err(|_| Error::Key)?
        .to_pem(LineEnding::LF)
        .map_err(|_| Error::Key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_cert::{der::DecodePem, request::CertReq};

    #[test]
    fn a_request_names_the_user_and_every_group() {
        let groups = [
            "labyard:viewer".to_owned(),
            "labyard:edit:team-a".to_owned(),
        ];
        let pem = request(&SigningKey::generate(), "usr_1", &groups).unwrap_or_default();
        let subject = CertReq::from_pem(pem).map(|request| request.info.subject.to_string());
        let subject = subject.unwrap_or_default();
        for part in ["CN=usr_1", "O=labyard:viewer", "O=labyard:edit:team-a"] {
            assert!(subject.contains(part), "{part} is not in {subject}");
        }
    }

    /// What was taken away from somebody is theirs by no certificate for longer than that.
    #[test]
    fn a_certificate_is_asked_for_a_client_and_for_an_hour() {
        let spec = wanted("request".into()).spec;
        assert_eq!(spec.expiration_seconds, Some(3600));
        assert_eq!(spec.signer_name, "kubernetes.io/kube-apiserver-client");
        assert_eq!(spec.usages.unwrap_or_default(), ["client auth"]);
    }
}
