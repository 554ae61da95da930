# shellcheck shell=bash
# Owns the question which processes are this stack's, and their end: found by the program they run, ended by PID.

END_WITHIN_S=15

# Programs run from <home>/bin. The command line `labyard` is people's, not the stack's.
bin_pids() {
    find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$home/bin/*" ! -lname "$home/bin/labyard" \
        ! -lname "$home/bin/labyard (deleted)" -printf '%h\n' 2>/dev/null | sed 's|/proc/||' || true
}

# Postgres runs from its package, in its data folder.
postgres_pid() {
    local pid
    pid=$(head -n 1 "$home/postgres/data/postmaster.pid" 2>/dev/null) || return 0
    [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$home/postgres/data" ] && printf '%s\n' "$pid"
    return 0
}

supervisor_pid() {
    local pid
    pid=$(cat "$home/run/supervisord.pid" 2>/dev/null) || return 0
    { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF "$home/run/supervisord.conf" && printf '%s\n' "$pid"
    return 0
}

our_pids() {
    supervisor_pid
    postgres_pid
    bin_pids
}

alive() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
none_alive() {
    local pid
    for pid in "$@"; do ! alive "$pid" || return 1; done
}

# end_pids SIGNAL PIDS…: asks them to end, and ends those that do not.
end_pids() {
    local signal=$1 pid
    shift
    [ $# -gt 0 ] || return 0
    kill "-$signal" "$@" 2>/dev/null || true
    until_true "$END_WITHIN_S" none_alive "$@" && return
    for pid in "$@"; do ! alive "$pid" || kill -KILL "$pid" 2>/dev/null || true; done
    until_true 5 none_alive "$@" || fail "these processes do not end: $*"
}

# end_leftovers: what a killed supervisor has left behind.
end_leftovers() {
    local pids
    mapfile -t pids < <(bin_pids)
    [ ${#pids[@]} = 0 ] || warn "ending ${#pids[@]} processes left behind: ${pids[*]}"
    end_pids TERM "${pids[@]}"
    mapfile -t pids < <(postgres_pid)
    end_pids INT "${pids[@]}"
}
