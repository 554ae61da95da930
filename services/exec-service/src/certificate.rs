//! A person's client certificate, signed by the cluster's own CSR API. The cluster is its owner's:
//! its answers are bounded in time and believed in nothing but this.

use std::time::Duration;

use domain::Group;
use k8s_openapi::{
    ByteString,
    api::certificates::v1::{CertificateSigningRequest, CertificateSigningRequestSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
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

use crate::person::Error;

/// How long a certificate is good.
pub(crate) const LIFE: Duration = Duration::from_secs(3600);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
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
    /// The cluster's own authority, base64 of PEM.
    pub(crate) authority: String,
}

/// The cluster's administrator: exists on this host alone and for as long as it is needed.
pub(crate) struct Admin {
    config: Config,
    client: Client,
    authority: String,
}

impl Admin {
    pub(crate) async fn new(kubeconfig: &str, port: u16) -> Result<Self, Error> {
        let kubeconfig = Kubeconfig::from_yaml(kubeconfig)?;
        let authority = kubeconfig
            .clusters
            .first()
            .and_then(|named| named.cluster.as_ref()?.certificate_authority_data.clone())
            .unwrap_or_default();
        let mut config =
            Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        config.cluster_url = format!("https://127.0.0.1:{port}")
            .parse()
            .map_err(|_| Error::NoApi)?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = Some(ANSWER_TIMEOUT);
        config.proxy_url = None;
        Ok(Self {
            client: Client::try_from(config.clone())?,
            config,
            authority,
        })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The administrator in the place of one who may edit, to see what such a one may not.
    pub(crate) fn as_guest(&self) -> Result<Client, Error> {
        let mut config = self.config.clone();
        config.auth_info.impersonate = Some("labyard:guest".to_owned());
        config.auth_info.impersonate_groups = Some(vec![Group::Operator.to_string()]);
        Ok(Client::try_from(config)?)
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
            authority: self.authority.clone(),
        })
    }

    async fn sign(&self, request: String) -> Result<String, Error> {
        let requests: Api<CertificateSigningRequest> = Api::all(self.client.clone());
        let wanted = CertificateSigningRequest {
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
        };
        let made = requests.create(&PostParams::default(), &wanted).await?;
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
            return String::from_utf8(pem).map_err(|_| Error::Slow);
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
}
