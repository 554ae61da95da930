# shellcheck shell=bash
# Owns what a machine must have before anything is done: checked in a second, every lack told at once with its fix.

DISK_GB=15
GO_MINOR=21        # fetches the newer toolchain that the modules name
GO_MINOR_ALONE=26  # needed where it may not
NODE_MAJOR=20
NODE_MINOR=19

# lack FIX: one thing that is missing.
lack() { lacks+=("$1"); }

# Compilers, but for a stack that comes from a bundle.
check_tools() {
    local tool
    [ "$(id -u)" = 0 ] || has sudo || lack "neither root nor sudo: packages can't be installed; run as root once, or install sudo"
    has apt-get || lack "no apt-get: this installs itself on Debian and Ubuntu only"
    ! bundle_wanted || return 0
    for tool in git make gcc; do
        has "$tool" || lack "$tool is missing: apt-get install git make gcc libc6-dev"
    done
    has cargo || lack "Rust is missing: install rustup (Debian: apt-get install rustup, or see rustup.rs), then open a new shell"
    if ! has rustup && has cargo && ! cargo --version | grep -qF "$(sed -n 's/^channel = "\(.*\)"/\1/p' "$root/rust-toolchain.toml")"; then
        lack "this Rust is not the one of rust-toolchain.toml and there is no rustup to fetch it: install rustup"
    fi
    check_go
    check_node
}

check_go() {
    local version minor
    has go || { lack "Go is missing: install Go 1.$GO_MINOR or later"; return; }
    version=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
    minor=${version#go1.} minor=${minor%%[!0-9]*}
    [ "${minor:-0}" -ge "$GO_MINOR" ] || { lack "$version is too old: install Go 1.$GO_MINOR or later"; return; }
    if [ "$minor" -lt "$GO_MINOR_ALONE" ] && [ "$(cd / && go env GOTOOLCHAIN)" = local ]; then
        lack "$version may not fetch a newer toolchain: go env -w GOTOOLCHAIN=auto, or install Go 1.$GO_MINOR_ALONE"
    fi
}

check_node() {
    local version major minor
    has node && has npm || { lack "Node.js is missing: install Node.js $NODE_MAJOR.$NODE_MINOR or later with npm"; return; }
    version=$(node --version)
    IFS=. read -r major minor _ <<<"${version#v}"
    if [ "$major" -lt "$NODE_MAJOR" ] || { [ "$major" = "$NODE_MAJOR" ] && [ "$minor" -lt "$NODE_MINOR" ]; }; then
        lack "Node.js $version is too old: install $NODE_MAJOR.$NODE_MINOR or later"
    fi
}

# A stack that was built here before needs less: what it built is on the disk already.
check_disk() {
    local need=$DISK_GB free
    [ ! -x "$home/bin/api-gateway" ] || need=$((DISK_GB / 5))
    free=$(($(df -Pk "$home" | awk 'NR == 2 { print $4 }') / 1024 / 1024))
    [ "$free" -ge "$need" ] || lack "$free GB of disk are free at $home and $need are needed: make room, or set LABYARD_HOME"
}

check_port() { # NAME PORT SETTING
    [ "$2" = 0 ] || port_free "$2" || port_ours "$2" ||
        lack "port $2 ($1) is taken by $(port_holder "$2"): stop that, or choose another by $3=… make up"
}

check_folder() {
    [ -O "$home" ] || [ "$(id -u)" = 0 ] ||
        lack "$home belongs to $(stat -c %U "$home"): run this as that user, or set LABYARD_HOME"
}

# preflight: fails with every lack at once.
preflight() {
    lacks=()
    check_tools
    check_folder
    check_disk
    check_port "the page" "$edge_port" LABYARD_PORT
    check_port "the API" "$api_port" LABYARD_API_PORT
    check_port "event streams" "$events_port" LABYARD_EVENTS_PORT
    [ "$tls_port" = off ] || check_port "the page over https" "$tls_port" LABYARD_TLS_PORT
    check_given
    [ ${#lacks[@]} = 0 ] && return
    warn "this machine is not ready:"
    printf '  - %s\n' "${lacks[@]}" >&2
    return 1
}
