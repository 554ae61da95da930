//! libFuzzer on `fuzz::capability`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::capability(bytes));
