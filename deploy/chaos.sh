#!/usr/bin/env bash
# Owns what kills processes on purpose: programs built with the feature `chaos` (in target/chaos/bin, never in a stack),
# and what is done to them.
#
#   chaos.sh build      the programs alone
#   chaos.sh points     each crash point in each kind of task, on the fake driver; then the worker's on Docker
#   chaos.sh run        N lifecycles (default 100) while everything dies at random; SEED repeats the choices, HALT is
#                       for how many seconds a worker is halted (70). What failed is kept in target/chaos/seed-<SEED>
#   chaos.sh red        the same with the fence check off: succeeds when that is found
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

programs=${CARGO_TARGET_DIR:-$root/target}/chaos/bin
RED_SEED=1 RED_N=300

# The programs that a stack runs are built without it, and stay so.
build() {
    local built=${CARGO_TARGET_DIR:-$root/target}/debug name
    cargo_build --bin api-gateway --bin provisioner-worker --features api-gateway/chaos,provisioner-worker/chaos
    cargo_build --bin chaos
    mkdir -p "$programs"
    for name in api-gateway provisioner-worker chaos; do
        cp "$built/$name" "$programs/$name.part"
        mv -f "$programs/$name.part" "$programs/$name"
    done
}

points() {
    LABYARD_NODE_IMAGE=${LABYARD_NODE_IMAGE:?names the node image} LABYARD_CHAOS_BIN=$programs \
        cargo_test --test crash -- --test-threads 1
}

run() { RUST_BACKTRACE=0 LABYARD_CHAOS_BIN=$programs "$programs/chaos"; }

red() {
    export LABYARD_FENCES=off LATE=1 N=${N:-$RED_N} SEED=${SEED:-$RED_SEED}
    if run; then fail "nothing was found with the fence check off"; fi
    rm -rf "$root/target/chaos/seed-$SEED" # looked for, not to be looked at
    say "found, as it must be"
}

cd "$root"
case ${1:-run} in
build) build ;;
points | run | red)
    build
    "${1:-run}"
    ;;
*)
    sed -n '5,9s/^# \{0,1\}//p' "$here/chaos.sh" >&2
    exit 2
    ;;
esac
