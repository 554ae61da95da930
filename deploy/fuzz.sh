#!/usr/bin/env bash
# Owns `make fuzz`: what a stranger may send, thought up by programs. Without a word it does all of it.
#
#   fuzz.sh build      the program of the parsers alone
#   fuzz.sh document   requests made from the OpenAPI document, against a gateway with a real Postgres and a real bus
#   fuzz.sh parsers    bytes for each parser of e2e/fuzz by libFuzzer, from the inputs committed there
#
# N (300) requests of a kind for each operation; SEED repeats a run, otherwise each is another one. What is found is told
# with the request that shows it; the log is target/fuzz/document.log. PARSER_SECONDS (300) for each parser; what breaks one
# is in target/fuzz/found: after the repair it belongs to e2e/fuzz/corpus.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

forget_settings
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
    cargo_build --quiet --example beside
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

# For libFuzzer our own crates are compiled once more.
build() {
    RUSTC_WORKSPACE_WRAPPER=$here/tools/coverage.sh cargo_build --features fuzz/libfuzzer --bin libfuzzer
}

parsers() {
    build
    mkdir -p "$work/found"
    export -f parser
    export root target work INPUT_MAX PARSER_SECONDS=${PARSER_SECONDS:-$PARSER_SECONDS_DEFAULT} SEED=${SEED:-0}
    find "$root/e2e/fuzz/corpus" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort |
        xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'parser {}'
}

# parser NAME: told when it has ended, as others run beside it.
parser() {
    local name=$1 log=$work/$1.log code=0
    mkdir -p "$work/corpus/$name"
    LABYARD_FUZZ=$name "$target/debug/libfuzzer" "$work/corpus/$name" "$root/e2e/fuzz/corpus/$name" \
        -max_total_time="$PARSER_SECONDS" -max_len="$INPUT_MAX" -timeout=5 -rss_limit_mb=1024 -seed="$SEED" \
        -print_final_stats=1 -artifact_prefix="$work/found/$name-" >"$log" 2>&1 || code=$?
    printf "%s:\n" "$name"
    grep -E 'DONE|ERROR|panicked|SUMMARY|artifact|new_units_added|executed_units' "$log" || true
    return "$code"
}

cd "$root"
mkdir -p "$work"
case ${1:-all} in
build) build ;;
document) document ;;
parsers) parsers ;;
all)
    parsers
    document
    ;;
*) fail "fuzz.sh knows: build, document, parsers" ;;
esac
