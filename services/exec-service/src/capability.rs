//! Capabilities: what the gateway signed is what is done, once, here, and soon.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use api::bus::{Capability, Fault};
use domain::{Code, HostId, StreamKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, get_current_timestamp};

/// Used capabilities remembered until their time is over; more at once are refused. By hand and not in a cache: one that
/// makes room by forgetting would let what it forgot be used again.
const USED_MAX: usize = 10_000;

/// Checks capabilities for one host.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
    host: HostId,
    used: Mutex<HashMap<String, u64>>,
}

impl Verifier {
    pub fn new(public_key: [u8; 32], host: HostId) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 5;
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp"]);
        Self {
            key: DecodingKey::from_ed_der(&public_key),
            validation,
            host,
            used: Mutex::default(),
        }
    }

    /// The capability in `token`, if it allows this `kind` here and was not used before.
    ///
    /// # Errors
    /// A fault that says what is wrong, never what would be right.
    pub fn verify(&self, token: &str, kind: StreamKind) -> Result<Capability, Fault> {
        let capability = jsonwebtoken::decode::<Capability>(token, &self.key, &self.validation)
            .map_err(|error| refused(&format!("the capability is not valid: {error}")))?
            .claims;
        if capability.host != self.host {
            return Err(refused("the capability is for another host"));
        }
        if capability.kind != kind {
            return Err(refused("the capability is for something else"));
        }
        self.use_up(&capability)?;
        Ok(capability)
    }

    fn use_up(&self, capability: &Capability) -> Result<(), Fault> {
        let now = get_current_timestamp();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, exp| exp.saturating_add(self.validation.leeway) >= now);
        if used.len() >= USED_MAX {
            return Err(Fault {
                code: Code::RateLimited,
                message: "too many commands at once on this host".into(),
                retryable: true,
            });
        }
        match used.insert(capability.jti.clone(), capability.exp) {
            None => Ok(()),
            Some(_) => Err(refused("the capability was used before")),
        }
    }
}

fn refused(message: &str) -> Fault {
    Fault {
        code: Code::Forbidden,
        message: message.to_owned(),
        retryable: false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use domain::{
        ClusterId, Group, SessionId,
        StreamKind::{Exec, Kubeconfig},
        UserId,
    };
    use jsonwebtoken::{EncodingKey, Header, encode};
    use uuid::Uuid;

    use super::*;

    struct Signer {
        key: EncodingKey,
        public: [u8; 32],
    }

    fn signer(seed: u8) -> Signer {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        Signer {
            key: EncodingKey::from_ed_der(der.as_ref()),
            public: pair.public_key().as_ref().try_into().unwrap(),
        }
    }

    fn capability(host: &str, kind: StreamKind, secs: i64) -> Capability {
        Capability {
            jti: Uuid::now_v7().to_string(),
            host: host.parse().unwrap(),
            cluster: ClusterId::from_uuid(Uuid::now_v7()),
            generation: 1,
            kind,
            session: SessionId::from_uuid(Uuid::now_v7()),
            user: UserId::from_uuid(Uuid::now_v7()),
            user_name: "u".into(),
            user_number: 0,
            groups: vec![Group::Owner],
            secs_max: 60,
            output_max: 1,
            exp: get_current_timestamp().saturating_add_signed(secs),
        }
    }

    fn sign(signer: &Signer, capability: &Capability) -> String {
        encode(&Header::new(Algorithm::EdDSA), capability, &signer.key).unwrap()
    }

    #[test]
    fn a_capability_is_good_once_here_for_its_kind_and_for_a_while() {
        let (gateway, stranger) = (signer(1), signer(2));
        let verifier = Verifier::new(gateway.public, "h1".parse().unwrap());
        let good = sign(&gateway, &capability("h1", Exec, 30));
        assert!(verifier.verify(&good, Exec).is_ok());
        for (what, token) in [
            ("used", good),
            ("expired", sign(&gateway, &capability("h1", Exec, -60))),
            (
                "another host's",
                sign(&gateway, &capability("h2", Exec, 30)),
            ),
            (
                "another kind",
                sign(&gateway, &capability("h1", Kubeconfig, 30)),
            ),
            ("a stranger's", sign(&stranger, &capability("h1", Exec, 30))),
            ("garbage", "x.y.z".into()),
            ("empty", String::new()),
        ] {
            let fault = verifier.verify(&token, Exec).unwrap_err();
            assert_eq!(fault.code, Code::Forbidden, "{what}");
        }
    }

    #[test]
    fn a_changed_capability_is_refused() {
        let gateway = signer(1);
        let verifier = Verifier::new(gateway.public, "h1".parse().unwrap());
        let token = sign(&gateway, &capability("h1", Exec, 30));
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let other = sign(&gateway, &capability("h1", Exec, 31));
        let claims = other.split('.').nth(1).unwrap();
        assert!(
            verifier
                .verify(&format!("{head}.{claims}.{signature}"), Exec)
                .is_err()
        );
    }

    /// As an earlier gateway signed it, and as a later one may.
    #[test]
    fn a_kind_is_the_word_it_always_was_and_an_unknown_one_allows_nothing() {
        let gateway = signer(1);
        let verifier = Verifier::new(gateway.public, "h1".parse().unwrap());
        for (word, good) in [("exec", true), ("shell", false), ("", false)] {
            let mut claims = serde_json::to_value(capability("h1", Exec, 30)).unwrap();
            assert_eq!(claims["kind"], "exec");
            claims["kind"] = word.into();
            let token = encode(&Header::new(Algorithm::EdDSA), &claims, &gateway.key).unwrap();
            assert_eq!(verifier.verify(&token, Exec).is_ok(), good, "{word}");
        }
    }
}
