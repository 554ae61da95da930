# shellcheck shell=bash
# Owns the questions: `make status`, `make logs`, `make doctor`, which change nothing, and the operator's `make admin`.

LOG_LINES=50
DISK_FREE_PERCENT=15   # below that no lab is created
MEMORY_FREE_MIB=1024
INOTIFY_INSTANCES=512

verb_status() {
    supervisor_answers || fail "the stack of $home does not run: make up"
    local program state pid uptime health bad=0 line
    printf '%-20s %-9s %8s  %-16s %s\n' PROGRAM STATE PID UPTIME HEALTH
    for program in "${PROGRAMS[@]}"; do
        line=$(supervisor status "$program") || true
        read -r _ state _ pid _ uptime <<<"$line"
        if [ "$state" = RUNNING ]; then
            pid=${pid%,}
            if healthy "$program"; then health=ready; else health='not ready' bad=1; fi
        else
            pid=- uptime=- health='not ready' bad=1
        fi
        printf '%-20s %-9s %8s  %-16s %s\n' "$program" "$state" "$pid" "$uptime" "$health"
    done
    printf '\n%s, %s labs here\n' "$(remembered PUBLIC_URL)" "$(docker_answers && count_labs || echo unknown)"
    return "$bad"
}

verb_logs() {
    local files=() program follow=()
    for program in "${PROGRAMS[@]}"; do
        [ -n "$1" ] && [ "$1" != "$program" ] || files+=("$program.log")
    done
    [ ${#files[@]} -gt 0 ] || fail "no program is called $1: ${PROGRAMS[*]}"
    [ -d "$home/log" ] || fail "there are no logs in $home: make up"
    [ ! -t 1 ] || follow=(-F)
    cd "$home/log" && exec tail -n "$LOG_LINES" "${follow[@]}" -- "${files[@]}"
}

# verb_admin ARGUMENTS…: what only this installation's operator may, like `adopt` and `reset-password EMAIL`.
verb_admin() {
    [ $# -gt 0 ] || set -- --help
    if [ "$1" = rotate-keys ]; then
        alone verb_rotate_keys
        return
    fi
    run_with "$(environment api-gateway)" "$home/bin/api-gateway" admin "$@"
}

# check WHAT FIX COMMAND…
check() {
    local what=$1 fix=$2
    shift 2
    if "$@" >/dev/null 2>&1; then
        printf 'ok    %s\n' "$what"
    else
        printf 'BAD   %s\n      %s\n' "$what" "$fix"
        ill=1
    fi
}

verb_doctor() {
    local program
    ill=0
    check "this machine has what is needed" "see the list above" preflight
    [ "$ill" = 0 ] || preflight || true
    check "the Docker engine answers" "deploy/docker/ensure.sh starts it" docker_answers
    check "the node image is there" "make node-image" node_image_there
    check "$DISK_FREE_PERCENT % of Docker's disk are free" "make room: below that no lab is created" disk_free
    check "$MEMORY_FREE_MIB MiB of memory are free" "delete labs: below that no lab is created" memory_free
    check "enough inotify instances" "deploy/docker/ensure.sh raises them (as root)" inotify_enough
    check "secrets are this user's alone" "chmod -R go= $home/secrets" secrets_closed
    check "the supervisor answers" "make up" supervisor_answers
    check_tls
    for program in "${PROGRAMS[@]}"; do
        check "$program is ready" "make logs S=$program; then make up" healthy "$program"
    done
    check "nobody broke the bus' rules" "make logs S=nats-server names subject and user" no_violations
    check "what must always hold holds" "GET /api/v1/installation shows what does not, to an administrator" nothing_broken
    check_keys
    check "nothing runs beside the supervisor" "make down, then make up" no_leftovers
    return "$ill"
}

# check_keys: the line of each key that sealed values are under.
check_keys() {
    local said good=1 line
    said=$(verb_admin sealed 2>&1) || good=0
    while IFS= read -r line; do
        if [ "$good" = 1 ]; then printf 'ok    sealed: %s\n' "$line"; else printf 'BAD   sealed: %s\n' "$line"; fi
    done <<<"$said"
    [ "$good" = 1 ] || ill=1
}

node_image_there() { docker_do image inspect "$(node_image)"; }
disk_free() {
    local folder used
    folder=$(docker_do info --format '{{.DockerRootDir}}')
    used=$(df -P "$folder" | awk 'NR == 2 { sub("%", "", $5); print $5 }')
    [ $((100 - used)) -ge "$DISK_FREE_PERCENT" ]
}
memory_free() { [ "$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)" -ge "$MEMORY_FREE_MIB" ]; }
inotify_enough() { [ "$(cat /proc/sys/fs/inotify/max_user_instances)" -ge "$INOTIFY_INSTANCES" ]; }
secrets_closed() { [ -z "$(find "$home/secrets" "$home/run/env" -perm /077 -print -quit)" ]; }
no_violations() { ! grep -qs 'Permissions Violation' "$home/log/nats-server.log"; }

# The gateway's own views (services/api-gateway/sql/broken_*.sql), each empty when all is well.
nothing_broken() {
    local broken
    broken=$(query "select viewname from pg_views where viewname like 'broken\\_%' and (xpath('/row/n/text()',
        query_to_xml(format('select count(*) as n from %I', viewname), false, true, '')))[1]::text <> '0'")
    [ -z "$broken" ] || { printf '%s\n' "$broken"; return 1; }
}

# Every process of ours has the supervisor among its ancestors.
no_leftovers() {
    local pid parent supervisor
    supervisor=$(supervisor_pid)
    for pid in $(bin_pids) $(postgres_pid); do
        parent=$pid
        while [ "$parent" != "$supervisor" ]; do
            parent=$(awk '$1 == "PPid:" { print $2 }' "/proc/$parent/status") || return 1
            [ "${parent:-0}" -gt 1 ] || return 1
        done
    done
}
