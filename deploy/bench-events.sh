#!/usr/bin/env bash
# Owns `make bench-events`: the events-gateway beside nchan and beside a bare write() loop, by the receivers of e2e/bench,
# figures to .labyard/bench/events.json. SMOKE=1: with few streams and dev-profile programs, whether it works at all.
# TRANSPORTS: sse, websocket, or both (default). LABYARD_BENCH_ONLY: only scenarios whose name holds this.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

OPEN_FILES=65536 OPEN_FILES_NEEDED=12000
RECEIVERS_PROCESSOR=1

cd "$root"
smoke=${SMOKE:-} transports=${TRANSPORTS:-}
cache=${LABYARD_CACHE:-$root/.labyard/cache}
profile=release folder=release out=$root/.labyard/bench
if [ -n "$smoke" ]; then profile=dev folder=debug out=$root/target/bench-smoke; fi

# nchan's module, unpacked beside: the system's own nginx never loads it.
nchan_module() {
    local module=$cache/nchan/usr/lib/nginx/modules/ngx_nchan_module.so
    if [ ! -f "$module" ]; then
        rm -rf "$cache/nchan.part" && mkdir -p "$cache/nchan.part"
        (cd "$cache/nchan.part" && apt-get download libnginx-mod-nchan >&2 && dpkg-deb -x libnginx-mod-nchan_*.deb .) ||
            fail "Debian's libnginx-mod-nchan cannot be had: apt-get update"
        rm -rf "$cache/nchan" && mv "$cache/nchan.part" "$cache/nchan"
    fi
    printf '%s\n' "$module"
}

# Eleven thousand streams have two ends here, each in a process of its own.
raise_open_files() {
    ulimit -n "$OPEN_FILES" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    [ "$(ulimit -n)" -ge "$OPEN_FILES_NEEDED" ] ||
        as_root prlimit --pid $$ --nofile="$OPEN_FILES:$OPEN_FILES" ||
        fail "a process may open $(ulimit -n) files here, $OPEN_FILES_NEEDED are needed: raise ulimit -Hn"
}

has nginx || fail "nginx is missing: apt-get install nginx"
[ "$(nproc)" -ge 2 ] || fail "a second processor is needed: the measured server has one of its own"
raise_open_files
mkdir -p "$out"
cargo_build --profile "$profile" --bin events-gateway --bin bench
target=${CARGO_TARGET_DIR:-$root/target}/$folder
LABYARD_NATS_SERVER=$(deploy/tools/nats.sh | tail -n 1)
LABYARD_NCHAN=$(nchan_module)
export LABYARD_NATS_SERVER LABYARD_NCHAN
[ -z "$smoke" ] || export LABYARD_BENCH_SMOKE=1
# shellcheck disable=SC2086 # words on purpose
LABYARD_BENCH_OUT=$out LABYARD_EVENTS_GATEWAY=$target/events-gateway \
    taskset -c "$RECEIVERS_PROCESSOR" "$target/bench" events $transports
say "figures: $out/events.json"
