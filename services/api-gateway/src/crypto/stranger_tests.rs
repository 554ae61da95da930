//! Secrets as a stranger might change them: a few characters of a good one, the same changes each time.
#![allow(clippy::unwrap_used)]

use api::Secret;
use domain::{SessionId, UserId};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::crypto::{Keys, link::Link, secret, token::Purpose};

const COPIES: usize = 2_000;

/// A text with one to three characters replaced, taken out, put in, or its case turned.
fn changed(text: &str, random: &mut StdRng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..random.random_range(1..=3) {
        let place = random.random_range(0..letters.len().max(1));
        let letter = char::from(random.random_range(b' '..=b'~'));
        match random.random_range(0..5) {
            0 if place < letters.len() => letters[place] = letter,
            1 if place < letters.len() => drop(letters.remove(place)),
            2 if place < letters.len() => letters[place] = letters[place].to_ascii_uppercase(),
            3 => letters.truncate(place),
            _ => letters.insert(place.min(letters.len()), letter),
        }
    }
    letters.into_iter().collect()
}

/// Whether a secret is good as it is, and no changed copy of it.
pub(crate) fn nothing_else_is_good<T>(good: &Secret, read: impl Fn(&str) -> Option<T>) {
    let good = good.expose();
    assert!(read(good).is_some(), "the good one");
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..COPIES {
        let other = changed(good, &mut random);
        // White space around it is what people copy along.
        if other.trim() != good {
            assert!(read(&other).is_none(), "{other:?} for {good:?}");
        }
    }
    assert!(read("").is_none());
}

#[test]
fn a_secret_that_was_changed_is_none() {
    let keys = Keys::of("a");
    let (id, user) = (Uuid::now_v7(), UserId::from_uuid(Uuid::now_v7()));
    for link in [Link::Invitation, Link::Share, Link::Reset] {
        nothing_else_is_good(&keys.link(link, id), |text| {
            keys.read_link(link, &text.into())
        });
    }
    let refresh = keys.refresh_token(SessionId::from_uuid(id), 12);
    nothing_else_is_good(&refresh, |text| keys.read_refresh_token(text));
    for purpose in [Purpose::Access, Purpose::Stream] {
        let token = keys.jwt(purpose, user, SessionId::from_uuid(id)).unwrap();
        nothing_else_is_good(&token, |text| keys.read_jwt(purpose, text));
    }
    nothing_else_is_good(&secret::mint().unwrap().token, secret::read);
}
