#!/usr/bin/env bash
# Owns `make soak-events`: event streams and WebSockets of many organizations on a real Postgres, a real bus, two
# api-gateways and an events-gateway, each of which the program of e2e/soak kills, and which come back. Logs are in
# target/soak.
#
# ORGANIZATIONS (100), STREAMS in all (10,000), SOCKETS of them (a fifth), EVENTS to each organization (100),
# EVENTS_GATEWAY_KILLS (20), BUS_KILLS (3), API_GATEWAY_KILLS (3), POSTGRES_KILLS (3), SEED (repeats the choices),
# PROFILE (release, or dev).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

profile=${PROFILE:-release} folder=release
forget_settings
[ "$profile" != dev ] || folder=debug
OPEN_FILES=65536

cd "$root"
# A stream has two ends here, each in a process of its own.
ulimit -n "$OPEN_FILES" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
needed=$((${STREAMS:-10000} + 1000))
[ "$(ulimit -n)" -ge "$needed" ] || as_root prlimit --pid $$ --nofile="$needed:$needed" ||
    fail "a process may open $(ulimit -n) files here, $needed are needed: raise ulimit -Hn"
rm -rf target/soak && mkdir -p target/soak
cargo_build --profile "$profile" --bin api-gateway --bin events-gateway --bin soak
programs=${CARGO_TARGET_DIR:-$root/target}/$folder
LABYARD_NATS_SERVER=$(deploy/tools/nats.sh | tail -n 1)
export LABYARD_NATS_SERVER
LABYARD_CHAOS_BIN=$programs "$programs/soak"
