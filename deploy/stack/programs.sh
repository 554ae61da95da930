# shellcheck shell=bash
# Owns how each program is started: its environment (<home>/run/env) and its start script (<home>/run/start).

PLAIN_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
OPEN_FILES=65536

# open_files: as many as a program wants and this account may have.
open_files() {
    local files
    files=$(ulimit -Hn)
    if [ "$files" = unlimited ] || [ "$files" -gt "$OPEN_FILES" ]; then files=$OPEN_FILES; fi
    printf '%s\n' "$files"
}

# environment PROGRAM: one KEY=value a line, secrets included.
environment() {
    local name
    case $1 in
    api-gateway)
        bus_user api-gateway API_GATEWAY_PASSWORD
        printf '%s\n' "DATABASE_URL=$(database_url)" "LABYARD_HTTP_ADDR=127.0.0.1:$(remembered API_PORT)" \
            "LABYARD_INTERNAL_ADDR=127.0.0.1:$(remembered API_INTERNAL_PORT)" \
            "LABYARD_LISTEN=$edge_address:$(remembered EDGE_PORT)" "LABYARD_PUBLIC_URL=$(remembered PUBLIC_URL)"
        own_origins
        gateway_secrets
        ;;
    events-gateway)
        bus_user events-gateway EVENTS_GATEWAY_PASSWORD
        printf '%s\n' "LABYARD_HTTP_ADDR=127.0.0.1:$(remembered EVENTS_PORT)" \
            "LABYARD_INTERNAL_ADDR=127.0.0.1:$(remembered EVENTS_INTERNAL_PORT)" \
            "LABYARD_PUBLIC_URL=$(remembered PUBLIC_URL)" "LABYARD_GATEWAY_KEYS=$(remembered GATEWAY_KEYS)"
        own_origins
        ;;
    provisioner-worker | exec-service)
        bus_user "host-$(remembered HOST)" HOST_PASSWORD
        printf '%s\n' "LABYARD_HOST=$(remembered HOST)" "LABYARD_STATE_DIR=$home/state/$1" \
            "LABYARD_GATEWAY_KEYS=$(remembered GATEWAY_KEYS)" "LABYARD_NODE_IMAGE=$(node_image)"
        case $1 in
        provisioner-worker) printf '%s\n' "LABYARD_INTERNAL_ADDR=127.0.0.1:$(remembered WORKER_INTERNAL_PORT)" ;;
        exec-service) printf '%s\n' "LABYARD_INTERNAL_ADDR=127.0.0.1:$(remembered EXEC_INTERNAL_PORT)" ;;
        esac
        ;;
    *) return 0 ;;
    esac
    for name in "${PASSED_ON[@]}"; do
        [ -z "${!name:-}" ] || printf '%s\n' "$name=${!name}"
    done
}

# own_origins: where else the page is open than at the public URL: on the edge's own https, and where the operator says.
own_origins() {
    local origins
    origins=$(printf '%s\n' "${LABYARD_ORIGINS:-}" "$(https_url)" | sed '/^$/d' | paste -sd,)
    [ -z "$origins" ] || printf '%s\n' "LABYARD_ORIGINS=$origins"
}
bus_user() {
    printf '%s\n' "NATS_URL=nats://127.0.0.1:$(remembered NATS_PORT)" "NATS_USER=$1" "NATS_PASSWORD=$(secret nats "$2")"
}
gateway_secrets() {
    printf '%s\n' "SECRET_KEY=$(secret gateway SECRET_KEY)" "ENCRYPTION_KEY=$(secret gateway ENCRYPTION_KEY)"
    local old
    old=$(secret gateway ENCRYPTION_KEYS_OLD)
    # Only while make admin DO=rotate-keys is at work.
    [ -z "$old" ] || printf '%s\n' "ENCRYPTION_KEYS_OLD=$old"
}
node_image() { printf '%s\n' "${LABYARD_NODE_IMAGE:-$(cat "$home/run/node-image")}"; }

# run_with ENVIRONMENT PROGRAM ARGUMENTS…: with that environment and no other.
run_with() {
    local environment
    mapfile -t environment <<<"$1"
    shift
    env -i "PATH=$PLAIN_PATH" "HOME=$HOME" "${environment[@]}" "$@"
}

# What one program knows and others need.
learn() {
    local value
    if [ -n "${LABYARD_HOST:-}" ]; then
        value=$LABYARD_HOST
    elif ! value=$(with_docker "$home/bin/provisioner-worker" host-id 2>"$home/log/host-id.log") || [ -z "$value" ]; then
        cat "$home/log/host-id.log" >&2
        fail "provisioner-worker could not name this host: does the Docker engine answer? LABYARD_HOST names it by hand"
    fi
    remember HOST "$value"
    value=$(run_with "$(gateway_secrets)" "$home/bin/api-gateway" keys) || fail "api-gateway could not derive its keys"
    remember GATEWAY_KEYS "$value"
}

# with_docker PROGRAM ARGUMENTS…: through the group where this shell does not have it yet.
with_docker() {
    docker_do version >/dev/null 2>&1 || true # decides docker_by
    if [ "${docker_by:-self}" = self ]; then "$@"; else sg docker -c "$(printf '%q ' "$@")"; fi
}

# command_of PROGRAM: its words, quoted for a shell.
command_of() {
    local as bin
    case $1 in
    postgres)
        bin=$(postgres_bin)
        postgres_as
        printf '%q ' "${as[@]}" "$bin/postgres" -D "$home/postgres/data"
        ;;
    nats-server) printf '%q ' "$home/bin/nats-server" -c "$home/run/nats-server.conf" ;;
    edge)
        printf '%q ' "$home/bin/nginx" -p "$home/edge" -c "$home/edge/nginx.conf"
        # Else it opens the log of the system's own nginx first; 1.18 can't be told.
        "$home/bin/nginx" -h 2>&1 | grep -q -- '-e filename' && printf '%q ' -e stderr
        ;;
    *) if walled "$1"; then without_rights "$1"; else printf '%q ' "$home/bin/$1"; fi ;;
    esac
}

# start_script PROGRAM: at most one start a second, however fast it dies; then its environment and nothing between.
start_script() {
    local program=$1
    cat <<SCRIPT
#!/bin/bash
# Starts $program; written by deploy/stack/programs.sh, read by the supervisor.
if [ \$# = 0 ]; then
    stamp=$(printf '%q' "$home/run/start/$program.last")
    [ "\$(( \$(date +%s) - \$(stat -c %Y "\$stamp" 2>/dev/null || echo 0) ))" -ge 1 ] || sleep 1
    : >"\$stamp"
$(before_start "$program")
fi
set -a
. $(printf '%q' "$home/run/env/$program")
set +a
cd /
$(! walled "$program" || build_walls "$program")
exec $(command_of "$program")
SCRIPT
}

# before_start PROGRAM: behind walls it goes on inside; nginx' workers outlive a killed master and keep its port.
before_start() {
    ! walled "$1" || enter_walls "$1"
    [ "$1" = edge ] || return 0
    printf 'find /proc -maxdepth 2 -path "/proc/[0-9]*/exe" \\( -lname %q -o -lname %q \\) -printf "%%h\\n" 2>/dev/null |\n' \
        "$home/bin/nginx" "$home/bin/nginx (deleted)"
    printf '    sed "s|/proc/||" | xargs -r kill -KILL\n'
}

make_programs() {
    local program
    docker_do version >/dev/null 2>&1 || true
    make_walls
    mkdir -p "$home"/state/{provisioner-worker,exec-service}
    for program in "${PROGRAMS[@]}"; do
        environment "$program" | quote_environment | write_if_changed "$home/run/env/$program"
        start_script "$program" | write_if_changed "$home/run/start/$program" 700
    done
}
quote_environment() {
    local line
    while IFS= read -r line; do printf '%s=%q\n' "${line%%=*}" "${line#*=}"; done
}

# build_of PROGRAM: a hash of everything it was started from; another hash is a reason to restart it.
build_of() {
    local files=("$home/run/start/$1" "$home/run/env/$1")
    case $1 in
    postgres) files+=("$home/postgres/data/postgresql.conf" "$home/postgres/data/pg_hba.conf" "$(postgres_bin)/postgres") ;;
    nats-server) files+=("$home/bin/nats-server" "$home/run/nats-server.conf") ;;
    edge) files+=("$home/bin/nginx" "$home/edge/nginx.conf") ;;
    *) files+=("$home/bin/$1") ;;
    esac
    cat "${files[@]}" | sha256sum | cut -c1-16
}
