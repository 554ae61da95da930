#!/usr/bin/env bash
# Owns the making of schemathesis: a Python environment of its own, with the versions and hashes of schemathesis.txt.
# Prints the program's path as the last line of stdout; installs it only when it is not there yet.
#
# Reads LABYARD_CACHE (default: <repository>/.labyard/cache). Needs Python >= 3.10 with venv.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LABYARD_CACHE:-$(cd "$here/../.." && pwd)/.labyard/cache}/tools
hash=$(sha256sum <"$here/schemathesis.txt" | cut -c1-12)
folder=$cache/schemathesis-$hash
program=$folder/bin/schemathesis

mkdir -p "$cache"
exec 9>"$cache/schemathesis.lock"
flock 9
if [ ! -e "$folder/complete" ]; then
    printf 'schemathesis: installing\n' >&2
    rm -rf "$folder"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        -r "$here/schemathesis.txt" >&2
    touch "$folder/complete"
fi
printf '%s\n' "$program"
