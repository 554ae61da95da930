//! A cluster's credential file, read as what it is: text that the cluster's owner may have written. This file owns what
//! of it is believed (three values, checked) and the clients made of them; whence the text comes is the driver's.

use std::{fmt::Write as _, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Endpoint;
use kube::Client;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

use crate::client;

/// Bytes of a credential file; ours has 3 KiB.
pub const FILE_MAX: usize = 64 << 10;
/// Certificates of one chain.
const CHAIN_MAX: usize = 8;
/// Characters of a line of PEM.
const PEM_LINE: usize = 64;

/// Why a credential is not used. Nothing of the file is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("it is too long")]
    TooLong,
    #[error("it is not a kubeconfig with an authority, a certificate and a key in it")]
    Malformed,
    #[error("its authority or certificate is none")]
    Certificate,
    #[error("its key is none")]
    Key,
}

/// What a cluster's administrator logs in with: kept on the cluster's own host. It cannot be printed.
#[derive(Clone)]
pub struct Credential {
    authority: Chain,
    certificate: Chain,
    /// PEM, written anew from what was read.
    key: SecretString,
}

/// Certificates, as they were read.
#[derive(Clone, Default)]
struct Chain(Vec<CertificateDer<'static>>);

/// The lines of the file that there are for us: everything in a kubeconfig's own block form has one. Whatever else stands
/// in it (programs to run, other files, other servers, proxies, tokens, names to act as) is not read, and so not obeyed;
/// and no reader of YAML takes minutes over what it was made for to take minutes.
const AUTHORITY: &str = "certificate-authority-data:";
const CERTIFICATE: &str = "client-certificate-data:";
const KEY: &str = "client-key-data:";

impl Credential {
    /// Reads a kubeconfig of one cluster and one user, with everything in it.
    ///
    /// # Errors
    /// What about the file cannot be used.
    pub fn read(file: &[u8]) -> Result<Self, Unusable> {
        if file.len() > FILE_MAX {
            return Err(Unusable::TooLong);
        }
        let file = std::str::from_utf8(file).map_err(|_| Unusable::Malformed)?;
        let authority = decoded(only(file, AUTHORITY)?)?;
        let certificate = decoded(only(file, CERTIFICATE)?)?;
        Ok(Self {
            authority: Chain::read(&authority).ok_or(Unusable::Certificate)?,
            certificate: Chain::read(&certificate).ok_or(Unusable::Certificate)?,
            key: key(&decoded(only(file, KEY)?)?)?,
        })
    }

    /// That of a cluster without an API.
    pub(crate) fn none() -> Self {
        Self {
            authority: Chain::default(),
            certificate: Chain::default(),
            key: SecretString::default(),
        }
    }

    /// The administrator at the API's endpoint, each of whose answers may take so long.
    ///
    /// # Errors
    /// When the certificates or the key are none that TLS takes.
    pub fn client(&self, endpoint: &Endpoint, answer: Duration) -> Result<Client, kube::Error> {
        client::bounded(self.config(endpoint, answer)?, answer)
    }

    /// The administrator in the place of somebody in these groups, to see what such a one may not.
    ///
    /// # Errors
    /// As [`Self::client`].
    pub fn client_as(
        &self,
        endpoint: &Endpoint,
        answer: Duration,
        groups: Vec<String>,
    ) -> Result<Client, kube::Error> {
        let mut config = self.config(endpoint, answer)?;
        config.auth_info.impersonate = Some("labyard:guest".to_owned());
        config.auth_info.impersonate_groups = Some(groups);
        client::bounded(config, answer)
    }

    /// The cluster's own authority, as PEM.
    pub fn authority(&self) -> String {
        self.authority.pem()
    }

    /// A kubeconfig of these three values, for keeping: with the address that it has inside its own node.
    pub fn kubeconfig(&self) -> SecretString {
        let (authority, certificate) = (self.authority.pem(), self.certificate.pem());
        let text = format!(
            "apiVersion: v1\nkind: Config\n\
             clusters:\n- name: default\n  cluster:\n    server: https://127.0.0.1:6443\n    {AUTHORITY} {}\n\
             users:\n- name: default\n  user:\n    {CERTIFICATE} {}\n    {KEY} {}\n\
             contexts:\n- name: default\n  context:\n    cluster: default\n    user: default\n\
             current-context: default\n",
            STANDARD.encode(authority),
            STANDARD.encode(certificate),
            STANDARD.encode(self.key.expose_secret()),
        );
        text.into()
    }

    fn config(&self, endpoint: &Endpoint, answer: Duration) -> Result<kube::Config, kube::Error> {
        let mut config = client::config(endpoint, answer)?;
        let authority = &self.authority.0;
        config.root_cert = Some(authority.iter().map(|one| one.to_vec()).collect());
        config.auth_info.client_certificate_data = Some(STANDARD.encode(self.certificate.pem()));
        let key = STANDARD.encode(self.key.expose_secret());
        config.auth_info.client_key_data = Some(key.into());
        Ok(config)
    }
}

/// The certificates in a text of the cluster's, written anew: PEM without anything between.
pub fn certificates(pem: &[u8]) -> Option<String> {
    Some(Chain::read(pem)?.pem())
}

impl Chain {
    /// At least one, and not many.
    fn read(pem: &[u8]) -> Option<Self> {
        if pem.len() > FILE_MAX {
            return None;
        }
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem)
            .take(CHAIN_MAX + 1)
            .collect();
        let read = read.ok()?;
        (1..=CHAIN_MAX).contains(&read.len()).then_some(Self(read))
    }

    fn pem(&self) -> String {
        self.0
            .iter()
            .map(|one| pem("CERTIFICATE", one.as_ref()))
            .collect()
    }
}

/// What stands behind this word in the one line that begins with it.
fn only<'a>(file: &'a str, word: &str) -> Result<&'a str, Unusable> {
    let mut lines = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix(word));
    match (lines.next(), lines.next()) {
        (Some(value), None) => Ok(value.trim().trim_matches(['"', '\''])),
        _ => Err(Unusable::Malformed),
    }
}

fn decoded(data: &str) -> Result<Vec<u8>, Unusable> {
    STANDARD.decode(data).map_err(|_| Unusable::Malformed)
}

fn key(data: &[u8]) -> Result<SecretString, Unusable> {
    let key = PrivateKeyDer::from_pem_slice(data).map_err(|_| Unusable::Key)?;
    let kind = match &key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        PrivateKeyDer::Pkcs8(_) => "PRIVATE KEY",
        _ => return Err(Unusable::Key),
    };
    Ok(pem(kind, key.secret_der()).into())
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {kind}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        let _ = writeln!(pem, "{line}");
        rest = after;
    }
    let _ = writeln!(pem, "-----END {kind}-----");
    pem
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{net::TcpListener, str::FromStr, time::Instant};

    use p256::{
        ecdsa::{DerSignature, SigningKey},
        elliptic_curve::Generate,
        pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
    };
    use serde_json::{Value, json};
    use x509_cert::{
        builder::{Builder, CertificateBuilder, profile::cabf::Root},
        der::{Decode, EncodePem},
        name::Name,
        serial_number::SerialNumber,
        spki::SubjectPublicKeyInfo,
        time::Validity,
    };

    use super::*;

    const ANSWER: Duration = Duration::from_millis(500);

    /// Where nothing listens.
    fn nowhere() -> Endpoint {
        Endpoint::loopback(1)
    }

    /// A certificate that signs itself, and its key.
    fn pair() -> (String, String) {
        let key = SigningKey::generate();
        let public = key.verifying_key().to_public_key_der().unwrap();
        let public = SubjectPublicKeyInfo::from_der(public.as_bytes()).unwrap();
        let name = Name::from_str("CN=test,O=test,C=US").unwrap();
        let builder = CertificateBuilder::new(
            Root::new(false, name).unwrap(),
            SerialNumber::from(1_u32),
            Validity::from_now(Duration::from_secs(600)).unwrap(),
            public,
        );
        let certificate = builder.unwrap().build::<_, DerSignature>(&key).unwrap();
        let certificate = certificate.to_pem(LineEnding::LF).unwrap();
        let key = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        (certificate, key.to_string())
    }

    /// A kubeconfig in its own form: each value of the cluster and the user in a line.
    struct Config {
        cluster: Vec<(&'static str, Value)>,
        user: Vec<(&'static str, Value)>,
    }

    /// What a lab's own administrator has.
    fn honest() -> Config {
        let (certificate, key) = pair();
        let certificate = STANDARD.encode(certificate);
        Config {
            cluster: vec![
                ("server", json!("https://127.0.0.1:6443")),
                ("certificate-authority-data", json!(certificate)),
            ],
            user: vec![
                ("client-certificate-data", json!(certificate)),
                ("client-key-data", json!(STANDARD.encode(key))),
            ],
        }
    }

    impl Config {
        fn with(&self, of: &str, field: &'static str, value: &Value) -> Self {
            let mut config = Self {
                cluster: self.cluster.clone(),
                user: self.user.clone(),
            };
            let part = match of {
                "cluster" => &mut config.cluster,
                _ => &mut config.user,
            };
            part.retain(|(name, _)| *name != field);
            part.push((field, value.clone()));
            config
        }

        fn without(mut self, field: &str) -> Self {
            self.cluster.retain(|(name, _)| *name != field);
            self.user.retain(|(name, _)| *name != field);
            self
        }

        fn text(&self) -> String {
            let lines = |values: &[(&str, Value)]| -> String {
                let line = |(name, value): &(&str, Value)| format!("    {name}: {value}\n");
                values.iter().map(line).collect()
            };
            format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: default\n\
                 clusters:\n- name: default\n  cluster:\n{}users:\n- name: default\n  user:\n{}\
                 contexts:\n- name: default\n  context: {{cluster: default, user: default}}\n",
                lines(&self.cluster),
                lines(&self.user),
            )
        }
    }

    fn read(config: &Config) -> Result<Credential, Unusable> {
        Credential::read(config.text().as_bytes())
    }

    fn whole(credential: &Credential) -> String {
        credential.kubeconfig().expose_secret().to_owned()
    }

    #[tokio::test]
    async fn an_honest_file_is_read_and_gives_the_same_again() {
        let honest = honest();
        let credential = read(&honest).ok().unwrap();
        let bare = honest.text().replace('"', "");
        let bare = Credential::read(bare.as_bytes()).ok().unwrap();
        assert_eq!(whole(&bare), whole(&credential), "with quotes and without");
        let again = Credential::read(whole(&credential).as_bytes())
            .ok()
            .unwrap();
        assert_eq!(whole(&again), whole(&credential));
        assert!(
            credential
                .authority()
                .starts_with("-----BEGIN CERTIFICATE-----\n")
        );
        assert!(again.client(&nowhere(), ANSWER).is_ok());
    }

    /// Each field that kube's own loader obeys: a program that it runs, a file that it reads, where it goes instead and
    /// as whom. None of it changes anything.
    #[tokio::test]
    async fn nothing_else_in_the_file_is_obeyed() {
        let folder = tempfile::tempdir().unwrap();
        let ran = folder.path().join("ran");
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let server = format!("https://{}", elsewhere.local_addr().unwrap());
        let program = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "touch", "args": [ran], "interactiveMode": "Never", "provideClusterInfo": true,
        });
        let provider = json!({ "name": "gcp", "config": {
            "cmd-path": "touch", "cmd-args": ran, "access-token": "planted",
        }});
        let file = folder.path().join("file");
        std::fs::write(&file, "planted").unwrap();
        let fields = [
            ("user", "exec", program),
            ("user", "auth-provider", provider),
            ("user", "tokenFile", json!(file)),
            ("user", "token", json!("planted")),
            ("user", "username", json!("planted")),
            ("user", "password", json!("planted")),
            ("user", "client-certificate", json!(file)),
            ("user", "client-key", json!(file)),
            ("user", "as", json!("system:admin")),
            ("user", "as-uid", json!("planted")),
            ("user", "as-groups", json!(["system:masters"])),
            ("user", "as-user-extra", json!({ "planted": ["a"] })),
            ("cluster", "server", json!(server)),
            (
                "cluster",
                "proxy-url",
                json!(server.replace("https", "http")),
            ),
            ("cluster", "insecure-skip-tls-verify", json!(true)),
            ("cluster", "tls-server-name", json!("planted")),
            ("cluster", "certificate-authority", json!(file)),
            ("cluster", "disable-compression", json!(true)),
            (
                "cluster",
                "extensions",
                json!([{ "name": "a", "extension": server }]),
            ),
        ];
        let honest = honest();
        let wanted = whole(&read(&honest).ok().unwrap());
        for (part, field, value) in fields {
            let hostile = honest.with(part, field, &value);
            let credential = read(&hostile).ok().unwrap();
            assert_eq!(whole(&credential), wanted, "{field}");
            let config = credential.config(&nowhere(), ANSWER).unwrap();
            assert_eq!(
                config.cluster_url.to_string(),
                "https://127.0.0.1:1/",
                "{field}"
            );
            assert!(
                config.proxy_url.is_none() && !config.accept_invalid_certs,
                "{field}"
            );
            assert!(config.root_cert_file.is_none(), "{field}");
            assert_eq!(
                config.tls_server_name.as_deref(),
                Some("127.0.0.1"),
                "{field}"
            );
            assert_eq!(config.root_cert.as_ref().map(Vec::len), Some(1), "{field}");
            assert_eq!(config.headers, [], "{field}");
            let login = &config.auth_info;
            assert!(
                login.exec.is_none() && login.auth_provider.is_none(),
                "{field}"
            );
            assert!(
                login.token.is_none() && login.token_file.is_none(),
                "{field}"
            );
            assert!(
                login.username.is_none() && login.password.is_none(),
                "{field}"
            );
            assert!(
                login.client_certificate.is_none() && login.client_key.is_none(),
                "{field}"
            );
            assert!(
                login.impersonate.is_none() && login.impersonate_groups.is_none(),
                "{field}"
            );
            let asked = credential
                .client(&nowhere(), ANSWER)
                .unwrap()
                .apiserver_version()
                .await;
            assert!(asked.is_err(), "{field}: nobody is there");
            assert!(!ran.exists(), "{field}: a program ran");
        }
        let proxied = format!(
            "proxy-url: {server}\n{}preferences: {{colors: true}}\n",
            honest.text()
        );
        assert_eq!(
            whole(&Credential::read(proxied.as_bytes()).ok().unwrap()),
            wanted
        );
        let nobody = elsewhere.accept().map_err(|error| error.kind());
        assert_eq!(nobody.err(), Some(std::io::ErrorKind::WouldBlock));
    }

    /// A key and its certificate in other places than inline are none.
    #[test]
    fn what_is_not_in_the_file_itself_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = pair();
        for (part, field, inline, text) in [
            ("user", "client-key", "client-key-data", &key),
            (
                "user",
                "client-certificate",
                "client-certificate-data",
                &certificate,
            ),
            (
                "cluster",
                "certificate-authority",
                "certificate-authority-data",
                &certificate,
            ),
        ] {
            let path = folder.path().join(field);
            std::fs::write(&path, text).unwrap();
            let hostile = honest().with(part, field, &json!(path)).without(inline);
            assert_eq!(read(&hostile).err(), Some(Unusable::Malformed), "{field}");
        }
    }

    #[test]
    fn what_is_no_credential_is_refused() {
        let honest = honest();
        let (certificate, key) = pair();
        let with = |part, field, value: Value| read(&honest.with(part, field, &value)).err();
        let user = |field, text: &str| with("user", field, json!(STANDARD.encode(text)));
        let authority = |text: &str| {
            let text = json!(STANDARD.encode(text));
            with("cluster", "certificate-authority-data", text)
        };
        assert_eq!(authority(&key), Some(Unusable::Certificate));
        assert_eq!(authority(""), Some(Unusable::Certificate));
        assert_eq!(
            authority(&certificate.repeat(9)),
            Some(Unusable::Certificate)
        );
        assert_eq!(
            user("client-certificate-data", "text"),
            Some(Unusable::Certificate)
        );
        assert_eq!(user("client-key-data", &certificate), Some(Unusable::Key));
        assert_eq!(
            with("user", "client-key-data", json!("!!")),
            Some(Unusable::Malformed)
        );
        let twice = [honest.text(), honest.text()].concat();
        assert_eq!(
            Credential::read(twice.as_bytes()).err(),
            Some(Unusable::Malformed),
            "whose is it"
        );
        for text in [
            "",
            "a",
            "[]",
            "{}",
            "clusters: []\nusers: []\n",
            "\0",
            "--- a\n--- b\n",
        ] {
            assert_eq!(
                Credential::read(text.as_bytes()).err(),
                Some(Unusable::Malformed),
                "{text:?}"
            );
        }
        let began = Instant::now();
        let long = vec![b'#'; FILE_MAX + 1];
        assert_eq!(Credential::read(&long).err(), Some(Unusable::TooLong));
        let deep = [b"clusters: ".as_slice(), &b"[".repeat(FILE_MAX - 20)].concat();
        assert_eq!(Credential::read(&deep).err(), Some(Unusable::Malformed));
        let dashes = b"- ".repeat(FILE_MAX / 2);
        assert_eq!(Credential::read(&dashes).err(), Some(Unusable::Malformed));
        let begins = b"-----BEGIN CERTIFICATE-----\n".repeat(FILE_MAX / 40);
        assert_eq!(
            authority(&String::from_utf8_lossy(&begins)),
            Some(Unusable::Certificate)
        );
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{:?}",
            began.elapsed()
        );
    }

    /// A key that is another certificate's stops at our side.
    #[tokio::test]
    async fn a_key_of_another_certificate_makes_no_client() {
        let another = json!(STANDARD.encode(pair().1));
        let hostile = honest().with("user", "client-key-data", &another);
        let credential = read(&hostile).ok().unwrap();
        assert!(credential.client(&nowhere(), ANSWER).is_err());
    }

    #[test]
    fn certificates_of_an_answer_are_written_anew() {
        let (certificate, key) = pair();
        let among = format!("planted\n{certificate}planted: true\n{key}");
        assert_eq!(certificates(among.as_bytes()), Some(certificate.clone()));
        assert_eq!(certificates(b"planted"), None);
        assert_eq!(certificates(&b"x".repeat(FILE_MAX + 1)), None);
    }
}
