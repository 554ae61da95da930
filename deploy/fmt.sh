#!/usr/bin/env bash
# Owns `make fmt`.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=stack/node_modules.sh
. "$root/deploy/stack/node_modules.sh"

cd "$root"
cargo fmt --all
node_modules services/dashboard
npm --prefix services/dashboard run --silent format
