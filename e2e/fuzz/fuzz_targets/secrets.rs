//! libFuzzer on `fuzz::secrets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::secrets(bytes));
