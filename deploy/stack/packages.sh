# shellcheck shell=bash
# Owns which of the distribution's packages are needed, and installs those that are missing. Nothing is started by that.

APT_WAIT_S=300 # for another apt to end
APT_LOOK_S=2
POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='# labyard: nothing starts while its packages are installed'

newest_postgres() {
    local folder
    folder=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort -V | tail -n 1)
    [ -x "$folder/bin/postgres" ] && printf '%s\n' "$folder/bin"
}

# need PACKAGE COMMAND…: needed unless the command succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

needs_of_stack() {
    need postgresql newest_postgres
    need nginx has nginx
    need supervisor has supervisord
    need curl has curl
    need openssl has openssl
    needs_of_engine
}

# iptables: without it dockerd makes no network; docker.io only recommends it.
needs_of_engine() {
    need docker.io has dockerd
    need iptables has iptables
}

# What is built here instead of coming in a bundle.
needs_of_build() {
    need libc6-dev test -e /usr/include/stdlib.h
    need debootstrap has debootstrap
    need debian-archive-keyring test -e /usr/share/keyrings/debian-archive-keyring.gpg
}

needs_of_test() {
    need chromium has chromium
    need fonts-liberation test -d /usr/share/fonts/truetype/liberation
    need python3-venv python3 -c 'import ensurepip, venv'
}

needs_of_lint() {
    need shellcheck has shellcheck
    need openssl has openssl
    need g++ has c++
}

# install_missing NEEDS…: each names a function above. The log goes to $packages_log, or where a stack has its own.
install_missing() {
    local list
    log=${packages_log:-$home/log/packages.log}
    missing=()
    for list in "$@"; do "$list"; done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "packages: installing ${missing[*]}"
    forbid_services
    if ! meanwhile tell_packages retry install_packages; then
        allow_services
        tail -n 5 "$log" >&2
        fail "apt could not install them: is a mirror reachable? The whole log is $log"
    fi
    allow_services
    say "packages: installed"
}

install_packages() {
    update_lists || warn "apt-get update failed, going on with what is known (log: $log)"
    apt install -y -q --no-install-recommends "${missing[@]}" >>"$log" 2>&1
}

# A machine that has just booted reads them by itself; apt's own wait is for its other lock.
update_lists() {
    local end=$((SECONDS + APT_WAIT_S))
    until apt update -q >"$log" 2>&1; do
        grep -q 'Could not get lock' "$log" && [ "$SECONDS" -lt "$end" ] || return 1
        sleep "$APT_LOOK_S"
    done
}

tell_packages() {
    local done all
    done=$(grep -c '^Setting up' "$log") || true
    all=$(sed -n 's/.* \([0-9]*\) newly installed.*/\1/p' "$log" | tail -n 1)
    if [ -n "$all" ]; then say "packages: $done of $all set up"; else say "packages: reading the mirror's lists"; fi
}

apt() { as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -o "DPkg::Lock::Timeout=$APT_WAIT_S" -o Acquire::Retries=3 "$@" </dev/null; }

forbid_services() {
    allow_services # a run that was killed may have left ours
    [ ! -e "$POLICY" ] || return 0
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
    at_exit allow_services
}
allow_services() {
    if grep -qsF "$POLICY_MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi
}
