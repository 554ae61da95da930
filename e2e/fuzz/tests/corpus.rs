//! The committed inputs, and what comes of them when a few bytes are changed: the same changes each time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Changed copies of each input.
const COPIES: usize = 2_000;
const CHANGES_MAX: usize = 4;

#[test]
fn whatever_is_read_is_what_it_says() {
    for (name, target) in fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(name);
        let mut inputs: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has no input");
        for path in inputs {
            let input = fs::read(&path).unwrap();
            target(&input);
            let mut random = StdRng::seed_from_u64(input.len() as u64);
            for _ in 0..COPIES {
                target(&changed(&input, &mut random));
            }
        }
    }
}

fn changed(input: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..random.random_range(1..=CHANGES_MAX) {
        let place = random.random_range(0..=bytes.len());
        match random.random_range(0..4) {
            0 if place < bytes.len() => bytes[place] = random.random(),
            1 if place < bytes.len() => drop(bytes.remove(place)),
            2 => bytes.truncate(place),
            _ => bytes.insert(
                place,
                *b"{}[]:,\"\\09\n\r-_e."
                    .get(random.random_range(0..16))
                    .unwrap(),
            ),
        }
    }
    bytes
}
