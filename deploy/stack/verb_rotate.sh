# shellcheck shell=bash
# Owns `make admin DO=rotate-keys`: a new ENCRYPTION_KEY, everything that is sealed brought under it, the old key gone.
# Killed at any point, the next run goes on: as long as an old key is in secrets/gateway.env, a rotation is not done.

verb_rotate_keys() {
    supervisor_answers || fail "the stack of $home does not run: make up"
    local old
    old=$(secret gateway ENCRYPTION_KEYS_OLD)
    if [ -n "$old" ]; then
        say "a rotation that was interrupted goes on"
    else
        old=$(secret gateway ENCRYPTION_KEY)
        keep_keys "$(random_hex 32)" "$old"
        say "a new key is made"
    fi
    hand_out_keys
    run_with "$(environment api-gateway)" "$home/bin/api-gateway" admin rotate-keys ||
        fail "the old key stays in $home/secrets/gateway.env: repair what is said above, then run this again"
    keep_keys "$(secret gateway ENCRYPTION_KEY)" ""
    hand_out_keys
    say "the old key is gone: what only it opens, like a copy of the database from before, stays closed"
}

# keep_keys CURRENT OLD: replaces both at once in the file of secrets.
keep_keys() {
    local file=$home/secrets/gateway.env
    {
        grep -v '^ENCRYPTION_KEY' "$file"
        printf 'ENCRYPTION_KEY=%s\n' "$1"
        [ -z "$2" ] || printf 'ENCRYPTION_KEYS_OLD=%s\n' "$2"
    } | write_if_changed "$file"
}

# hand_out_keys: gives the programs the keys of now and restarts those whose keys are others. Their other settings stay.
hand_out_keys() {
    local program file lines
    remember GATEWAY_KEYS "$(run_with "$(gateway_secrets)" "$home/bin/api-gateway" keys)"
    for program in "${SERVICES[@]}"; do
        file=$home/run/env/$program
        lines=$(environment "$program" | grep -E '^(ENCRYPTION_KEY|ENCRYPTION_KEYS_OLD|LABYARD_GATEWAY_KEYS)=' | quote_environment)
        {
            grep -vE '^(ENCRYPTION_KEY|ENCRYPTION_KEYS_OLD|LABYARD_GATEWAY_KEYS)=' "$file"
            printf '%s\n' "$lines"
        } | write_if_changed "$file"
    done
    make_supervisor
    start_supervisor 8>&-
    wait_until_healthy
}
