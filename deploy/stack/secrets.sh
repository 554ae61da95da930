# shellcheck shell=bash
# Owns the stack's secrets: made once, readable by this user alone, never on a command line.

make_secrets() {
    local umask_before
    umask_before=$(umask)
    umask 077
    make_secret gateway SECRET_KEY ENCRYPTION_KEY
    make_secret nats API_GATEWAY_PASSWORD EVENTS_GATEWAY_PASSWORD HOST_PASSWORD
    make_secret postgres POSTGRES_PASSWORD
    umask "$umask_before"
}

# make_secret FILE NAMES…
make_secret() {
    local file=$home/secrets/$1.env name
    shift
    [ ! -s "$file" ] || return 0
    for name in "$@"; do printf '%s=%s\n' "$name" "$(random_hex 32)"; done | write_if_changed "$file"
}

# secret FILE NAME
secret() { sed -n "s/^$2=//p" "$home/secrets/$1.env"; }
