#!/usr/bin/env bash
# Owns how our own crates are compiled for tests: cargo calls this in place of rustc (RUSTC_WORKSPACE_WRAPPER). Clippy's driver is
# the compiler with Clippy's lints in it, so that one pass checks and compiles.
exec clippy-driver "$@" -D warnings
