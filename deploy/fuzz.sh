#!/usr/bin/env bash
# Owns `make fuzz`: what a stranger may send, thought up by programs. Without a word it does all of it.
#
#   fuzz.sh document   requests made from the OpenAPI document, against a gateway with a real Postgres and a real bus
#   fuzz.sh parsers    bytes for each parser of e2e/fuzz by libFuzzer, from the inputs committed there
#
# N (300) requests of a kind for each operation; SEED repeats a run, otherwise each is another one. What is found is told
# with the request that shows it; the log is target/fuzz/document.log. PARSER_SECONDS (300) for each parser; what breaks one
# is in target/fuzz/found: after the repair it belongs to e2e/fuzz/corpus.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"

# What a gateway of its own reads must not come from the caller's shell.
kept_cache=${LABYARD_CACHE:-}
# shellcheck disable=SC2086
unset ${!LABYARD_@} ${!NATS_@} ${!OTEL_@} DATABASE_URL SECRET_KEY ENCRYPTION_KEY
[ -z "$kept_cache" ] || export LABYARD_CACHE=$kept_cache
N_DEFAULT=300
PARSER_SECONDS_DEFAULT=300
INPUT_MAX=4096
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

parsers() {
    local program name
    RUSTC_WORKSPACE_WRAPPER=$here/tools/coverage.sh \
        cargo build --quiet --locked -p fuzz --features libfuzzer --bins
    mkdir -p "$work/found"
    for program in "$root"/e2e/fuzz/fuzz_targets/*.rs; do
        name=$(basename "$program" .rs)
        say "parser: $name"
        mkdir -p "$work/corpus/$name"
        "$target/debug/fuzz_$name" "$work/corpus/$name" "$root/e2e/fuzz/corpus/$name" \
            -max_total_time="${PARSER_SECONDS:-$PARSER_SECONDS_DEFAULT}" -max_len=$INPUT_MAX -timeout=5 -rss_limit_mb=1024 \
            -seed="${SEED:-0}" -print_final_stats=1 -artifact_prefix="$work/found/$name-" 2>&1 |
            grep -E 'DONE|ERROR|panicked|SUMMARY|artifact|new_units_added|executed_units'
    done
}

cd "$root"
mkdir -p "$work"
case ${1:-all} in
document) document ;;
parsers) parsers ;;
all)
    parsers
    document
    ;;
*) fail "fuzz.sh knows: document, parsers" ;;
esac
