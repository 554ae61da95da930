# shellcheck shell=bash
# Owns the supervisor: its configuration, its start and end, and what it says of each program.

LOG_SIZE=${LABYARD_LOG_SIZE:-10MB}
LOGS_KEPT=3
SOCKET_PATH_MAX=90 # the kernel's 107, less what the supervisor appends

supervisor_socket() {
    local socket=$home/run/supervisor.sock
    if [ ${#socket} -gt "$SOCKET_PATH_MAX" ]; then
        socket=/tmp/labyard-$(id -u)-$(printf '%s' "$home" | sha256sum | cut -c1-12).sock
    fi
    printf '%s\n' "$socket"
}

# Its files know % as the start of a name.
percent() { printf '%s' "${1//%/%%}"; }

make_supervisor() {
    local program
    {
        cat <<CONF
; Written by deploy/stack/supervisor.sh.
[supervisord]
logfile=$(percent "$home/log/supervisord.log")
logfile_maxbytes=1MB
logfile_backups=1
pidfile=$(percent "$home/run/supervisord.pid")
childlogdir=$(percent "$home/log")
directory=/
minfds=$(open_files)
umask=077
user=$(id -un)

[unix_http_server]
file=$(percent "$(supervisor_socket)")
chmod=0700

[supervisorctl]
serverurl=unix://$(percent "$(supervisor_socket)")

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
CONF
        local priority=0
        for program in "${PROGRAMS[@]}"; do
            priority=$((priority + 10))
            program_section "$program" "$priority"
        done
    } | write_if_changed "$home/run/supervisord.conf"
}

program_section() {
    local signal=TERM
    # Postgres: end the sessions and write a checkpoint.
    [ "$1" != postgres ] || signal=INT
    # startsecs=0: with any other value a program that dies early comes back later and later, and at last never.
    cat <<CONF

[program:$1]
command="$(percent "$home/run/start/$1")"
environment=LABYARD_BUILD="$(build_of "$1")"
priority=$2
startsecs=0
autorestart=true
stopsignal=$signal
stopwaitsecs=$END_WITHIN_S
stopasgroup=$([ "$1" = postgres ] && echo false || echo true)
killasgroup=true
redirect_stderr=true
stdout_logfile=$(percent "$home/log/$1.log")
stdout_logfile_maxbytes=$LOG_SIZE
stdout_logfile_backups=$LOGS_KEPT
CONF
}

supervisor() { supervisorctl -c "$home/run/supervisord.conf" "$@"; }
supervisor_answers() { [ -n "$(supervisor_pid)" ] && supervisor pid >/dev/null 2>&1; }

# start_supervisor: starts everything, or restarts what has changed under a supervisor that runs.
start_supervisor() {
    if supervisor_answers; then
        supervisor update >"$home/log/update.log" 2>&1 || { cat "$home/log/update.log" >&2; fail "the supervisor refuses its new configuration"; }
        supervisor start all >/dev/null 2>&1 || true # what somebody has stopped
        return
    fi
    local pids
    mapfile -t pids < <(supervisor_pid)
    end_pids KILL "${pids[@]}"
    end_leftovers
    rm -f "$(supervisor_socket)"
    env -i "PATH=$PLAIN_PATH" "HOME=$HOME" "USER=$(id -un)" LANG=C.UTF-8 \
        supervisord -c "$home/run/supervisord.conf" </dev/null >"$home/log/supervisord.start.log" 2>&1 ||
        { cat "$home/log/supervisord.start.log" >&2; fail "the supervisor does not start"; }
    until_true 10 supervisor_answers || fail "the supervisor does not answer: see $home/log/supervisord.log"
}

stop_supervisor() {
    local pids
    mapfile -t pids < <(supervisor_pid)
    if [ ${#pids[@]} -gt 0 ]; then
        # In the order of their priorities, each given its time.
        supervisor shutdown >/dev/null 2>&1 || true
        until_true $((END_WITHIN_S * 3)) none_alive "${pids[@]}" || end_pids KILL "${pids[@]}"
    fi
    end_leftovers
    rm -f "$(supervisor_socket)" "$home/run/supervisord.pid"
}
