//! libFuzzer on the target that LABYARD_FUZZ names. One program, not one a target: most of each is the same code.
#![no_main]

use std::sync::OnceLock;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| named()(bytes));

fn named() -> fn(&[u8]) {
    static NAMED: OnceLock<fn(&[u8])> = OnceLock::new();
    *NAMED.get_or_init(|| {
        let name = std::env::var("LABYARD_FUZZ").unwrap_or_default();
        let target = fuzz::TARGETS.iter().find(|(known, _)| *known == name);
        target
            .unwrap_or_else(|| panic!("LABYARD_FUZZ names no target: {name:?}"))
            .1
    })
}
