# shellcheck shell=bash
# Owns what every script of deploy/ shares: strict mode, words to the reader, root, waiting with an end.
set -euo pipefail
shopt -s inherit_errexit
shopt -u patsub_replacement 2>/dev/null || true # an & in a path is an &

# shellcheck disable=SC2034 # read by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# A shell that is no login shell lacks these.
PATH="$PATH:/usr/sbin:/sbin:$HOME/.cargo/bin:/usr/local/go/bin"
export PATH

# say TEXT…: a progress line with the seconds since the start.
say() { printf '%5d s  %s\n' "$SECONDS" "$*" >&2; }
warn() { printf 'labyard: %s\n' "$*" >&2; }
fail() {
    warn "$*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: what comes over a network goes by the caller's proxy for root too.
PROXIES=http_proxy,https_proxy,ftp_proxy,all_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,FTP_PROXY,ALL_PROXY,NO_PROXY
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
        return
    fi
    has sudo || fail "this needs root: run it as root, or install sudo"
    sudo --preserve-env="$PROXIES" "$@"
}

# until_true SECONDS COMMAND…: asks again and again; fails when the time is over.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# retry COMMAND…: for what comes over a network.
RETRIES=3 RETRY_PAUSE_S=10
retry() {
    local try
    for ((try = 1; try < RETRIES; try++)); do
        ! "$@" || return 0
        warn "try $try of $RETRIES failed, again in $RETRY_PAUSE_S s: $*"
        sleep "$RETRY_PAUSE_S"
    done
    "$@"
}

# meanwhile TELL COMMAND…: TELL says how far the command is, twice a minute. The command is in the foreground: an interrupt ends it.
TELL_EVERY_S=30
meanwhile() {
    local tell=$1 teller code=0
    shift
    # Its sleep outlives it, and must not hold what this script writes to; it ends with this script, however that ends.
    while sleep "$TELL_EVERY_S" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do "$tell"; done &
    teller=$!
    "$@" || code=$?
    kill "$teller" 2>/dev/null || true
    wait "$teller" 2>/dev/null || true
    return "$code"
}

# step TEXT…: how far a long job is, for the line that deploy/run shows meanwhile.
step() { [ -z "${LABYARD_STEP_FILE:-}" ] || printf '%s' "$*" >"$LABYARD_STEP_FILE"; }

# at_exit COMMAND: done when this script ends, however it does; the last one first.
at_exit() {
    exit_commands="$1; ${exit_commands:-}"
    # shellcheck disable=SC2064 # what is known now is meant
    trap "$exit_commands" EXIT
}

# forget_settings: what the caller's shell says of a stack is not for this one. Where things are cached, and told, stays.
forget_settings() {
    local name
    for name in PROFILE BUNDLE DIGEST DATABASE_URL SECRET_KEY ENCRYPTION_KEY LAB_ISOLATION "${!LABYARD_@}" "${!NATS_@}" "${!OTEL_@}"; do
        case $name in LABYARD_CACHE | LABYARD_STEP_FILE) ;; *) unset "$name" ;; esac
    done
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# write_if_changed FILE: takes the content from stdin; replaces the file at once or not at all.
write_if_changed() {
    local file=$1 part
    part=$(mktemp "$file.XXXXXX")
    cat >"$part"
    chmod "${2:-600}" "$part"
    if [ -f "$file" ] && cmp -s "$part" "$file"; then
        rm -f "$part"
    else
        mv -f "$part" "$file"
    fi
}

# In the list of the system, though perhaps not yet in this shell.
in_docker_group() { id -nG "$(id -un)" | tr ' ' '\n' | grep -qx docker; }

# docker_do ARGUMENTS…: docker, through the group where this shell does not have it yet.
docker_do() {
    if [ -z "${docker_by:-}" ]; then
        docker_by=self
        if [ "$(id -u)" != 0 ] && ! docker version >/dev/null 2>&1 && in_docker_group; then docker_by=group; fi
    fi
    if [ "$docker_by" = self ]; then
        docker "$@"
    else
        sg docker -c "$(printf '%q ' docker "$@")"
    fi
}
