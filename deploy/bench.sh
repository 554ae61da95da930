#!/usr/bin/env bash
# Owns `make bench`: a release stack of its own, the measurements of e2e/bench against it, figures to .labyard/bench.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

figures=$root/.labyard/bench
forget_settings
export LABYARD_HOME=$root/target/bench-stack LABYARD_PROFILE=release LABYARD_PULL=0 LABYARD_POOL=0
export LABYARD_REQUESTS_PER_USER=100000 LABYARD_REQUESTS_PER_ADDRESS=100000 LABYARD_LOGINS_PER_MINUTE=1000
export LABYARD_PORT=0 LABYARD_TLS_PORT=0 LABYARD_API_PORT=0 LABYARD_EVENTS_PORT=0
# shellcheck source=stack/settings.sh
. "$here/stack/settings.sh"

POOL=4

cd "$root"
if has docker && others=$(docker_do ps -q --filter label=labyard.dev/role=node 2>/dev/null) && [ -n "$others" ]; then
    fail "labs are running on this machine and would falsify the figures: delete them, or make down and docker stop them"
fi
deploy/stack.sh clean </dev/null
at_exit "deploy/stack.sh clean </dev/null"
deploy/stack.sh up
mkdir -p "$figures"
cargo_build --release --bin bench
# measure ARGUMENTS…: the program of e2e/bench against this stack.
measure() {
    LABYARD_E2E_GATEWAY=http://127.0.0.1:$(remembered API_PORT) \
        LABYARD_E2E_URL=$(server_url) LABYARD_E2E_HOME=$home LABYARD_BIN=$home/bin/labyard \
        LABYARD_E2E_STACK=$root/deploy/stack.sh LABYARD_BENCH_OUT=$figures \
        LABYARD_NODE_IMAGE=$(cat "$home/run/node-image") \
        "${CARGO_TARGET_DIR:-$root/target}/release/bench" "$@"
}
measure cold
# The same stack with a warm pool: the worker comes back with it.
LABYARD_POOL=$POOL deploy/stack.sh up
measure warm "$POOL"
say "figures: $figures"
