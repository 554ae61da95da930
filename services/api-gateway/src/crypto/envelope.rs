//! Envelope encryption of what the database keeps: AES-256-GCM under a data key of its own, itself
//! wrapped by the installation's key. A box opens only where it was closed: the place is part of it.

use anyhow::anyhow;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
/// Names the wrapping key, so that rotation can tell old boxes from new ones.
const KEK_ID_LEN: usize = 4;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;

pub(crate) struct Envelope {
    kek: [u8; KEY_LEN],
    kek_id: [u8; KEK_ID_LEN],
}

impl Envelope {
    pub(crate) fn new(kek: &[u8; KEY_LEN]) -> anyhow::Result<Self> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, kek);
        Ok(Self {
            kek: *kek,
            kek_id: digest.as_ref()[..KEK_ID_LEN].try_into()?,
        })
    }

    /// Closes a box for `place`, like `<organization>|<cluster>|<field>`.
    pub(crate) fn close(&self, place: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut data_key = Zeroizing::new([0; KEY_LEN]);
        rand::fill(&mut *data_key).map_err(|_| anyhow!("no randomness"))?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&self.kek_id);
        sealed.extend(encrypt(&self.kek, place, &*data_key)?);
        sealed.extend(encrypt(&data_key, place, plain)?);
        Ok(sealed)
    }

    /// Opens a box that was closed for the same `place`.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let refused =
            || anyhow!("a sealed value cannot be opened: it is from another place or another key");
        let (head, rest) = sealed
            .split_at_checked(1 + KEK_ID_LEN)
            .ok_or_else(refused)?;
        if head[0] != VERSION || head[1..] != self.kek_id {
            return Err(refused());
        }
        let (wrapped, body) = rest.split_at_checked(WRAPPED_LEN).ok_or_else(refused)?;
        let data_key = decrypt(&self.kek, place, wrapped).ok_or_else(refused)?;
        let data_key: &[u8; KEY_LEN] = data_key.as_slice().try_into()?;
        decrypt(data_key, place, body).ok_or_else(refused)
    }
}

/// Nonce, ciphertext and tag.
fn encrypt(key: &[u8; KEY_LEN], place: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    let failed = |_| anyhow!("a value could not be sealed");
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(failed)?;
    let mut body = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(place), &mut body)
        .map_err(failed)?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut body);
    Ok(sealed)
}

fn decrypt(key: &[u8; KEY_LEN], place: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let mut body = body.to_vec();
    let plain = key
        .open_in_place(
            Nonce::try_assume_unique_for_key(nonce).ok()?,
            Aad::from(place),
            &mut body,
        )
        .ok()?;
    Some(Zeroizing::new(plain.to_vec()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_where_it_was_closed_and_nowhere_else() {
        let envelope = Envelope::new(&[1; 32]).unwrap();
        let sealed = envelope.close("org|clu|admin", b"kubeconfig").unwrap();
        assert_eq!(
            *envelope.open("org|clu|admin", &sealed).unwrap(),
            b"kubeconfig"
        );
        assert!(envelope.open("org|other|admin", &sealed).is_err());
        assert!(
            Envelope::new(&[2; 32])
                .unwrap()
                .open("org|clu|admin", &sealed)
                .is_err()
        );
        for cut in [0, 4, 40, sealed.len() - 1] {
            assert!(envelope.open("org|clu|admin", &sealed[..cut]).is_err());
        }
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(
                envelope.open("org|clu|admin", &changed).is_err(),
                "byte {place}"
            );
        }
        assert!(!sealed.windows(10).any(|window| window == b"kubeconfig"));
    }
}
