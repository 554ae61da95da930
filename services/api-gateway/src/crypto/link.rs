//! Secrets of links: computed from an ID with a key of ours, so that no table holds one.

use api::Secret;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::crypto::Keys;

/// What a link lets into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// An organization.
    Invitation,
    /// A cluster.
    Share,
    /// A new password.
    Reset,
}

impl Link {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "lyi_",
            Self::Share => "lys_",
            Self::Reset => "lyr_",
        }
    }
}

fn message(link: Link, id: Uuid) -> Vec<u8> {
    [link.prefix().as_bytes(), id.as_bytes()].concat()
}

impl Keys {
    /// `<prefix><ID><HMAC-SHA256 of both>`, in base64url.
    pub(crate) fn link(&self, link: Link, id: Uuid) -> Secret {
        let tag = hmac::sign(&self.links, &message(link, id));
        let bytes = [id.as_bytes().as_slice(), tag.as_ref()].concat();
        Secret::from(format!(
            "{}{}",
            link.prefix(),
            URL_SAFE_NO_PAD.encode(bytes)
        ))
    }

    /// The ID in a link's secret, if it is one of ours.
    pub(crate) fn read_link(&self, link: Link, token: &Secret) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.expose().trim().strip_prefix(link.prefix())?)
            .ok()?;
        let (id, tag) = bytes.split_at_checked(16)?;
        let id = Uuid::from_slice(id).ok()?;
        hmac::verify(&self.links, &message(link, id), tag).ok()?;
        Some(id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys(letter: &str) -> Keys {
        Keys::of(letter)
    }

    #[test]
    fn a_link_is_good_for_its_kind_and_installation() {
        let id = Uuid::now_v7();
        let token = keys("a").link(Link::Share, id);
        assert_eq!(keys("a").read_link(Link::Share, &token), Some(id));
        assert_eq!(keys("a").read_link(Link::Invitation, &token), None);
        assert_eq!(keys("b").read_link(Link::Share, &token), None);
    }

    #[test]
    fn what_was_changed_is_not_read() {
        let keys = keys("a");
        let token = keys.link(Link::Invitation, Uuid::now_v7());
        for place in Link::Invitation.prefix().len()..token.expose().len() {
            let mut other = token.expose().as_bytes().to_vec();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            // The last character holds bits that mean nothing.
            if place + 1 < token.expose().len() {
                assert_eq!(
                    keys.read_link(Link::Invitation, &other.into()),
                    None,
                    "{place}"
                );
            }
        }
        for other in ["", "lyi_", "lyi_AAAA", "x"] {
            assert_eq!(keys.read_link(Link::Invitation, &other.into()), None);
        }
    }
}
