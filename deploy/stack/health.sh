# shellcheck shell=bash
# Owns the question whether a program does its work, asked at its own port.

ASK_S=2
HEALTHY_WITHIN_S=90

ask() { curl -fsS -o /dev/null --noproxy '*' --max-time "$ASK_S" "$@"; }

# healthy PROGRAM
healthy() {
    case $1 in
    postgres) "$(postgres_bin)/pg_isready" -q -t "$ASK_S" -h 127.0.0.1 -p "$(remembered POSTGRES_PORT)" -U labyard -d labyard ;;
    nats-server) (exec 3<>"/dev/tcp/127.0.0.1/$(remembered NATS_PORT)") ;;
    api-gateway) ask "http://127.0.0.1:$(remembered API_INTERNAL_PORT)/readyz" ;;
    events-gateway) ask "http://127.0.0.1:$(remembered EVENTS_INTERNAL_PORT)/readyz" ;;
    provisioner-worker) ask "http://127.0.0.1:$(remembered WORKER_INTERNAL_PORT)/readyz" ;;
    exec-service) ask "http://127.0.0.1:$(remembered EXEC_INTERNAL_PORT)/readyz" ;;
    edge) ask -H "Host: $(page_authority)" "$(local_url)/" ;; # by any other name it may send elsewhere
    esac >/dev/null 2>&1
}

# local_url: where the edge answers on this machine.
local_url() { printf 'http://%s:%s\n' "$(local_address)" "$(remembered EDGE_PORT)"; }
local_address() {
    local address
    address=$(remembered EDGE_ADDRESS)
    case $address in 0.0.0.0 | '[::]') address=127.0.0.1 ;; esac
    printf '%s\n' "$address"
}

# page_authority: host and port of the page, as a browser names them.
page_authority() {
    local url
    url=$(remembered PUBLIC_URL)
    url=${url#*://}
    printf '%s\n' "${url%%/*}"
}

wait_until_healthy() {
    local program end=$((SECONDS + HEALTHY_WITHIN_S))
    local -a waiting=("${PROGRAMS[@]}") still
    while [ ${#waiting[@]} -gt 0 ]; do
        still=()
        for program in "${waiting[@]}"; do
            if ! healthy "$program"; then
                still+=("$program")
            elif [ "$program" = api-gateway ]; then
                note_installation
            fi
        done
        waiting=("${still[@]}")
        [ ${#waiting[@]} = 0 ] || [ "$SECONDS" -lt "$end" ] || tell_unhealthy "${waiting[@]}"
        [ ${#waiting[@]} = 0 ] || sleep 0.1
    done
}

tell_unhealthy() {
    local program
    for program in "$@"; do
        warn "$program is not ready after $HEALTHY_WITHIN_S s; the end of its log ($home/log/$program.log):"
        tail -n 8 "$home/log/$program.log" 2>/dev/null | sed 's/^/    /' >&2
    done
    fail "not everything is up: make logs S=<name> shows more, make doctor says what to do"
}
