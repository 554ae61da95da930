#!/usr/bin/env bash
# Owns `make fuzz`: what a stranger may send, thought up by programs. Without a word it does all of it.
#
#   fuzz.sh document   requests made from the OpenAPI document, against a gateway with a real Postgres and a real bus
#
# N (300) requests of a kind for each operation; SEED repeats a run, otherwise each is another one. What is found is told
# with the request that shows it; the log is target/fuzz/document.log.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"

# What a gateway of its own reads must not come from the caller's shell.
kept_cache=${LABYARD_CACHE:-}
# shellcheck disable=SC2086
unset ${!LABYARD_@} ${!NATS_@} ${!OTEL_@} DATABASE_URL SECRET_KEY ENCRYPTION_KEY
[ -z "$kept_cache" ] || export LABYARD_CACHE=$kept_cache
N_DEFAULT=300
work=$root/target/fuzz
target=${CARGO_TARGET_DIR:-$root/target}

document() {
    local schemathesis seed=${SEED:-}
    schemathesis=$("$here/tools/schemathesis.sh" | tail -n 1)
    LABYARD_NATS_SERVER=$("$here/tools/nats.sh" | tail -n 1)
    export LABYARD_NATS_SERVER
    cargo build --quiet --locked -p api-gateway --example beside
    [ -n "$seed" ] || seed=$((16#$(random_hex 4)))
    say "document: N=${N:-$N_DEFAULT} SEED=$seed"
    # shellcheck disable=SC2016 # the address is known inside
    (
        cd "$work"
        PYTHONPATH=$root/e2e/fuzz/document SCHEMATHESIS_HOOKS=login PYTHONDONTWRITEBYTECODE=1 \
            "$target/debug/examples/beside" sh -c 'exec "$@" "$LABYARD_URL/api/v1/openapi.json"' sh \
            "$schemathesis" --no-color --config-file "$root/e2e/fuzz/document/schemathesis.toml" \
            run --checks all --seed "$seed" --max-examples "${N:-$N_DEFAULT}"
    ) | tee "$work/document.log"
}

cd "$root"
mkdir -p "$work"
case ${1:-all} in
document) document ;;
all) document ;;
*) fail "fuzz.sh knows: document" ;;
esac
