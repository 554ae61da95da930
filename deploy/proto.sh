#!/usr/bin/env bash
# Owns `make proto`: everything generated from the code, in the order in which one is made of the other.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=cargo.sh
. "$root/deploy/cargo.sh"
# shellcheck source=stack/node_modules.sh
. "$root/deploy/stack/node_modules.sh"

cd "$root"
cargo_build --quiet --bin api-gateway --example proto
built=${CARGO_TARGET_DIR:-$root/target}/debug
"$built/examples/proto"
"$built/api-gateway" openapi | write_if_changed proto/openapi.json 644
"$built/api-gateway" errors | write_if_changed docs/errors.md 644
"$built/api-gateway" rights | write_if_changed docs/rights.md 644
node_modules services/dashboard
npm --prefix services/dashboard run --silent generate
say "proto/ and the page's types are those of the code"
