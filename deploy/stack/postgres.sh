# shellcheck shell=bash
# Owns the stack's private Postgres: its folder, its settings, who it runs as. The system's own is never touched.

POSTGRES_SETTINGS=(
    "listen_addresses = '127.0.0.1'" "unix_socket_directories = ''" "max_connections = 200"
    "shared_buffers = '128MB'" "effective_cache_size = '1GB'" "random_page_cost = 1.1" "jit = off"
    # What was acknowledged is on the disk.
    "fsync = on" "synchronous_commit = on" "full_page_writes = on" "wal_compression = on"
    "max_wal_size = '1GB'" "checkpoint_timeout = '15min'" "autovacuum_naptime = '20s'"
    "password_encryption = 'scram-sha-256'" "timezone = 'UTC'" "log_timezone = 'UTC'" "log_destination = 'stderr'"
    "logging_collector = off" "log_checkpoints = off" "log_min_duration_statement = '500ms'"
)

# postgres_bin: where the programs are that fit the data, else the newest.
postgres_bin() {
    local version folder
    version=$(cat "$home/postgres/data/PG_VERSION" 2>/dev/null) || true
    if [ -n "$version" ]; then
        folder=/usr/lib/postgresql/$version/bin
        [ -x "$folder/postgres" ] || fail "the data in $home/postgres are of Postgres $version: apt-get install postgresql-$version"
        printf '%s\n' "$folder"
    else
        newest_postgres || fail "Postgres is not installed: apt-get install postgresql"
    fi
}

# postgres_as: the words before a Postgres program. Postgres refuses root, so root runs it as its own user; and where that
# user can't enter the clone (under /root, in a closed home), with the one capability to pass through.
postgres_as() {
    as=()
    [ "$(id -u)" = 0 ] || return 0
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    # ls, not test: access(2) looks at the user alone, never at the capability.
    if ! "${as[@]}" ls "$home/postgres" >/dev/null 2>&1; then
        as+=(--inh-caps=+dac_read_search --ambient-caps=+dac_read_search)
        "${as[@]}" ls "$home/postgres" >/dev/null || fail "the user postgres can't enter $home: set LABYARD_HOME to a folder it can pass through to"
    fi
}

make_postgres() {
    local bin folder=$home/postgres as
    bin=$(postgres_bin)
    mkdir -p "$folder"
    chmod 700 "$folder"
    [ "$(id -u)" != 0 ] || chown postgres: "$folder"
    postgres_as
    if [ ! -d "$folder/data" ]; then
        rm -rf "$folder/data.new"
        (cd / && "${as[@]}" "$bin/initdb" -U postgres -E UTF8 --locale=C --auth=reject -D "$folder/data.new") >"$home/log/initdb.log" 2>&1 ||
            { tail -n 5 "$home/log/initdb.log" >&2; fail "initdb failed; its log is $home/log/initdb.log"; }
        single_user "$folder/data.new" postgres >>"$home/log/initdb.log" 2>&1 <<SQL
CREATE ROLE labyard LOGIN PASSWORD '$(secret postgres POSTGRES_PASSWORD)'
CREATE DATABASE labyard OWNER labyard
SQL
        mv "$folder/data.new" "$folder/data"
    fi
    printf '%s\n' 'host labyard labyard 127.0.0.1/32 scram-sha-256' | own "$folder/data/pg_hba.conf"
    { echo "port = $(remembered POSTGRES_PORT)"; printf '%s\n' "${POSTGRES_SETTINGS[@]}"; } | own "$folder/data/postgresql.conf"
}

# own FILE: written as Postgres' user reads it.
own() {
    write_if_changed "$1"
    [ "$(id -u)" != 0 ] || chown postgres: "$1"
}

# single_user FOLDER DATABASE: commands from stdin, a line each, with no server running.
single_user() {
    local as
    postgres_as
    (cd / && "${as[@]}" "$(postgres_bin)/postgres" --single -D "$1" -c log_min_messages=error "$2")
}

database_url() {
    printf 'postgres://labyard:%s@127.0.0.1:%s/labyard\n' "$(secret postgres POSTGRES_PASSWORD)" "$(remembered POSTGRES_PORT)"
}

# query SQL: one answer of the running database.
query() {
    PGPASSWORD=$(secret postgres POSTGRES_PASSWORD) "$(postgres_bin)/psql" -XAtq -h 127.0.0.1 -p "$(remembered POSTGRES_PORT)" \
        -U labyard -d labyard -c "$1"
}
