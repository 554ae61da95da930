#!/usr/bin/env bash
# Owns how our own crates are compiled for libFuzzer: cargo calls this in place of rustc (RUSTC_WORKSPACE_WRAPPER). The
# branches and comparisons of our code report themselves; what others wrote is compiled, and kept, as for everything else.
# The programs that only libFuzzer needs are linted here; everything else was by lint.sh.
compiler=()
if [ "${CARGO_PKG_NAME:-}" = fuzz ]; then
    compiler=(clippy-driver)
    set -- "$@" -D warnings
fi
exec "${compiler[@]}" "$@" --cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
