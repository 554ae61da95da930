#!/usr/bin/env bash
# Owns the making of nats-server, from its public Go module. Prints the program's path as the last line of stdout; builds
# it only when it is not there yet. `nats.sh --download` fetches its sources and builds nothing.
#
# Reads LABYARD_CACHE (default: <repository>/.labyard/cache). Needs Go >= 1.21 that may fetch its own newer toolchain.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LABYARD_CACHE:-$(cd "$here/../.." && pwd)/.labyard/cache}/tools
hash=$(cat "$here/go.mod" "$here/go.sum" | sha256sum | cut -c1-12)
program=$cache/nats-server-$hash

if [ "${1:-}" = --download ]; then
    (cd "$here" && GOFLAGS='' GOWORK=off go mod download)
    exit
fi
if [ ! -x "$program" ]; then
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9 # tests of several crates may ask at once
fi
if [ ! -x "$program" ]; then
    printf 'nats: building nats-server\n' >&2
    (cd "$here" && GOFLAGS='' GOWORK=off CGO_ENABLED=0 go build -mod=readonly -buildvcs=false -trimpath \
        -ldflags '-s -w' -o "$program.part" github.com/nats-io/nats-server/v2) >&2
    mv "$program.part" "$program"
fi
printf '%s\n' "$program"
