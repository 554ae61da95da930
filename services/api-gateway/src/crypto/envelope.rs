//! Envelope encryption of what the database keeps: AES-256-GCM under a data key of its own, itself
//! wrapped by the installation's key. A box opens only where it was closed: the place is part of it.
//! Its head names the wrapping key, so that another one can take its place without the rest.

use std::fmt;

use anyhow::anyhow;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;
/// Bytes of a box's head: version, ID of the wrapping key, wrapped data key. What follows is of no
/// use without them. Migration 0010 knows the number.
pub(crate) const HEAD_LEN: usize = 1 + KEY_ID_LEN + WRAPPED_LEN;

/// What a wrapping key is called: it tells nothing about the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyId([u8; KEY_ID_LEN]);

impl KeyId {
    pub(crate) fn of_head(head: &[u8]) -> Option<Self> {
        let bytes = head.get(1..=KEY_ID_LEN)?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a box stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(
        "it is sealed with the key {0}, which is not here: name that key in ENCRYPTION_KEYS_OLD"
    )]
    UnknownKey(KeyId),
    #[error("it is from another place, or not whole")]
    Damaged,
}

struct Kek {
    id: KeyId,
    key: Zeroizing<[u8; KEY_LEN]>,
}

pub(crate) struct Envelope {
    current: Kek,
    /// Open what they have closed, and close nothing.
    old: Vec<Kek>,
}

impl Kek {
    fn new(key: Zeroizing<[u8; KEY_LEN]>) -> anyhow::Result<Self> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &*key);
        let id = KeyId(digest.as_ref()[..KEY_ID_LEN].try_into()?);
        Ok(Self { id, key })
    }

    fn wrap(&self, place: &str, data_key: &[u8; KEY_LEN]) -> anyhow::Result<Vec<u8>> {
        let mut head = vec![VERSION];
        head.extend_from_slice(&self.id.0);
        head.extend(encrypt(&self.key, place, data_key)?);
        Ok(head)
    }
}

impl Envelope {
    pub(crate) fn new(
        current: Zeroizing<[u8; KEY_LEN]>,
        old: impl IntoIterator<Item = Zeroizing<[u8; KEY_LEN]>>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            current: Kek::new(current)?,
            old: old.into_iter().map(Kek::new).collect::<Result<_, _>>()?,
        })
    }

    /// The key that closes.
    pub(crate) fn current(&self) -> KeyId {
        self.current.id
    }

    /// Whether what this key has closed can be opened.
    pub(crate) fn knows(&self, id: KeyId) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: KeyId) -> Option<&Kek> {
        std::iter::once(&self.current)
            .chain(&self.old)
            .find(|kek| kek.id == id)
    }

    /// Closes a box for `place`, like `<organization>|<cluster>|<field>`. Its first [`HEAD_LEN`] bytes
    /// may be kept apart; [`Envelope::open`] wants them together again.
    pub(crate) fn close(&self, place: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut data_key = Zeroizing::new([0; KEY_LEN]);
        rand::fill(&mut *data_key).map_err(|_| anyhow!("no randomness"))?;
        let mut sealed = self.current.wrap(place, &data_key)?;
        sealed.extend(encrypt(&data_key, place, plain)?);
        Ok(sealed)
    }

    /// Opens a box that was closed for the same `place`.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (head, body) = sealed
            .split_at_checked(HEAD_LEN)
            .ok_or(OpenError::Damaged)?;
        let data_key = self.unwrap(place, head)?;
        decrypt(&data_key, place, body).ok_or(OpenError::Damaged)
    }

    /// The head of a box under the current key, if it is under an older one.
    pub(crate) fn rewrap(&self, place: &str, head: &[u8]) -> Result<Option<Vec<u8>>, OpenError> {
        if KeyId::of_head(head) == Some(self.current.id) {
            return Ok(None);
        }
        let data_key = self.unwrap(place, head)?;
        let head = self.current.wrap(place, &data_key);
        head.map(Some).map_err(|_| OpenError::Damaged)
    }

    fn unwrap(&self, place: &str, head: &[u8]) -> Result<Zeroizing<[u8; KEY_LEN]>, OpenError> {
        let id = KeyId::of_head(head).ok_or(OpenError::Damaged)?;
        if head.len() != HEAD_LEN || head[0] != VERSION {
            return Err(OpenError::Damaged);
        }
        let kek = self.find(id).ok_or(OpenError::UnknownKey(id))?;
        let data_key = decrypt(&kek.key, place, &head[1 + KEY_ID_LEN..]);
        let data_key = data_key.ok_or(OpenError::Damaged)?;
        let data_key: [u8; KEY_LEN] = data_key
            .as_slice()
            .try_into()
            .map_err(|_| OpenError::Damaged)?;
        Ok(Zeroizing::new(data_key))
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

    fn envelope(current: u8, old: &[u8]) -> Envelope {
        let key = |byte: u8| Zeroizing::new([byte; 32]);
        Envelope::new(key(current), old.iter().copied().map(key)).unwrap()
    }

    #[test]
    fn a_box_opens_where_it_was_closed_and_nowhere_else() {
        let envelope = envelope(1, &[]);
        let sealed = envelope.close("org|clu|admin", b"kubeconfig").unwrap();
        assert_eq!(
            *envelope.open("org|clu|admin", &sealed).unwrap(),
            b"kubeconfig"
        );
        assert_eq!(
            envelope.open("org|other|admin", &sealed),
            Err(OpenError::Damaged)
        );
        for cut in [0, 4, 40, HEAD_LEN, sealed.len() - 1] {
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

    #[test]
    fn without_its_head_a_box_is_nothing_and_another_head_does_not_fit() {
        let envelope = envelope(1, &[]);
        let (one, two) = (
            envelope.close("p", b"one").unwrap(),
            envelope.close("p", b"two").unwrap(),
        );
        assert!(envelope.open("p", &one[HEAD_LEN..]).is_err());
        let mixed = [&two[..HEAD_LEN], &one[HEAD_LEN..]].concat();
        assert_eq!(envelope.open("p", &mixed), Err(OpenError::Damaged));
    }

    #[test]
    fn another_key_takes_over_and_the_old_one_can_go() {
        let before = envelope(1, &[]);
        let sealed = before.close("p", b"plain").unwrap();
        let during = envelope(2, &[3, 1]);
        assert_eq!(*during.open("p", &sealed).unwrap(), b"plain");
        let head = during.rewrap("p", &sealed[..HEAD_LEN]).unwrap().unwrap();
        assert_eq!(during.rewrap("p", &head), Ok(None), "twice is nothing more");
        let sealed_anew = [&head, &sealed[HEAD_LEN..]].concat();
        let after = envelope(2, &[]);
        assert_eq!(*after.open("p", &sealed_anew).unwrap(), b"plain");
        // What was copied before is under a key that is gone, and says which.
        let gone = before.current();
        assert_eq!(after.open("p", &sealed), Err(OpenError::UnknownKey(gone)));
        assert_eq!(
            after.rewrap("p", &sealed[..HEAD_LEN]),
            Err(OpenError::UnknownKey(gone))
        );
        assert!(
            OpenError::UnknownKey(gone)
                .to_string()
                .contains(&gone.to_string())
        );
        assert_eq!(
            during.rewrap("elsewhere", &sealed[..HEAD_LEN]),
            Err(OpenError::Damaged)
        );
    }
}
