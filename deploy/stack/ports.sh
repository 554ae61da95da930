# shellcheck shell=bash
# Owns ports: who listens, what is free, which numbers this stack keeps. Read from /proc, no tool needed.

# Below what the kernel gives to connections (32768) and what labs publish on (20000-29999).
FREE_FROM=12000
FREE_TO=19999

listener_inodes() {
    awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null || true
}
port_free() { [ -z "$(listener_inodes "$1")" ]; }

# holds PID PORT
holds() {
    local inode
    for inode in $(listener_inodes "$2"); do
        [ -z "$(find "/proc/$1/fd" -lname "socket:\[$inode\]" -print -quit 2>/dev/null)" ] || return 0
    done
    return 1
}
port_ours() {
    local pid
    for pid in $(our_pids); do
        ! holds "$pid" "$1" || return 0
    done
    return 1
}

# port_holder PORT: who listens, in words.
port_holder() {
    local folder pid
    for folder in /proc/[0-9]*; do
        pid=${folder#/proc/}
        if holds "$pid" "$1"; then
            printf '%s (PID %s)\n' "$(cat "$folder/comm" 2>/dev/null)" "$pid"
            return
        fi
    done
    echo "another user's process"
}

# keep_port NAME WANTED: the number to use under that name; 0 means any free one, and the same again next time.
keep_port() {
    local port=$2 tries
    if [ "$port" = 0 ]; then
        port=$(remembered "$1")
        if [ -z "$port" ] || { ! port_free "$port" && ! port_ours "$port"; }; then
            for ((tries = 0; tries < 200; tries++)); do
                port=$((FREE_FROM + RANDOM % (FREE_TO - FREE_FROM + 1)))
                ! grep -qs "=$port\$" "$home/run/stack.env" && port_free "$port" && break
            done
            port_free "$port" || fail "no free port between $FREE_FROM and $FREE_TO"
        fi
    fi
    remember "$1" "$port"
}

keep_ports() {
    keep_port EDGE_PORT "$edge_port"
    keep_port API_PORT "$api_port"
    keep_port EVENTS_PORT "$events_port"
    if [ "$tls_port" = off ]; then remember EDGE_TLS_PORT ''; else keep_port EDGE_TLS_PORT "$tls_port"; fi
    local name
    for name in POSTGRES NATS API_INTERNAL EVENTS_INTERNAL WORKER_INTERNAL EXEC_INTERNAL; do
        keep_port "${name}_PORT" 0
    done
}
