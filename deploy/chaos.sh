#!/usr/bin/env bash
# Owns `make chaos`: a stack of its own on the fake driver, and the program of e2e/chaos that kills its processes at
# random under N lifecycles (default 100). SEED repeats the choices of an earlier run.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"

lifecycles=${N:-100} seed=${SEED:-}
kept_cache=${LABYARD_CACHE:-}
# shellcheck disable=SC2086
unset N SEED ${!LABYARD_@} ${!NATS_@} ${!OTEL_@} DATABASE_URL SECRET_KEY ENCRYPTION_KEY LAB_ISOLATION
[ -z "$kept_cache" ] || export LABYARD_CACHE=$kept_cache
export LABYARD_HOME=$root/target/chaos-stack LABYARD_PROFILE=dev LABYARD_PULL=0 LABYARD_POOL=0
export LABYARD_REQUESTS_PER_USER=100000 LABYARD_REQUESTS_PER_ADDRESS=100000 LABYARD_LOGINS_PER_MINUTE=1000
export LABYARD_PORT=0 LABYARD_API_PORT=0 LABYARD_EVENTS_PORT=0
export LABYARD_DRIVER=fake LABYARD_FAKE_DIR=$root/target/chaos-stack/world LABYARD_FAKE_STEP_MS=50 LABYARD_SLOTS=8
# shellcheck source=stack/settings.sh
. "$here/stack/settings.sh"

cd "$root"
deploy/stack.sh clean </dev/null
rm -rf "$LABYARD_FAKE_DIR" # another installation's, and nobody's by now
at_exit "deploy/stack.sh clean </dev/null"
deploy/stack.sh up
mkdir -p "$LABYARD_FAKE_DIR"
N=$lifecycles SEED=$seed LABYARD_E2E_URL=$(remembered PUBLIC_URL) LABYARD_E2E_HOME=$home \
    LABYARD_BIN=$home/bin/labyard LABYARD_E2E_STACK=$root/deploy/stack.sh \
    cargo run --quiet --locked -p e2e --features stack --bin chaos
