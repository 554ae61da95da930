# shellcheck shell=bash
# Owns the making of everything that runs: services and command line, the page, nats-server, the node image.
# What can be made at once is; the first failure is told at once and ends the rest.

CARGO_TARGETS=(-p api-gateway -p events-gateway -p provisioner-worker -p exec-service -p cli)
ASSETS_KEPT_DAYS=7 # a page that was open before a rebuild still loads its parts

# together NAMES…: runs make_NAME of each at once, their output in <home>/log/make-<name>.log.
together() {
    local name pid began=$SECONDS failed
    declare -A names=()
    for name in "$@"; do
        set -m # a process group each, so that all of it can be ended
        (set -e; "make_${name//-/_}") >"$home/log/make-$name.log" 2>&1 </dev/null &
        set +m
        names[$!]=$name
    done
    # shellcheck disable=SC2064
    trap "end_groups ${!names[*]}; exit 130" INT TERM
    say "building: $* (logs: $home/log/make-*.log)"
    while [ ${#names[@]} -gt 0 ]; do
        failed=0
        wait -n -p pid "${!names[@]}" || failed=$?
        name=${names[$pid]}
        unset "names[$pid]"
        if [ "$failed" != 0 ]; then
            end_groups "${!names[@]}"
            tail -n 20 "$home/log/make-$name.log" >&2
            fail "$name could not be built; the whole log is $home/log/make-$name.log"
        fi
        say "$name: ready after $((SECONDS - began)) s"
    done
    trap - INT TERM
}
end_groups() {
    local pid
    for pid in "$@"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
}

# put FILE NAME: into <home>/bin, under a running program's feet too.
put() {
    local target=$home/bin/$2
    cmp -s "$1" "$target" && return
    cp "$1" "$target.part"
    chmod 755 "$target.part"
    mv -f "$target.part" "$target"
}

make_services() {
    local flags=() folder=debug name
    [ "$profile" = dev ] || { flags=(--release) folder=release; }
    (cd "$root" && cargo build --locked "${flags[@]}" "${CARGO_TARGETS[@]}")
    for name in "${SERVICES[@]}" labyard; do
        put "${CARGO_TARGET_DIR:-$root/target}/$folder/$name" "$name"
    done
}

make_nats_server() { put "$(LABYARD_CACHE=$cache "$root/deploy/tools/nats.sh" | tail -n 1)" nats-server; }

make_dashboard() {
    local dashboard=$root/services/dashboard page=$home/edge/page
    node_modules "$dashboard"
    # Two stacks of one clone may build at once.
    exec 9>"$dashboard/node_modules/.labyard-build"
    flock 9
    if [ ! -e "$dashboard/dist/index.html" ] || [ -n "$(find "$dashboard" "$root/proto" \
        \( -name node_modules -o -name dist \) -prune -o -type f -newer "$dashboard/dist/index.html" -print -quit)" ]; then
        (cd "$dashboard" && npm run build)
    fi
    mkdir -p "$page"
    (cd "$dashboard/dist" && find . -type f ! -name index.html -exec cp --parents -f {} "$page/" \;)
    cp "$dashboard/dist/index.html" "$page/index.html.part"
    mv -f "$page/index.html.part" "$page/index.html" # last: it names the others
    find "$page/assets" -type f -mtime "+$ASSETS_KEPT_DAYS" -delete
    chmod -R a+rX "$page"
}

make_node_image() {
    local tag
    tag=$(pulled_image || LABYARD_CACHE=$cache nice "$root/deploy/node-image/build.sh" | tail -n 1)
    printf '%s\n' "$tag" | write_if_changed "$home/run/node-image"
}

build_all() {
    together services nats-server dashboard node-image
}
