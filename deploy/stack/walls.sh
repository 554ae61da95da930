# shellcheck shell=bash
# Owns the walls around a program: a user of its own, no right and none to gain, and a view of the machine in which it can write
# nothing but its state, and of the stack and its owner's home only its program and that state are there.

# Who root's stack runs them as; a user's own stack runs everything as that user.
declare -A WALLED=([events-gateway]=labyard-events [provisioner-worker]=labyard-worker [exec-service]=labyard-exec)
ENGINE_SOCKET=/var/run/docker.sock

# walled PROGRAM: but for the fake driver, whose folder two of them share.
walled() { [ -n "${WALLED[$1]:-}" ] && { [ "${LABYARD_DRIVER:-docker}" != fake ] || ! uses_engine "$1"; }; }
uses_engine() { [ "$1" = provisioner-worker ] || [ "$1" = exec-service ]; }
by_root() { [ "$(id -u)" = 0 ]; }

# make_walls: the users, and `view`: the words that give a program a view of its own, none where the kernel refuses.
make_walls() {
    local user
    view=(unshare --mount --propagation private)
    if by_root; then
        for user in "${WALLED[@]}"; do
            id "$user" >/dev/null 2>&1 ||
                useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user" ||
                id "$user" >/dev/null || fail "there is no user $user, and useradd can't make it"
        done
    else
        view=(unshare --user --map-root-user --mount --propagation private)
    fi
    if ! "${view[@]}" mount -t tmpfs tmpfs /tmp 2>"$home/log/walls.log"; then
        warn "the kernel gives programs no view of their own here ($home/log/walls.log): they see and write what their users may"
        view=()
    fi
}

# enter_walls PROGRAM: lines of its start script that run it once more, inside.
enter_walls() {
    local words
    # What is in there was root's where root ran the program before.
    if by_root && uses_engine "$1"; then printf 'chown -Rh %s: %q\n' "${WALLED[$1]}" "$home/state/$1"; fi
    words=$(printf '%q ' "${view[@]}" "$home/run/start/$1" inside)
    if uses_engine "$1" && [ "${docker_by:-self}" = group ]; then words="sg docker -c $(printf %q "exec $words")"; fi
    printf 'exec %s\n' "$words"
}

# build_walls PROGRAM: lines of its start script that build the view from within, and say which groups it has.
build_walls() {
    local state='' kept=("$home/bin") hidden=()
    ! uses_engine "$1" || state=$home/state/$1
    ! by_root || find_group "$1"
    if [ ${#view[@]} = 0 ]; then
        # Opened by root, as its user may not pass on the way.
        ! by_root || printf 'exec 8<%q\n' "$home/bin/$1"
        ! by_root || [ -z "$state" ] || printf 'exec 9<%q\nexport LABYARD_STATE_DIR=/proc/self/fd/9\n' "$state"
        return
    fi
    mapfile -t hidden < <(to_hide)
    [ -z "$state" ] || kept+=("$state")
    # Its folder, as a new engine makes a new socket; in what is hidden it would be missed.
    case ${DOCKER_HOST:-} in unix://*) ! uses_engine "$1" || kept+=("$(dirname "${DOCKER_HOST#unix://}")") ;; esac
    declare -f read_only hide
    printf 'umask 022\nread_only %q\n' "$state"
    # Nothing is started before what is hidden is.
    printf 'set -e\nhide %s -- %s\n' "$(printf '%q ' "${hidden[@]}")" "$(printf '%q ' "${kept[@]}")"
    printf 'umask 077\n'
}

# find_group PROGRAM: the engine's, which may be another when the program starts again, and no other.
find_group() {
    local socket=$ENGINE_SOCKET
    case ${DOCKER_HOST:-} in unix://*) socket=${DOCKER_HOST#unix://} ;; ?*) socket='' ;; esac
    echo group=
    if uses_engine "$1" && [ -n "$socket" ]; then
        printf 'group=$(stat -Lc %%g %q 2>/dev/null || getent group docker | cut -d: -f3)\n' "$socket"
    fi
}

# without_rights PROGRAM: its words, quoted for a shell.
without_rights() {
    local words=(setpriv --no-new-privs) program=$home/bin/$1
    if by_root || [ ${#view[@]} -gt 0 ]; then words+=(--inh-caps=-all --ambient-caps=-all --bounding-set=-all); fi
    printf '%q ' "${words[@]}"
    if by_root; then
        # shellcheck disable=SC2016 # the start script's
        printf '%q ' "--reuid=${WALLED[$1]}" "--regid=${WALLED[$1]}" && printf '%s ' '"${group:+--groups=}${group:---clear-groups}"'
        [ ${#view[@]} -gt 0 ] || program=/proc/self/fd/8
    fi
    printf '%q ' "$program"
}

# to_hide: the stack with all that is closed above it, its owner's home and session; what is above others first.
to_hide() {
    local folder
    for folder in "$(closed_above "$home")" "$HOME" "/run/user/$(id -u)"; do
        [ "$folder" = / ] || [ ! -d "$folder" ] || realpath "$folder"
    done | LC_ALL=C sort -u
}

# closed_above FOLDER: the first folder on the way to it that not everybody may pass, else itself.
closed_above() {
    local part at=''
    while IFS= read -r -d / part; do
        [ -n "$part" ] || continue
        at=$at/$part
        [ $((8#$(stat -c %a "$at") & 1)) = 1 ] || break
    done <<<"$1/"
    printf '%s\n' "$at"
}

# What follows is printed into start scripts and stands for itself.

# read_only STATE: everything that is mounted, but for that folder.
read_only() {
    local place options
    local -A mounts=()
    [ -z "$1" ] || mount --bind "$1" "$1"
    while read -r _ _ _ _ place options _; do
        printf -v place %b "$place"
        # Of several on one place the last is seen. What restricts it may not be taken away.
        [ "$place" = "$1" ] || mounts[$place]=ro${options#??}
    done </proc/self/mountinfo
    for place in "${!mounts[@]}"; do
        # What a user can't reach is nothing to them, and not theirs to change.
        [ ! -e "$place" ] || mount -o "remount,bind,${mounts[$place]}" "$place"
    done
}

# hide FOLDERS… -- KEPT…: of those folders, and of /tmp, nothing is there but what is kept.
hide() {
    local folder file hidden=()
    local -A files=()
    while [ "$1" != -- ]; do hidden+=("$1") && shift; done
    shift
    for folder in "$@"; do
        exec {file}<"$folder"
        files[$folder]=$file
    done
    mount -t tmpfs -o mode=1777,nosuid,nodev,size=16m tmpfs /tmp
    for folder in "${hidden[@]}"; do
        mkdir -p "$folder"
        mount -t tmpfs -o mode=755,nosuid,nodev,size=1m tmpfs "$folder"
    done
    for folder in "$@"; do
        file=${files[$folder]}
        mkdir -p "$folder"
        mount --no-canonicalize --bind "/proc/self/fd/$file" "$folder"
        exec {file}<&-
    done
    for folder in "${hidden[@]}"; do
        mount -o remount,bind,ro,nosuid,nodev "$folder"
    done
}
