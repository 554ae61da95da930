//! Signatures of webhooks, as Standard Webhooks (1.0) has them. A secret is computed from the
//! webhook's ID and the number of its secret with a key of ours, so that no table holds one.

use api::Secret;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

use crate::crypto::Keys;

const PREFIX: &str = "whsec_";

/// What one webhook's deliveries are signed with. It cannot be printed.
pub(crate) struct WebhookSecret(hmac::Tag);

impl Keys {
    pub(crate) fn webhook(&self, id: Uuid, number: i32) -> WebhookSecret {
        let message = [
            PREFIX.as_bytes(),
            id.as_bytes().as_slice(),
            &number.to_be_bytes(),
        ]
        .concat();
        WebhookSecret(hmac::sign(&self.links, &message))
    }
}

impl WebhookSecret {
    /// As its receiver is shown it, once.
    pub(crate) fn shown(&self) -> Secret {
        Secret::from(format!("{PREFIX}{}", STANDARD.encode(self.0.as_ref())))
    }

    /// `v1,` and the HMAC-SHA256 of `<id>.<timestamp>.<body>` in base64.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref());
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_checked_with_what_was_shown_alone() {
        let keys = Keys::of("a");
        let id = Uuid::now_v7();
        let secret = keys.webhook(id, 1);
        let shown = secret.shown();
        let key = STANDARD
            .decode(shown.expose().strip_prefix(PREFIX).unwrap())
            .unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signature = secret.sign("evt_1", 17, "{}");
        let tag = STANDARD
            .decode(signature.strip_prefix("v1,").unwrap())
            .unwrap();
        hmac::verify(&key, b"evt_1.17.{}", &tag).unwrap();
        assert!(hmac::verify(&key, b"evt_1.18.{}", &tag).is_err());
        for other in [keys.webhook(id, 2), keys.webhook(Uuid::now_v7(), 1)] {
            assert_ne!(other.shown().expose(), shown.expose());
        }
    }
}
