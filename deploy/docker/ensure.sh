#!/usr/bin/env bash
# Owns the Docker engine of this machine: makes sure that one answers on /var/run/docker.sock, installing and starting it
# where none does. Run it as often as you like; with an engine that answers it changes nothing but the inotify limits.
#
# Reads LABYARD_LOG_DIR (default /var/log): where the log of a dockerd started here goes.
# Uses root or sudo; works with and without systemd. Nothing but dockerd is ever started.
SOCKET=/var/run/docker.sock
ANSWER_WITHIN_S=30
OPEN_FILES=1048576       # a node holds thousands open; Docker's own unit allows as many
INOTIFY_INSTANCES=1024   # each node takes some 20, and the kernel's default of 128 is for the whole machine
INOTIFY_WATCHES=524288

log_dir=${LABYARD_LOG_DIR:-/var/log}

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=stack/packages.sh
. "$root/deploy/stack/packages.sh"

answers() { docker --host "unix://$SOCKET" version >/dev/null 2>&1; }
answers_root() { as_root docker --host "unix://$SOCKET" version >/dev/null 2>&1; }
on_systemd() { [ -d /run/systemd/system ]; }

install_engine() {
    has apt-get || fail "no Docker engine here and no apt-get to install it with: install Docker Engine 20.10 or later, then run this again"
    as_root mkdir -p "$log_dir"
    packages_log=$(mktemp "${TMPDIR:-/tmp}/labyard-docker-install.XXXXXX")
    install_missing needs_of_engine
    rm -f "$packages_log"
}

mount_cgroups() {
    [ -n "$(ls -A /sys/fs/cgroup 2>/dev/null)" ] && return
    say "docker: mounting the cgroup file system"
    as_root mount -t cgroup2 none /sys/fs/cgroup
}

start_engine() {
    if on_systemd; then
        say "docker: starting docker.service"
        as_root systemctl start docker
        return
    fi
    as_root mkdir -p "$log_dir"
    mount_cgroups
    # Left behind by a dockerd that was killed: the next one would take the PID for a running one.
    local pid_file=/var/run/docker.pid pid
    if [ -e "$pid_file" ]; then
        pid=$(as_root cat "$pid_file")
        [ "$(as_root readlink "/proc/$pid/exe" 2>/dev/null | xargs -r basename)" = dockerd ] || as_root rm -f "$pid_file"
    fi
    say "docker: starting dockerd (log: $log_dir/dockerd.log)"
    # shellcheck disable=SC2016 # $1 and $2 are the inner shell's
    as_root sh -c '
        ulimit -n "$1" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
        ulimit -u unlimited 2>/dev/null || true
        ulimit -c unlimited 2>/dev/null || true
        exec setsid nohup dockerd >>"$2" 2>&1 </dev/null &' sh "$OPEN_FILES" "$log_dir/dockerd.log"
}

wait_for_answer() {
    local until=$((SECONDS + ANSWER_WITHIN_S))
    until answers || answers_root; do
        if [ "$SECONDS" -ge "$until" ]; then
            if on_systemd; then
                fail "dockerd does not answer on $SOCKET after $ANSWER_WITHIN_S s: see journalctl -u docker"
            fi
            as_root tail -n 5 "$log_dir/dockerd.log" >&2 || true
            fail "dockerd does not answer on $SOCKET after $ANSWER_WITHIN_S s: its log is $log_dir/dockerd.log"
        fi
        sleep 0.2
    done
}

# raise KEY VALUE: never lowers what an administrator has set higher.
raise() {
    local file=/proc/sys/${1//.//}
    [ "$(cat "$file")" -ge "$2" ] && return
    printf '%s\n' "$2" | as_root tee "$file" >/dev/null || warn "could not raise $1 to $2: several labs at once may fail to start"
}

if ! has docker || ! { answers || answers_root; }; then
    has dockerd || install_engine
    start_engine
    wait_for_answer
fi

if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then
    raise fs.inotify.max_user_instances "$INOTIFY_INSTANCES"
    raise fs.inotify.max_user_watches "$INOTIFY_WATCHES"
fi

if ! answers; then
    user=$(id -un)
    if ! id -nG "$user" | tr ' ' '\n' | grep -qx docker; then
        as_root usermod -aG docker "$user"
        warn "$user is now in the group docker: sign in again, or use 'sg docker -c …' in this shell"
    fi
fi
say "docker: engine answers on $SOCKET"
