# shellcheck shell=bash
# Owns the making of everything that runs: services and command line, the page, nats-server, the node image.
# All of it is made at once, by deploy/run; the first failure is told at once and ends the rest.

ASSETS_KEPT_DAYS=7 # a page that was open before a rebuild still loads its parts

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
    for name in "${SERVICES[@]}" labyard; do flags+=(--bin "$name"); done
    (cd "$root" && cargo_build "${flags[@]}")
    for name in "${SERVICES[@]}" labyard; do
        put "${CARGO_TARGET_DIR:-$root/target}/$folder/$name" "$name"
    done
}

make_nats_server() { put "$(LABYARD_CACHE=$cache "$root/deploy/tools/nats.sh" | tail -n 1)" nats-server; }

make_dashboard() {
    local dashboard=$root/services/dashboard
    node_modules "$dashboard"
    # Two stacks of one clone may build at once.
    exec 9>"$dashboard/node_modules/.labyard-build"
    flock 9
    if [ ! -e "$dashboard/dist/index.html" ] || [ -n "$(find "$dashboard" "$root/proto" \
        \( -name node_modules -o -name dist \) -prune -o -type f -newer "$dashboard/dist/index.html" -print -quit)" ]; then
        (cd "$dashboard" && npm run build)
    fi
    put_page "$dashboard/dist"
}

# put_page FOLDER: while people have the page of before open.
put_page() {
    local page=$home/edge/page
    mkdir -p "$page"
    (cd "$1" && find . -type f ! -name index.html -exec cp --parents -f {} "$page/" \;)
    cp "$1/index.html" "$page/index.html.part"
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
    local job
    mkdir -p "$home/log/make"
    jobs=()
    # The longest first: two cores share them.
    for job in services:420 node-image:480 nats-server:60 dashboard:60; do
        job "${job%:*}" "${job%:*}" "${job#*:}" "deploy/stack.sh make ${job%:*}"
    done
    run_jobs 'make up' "$home/log/make" 8>&- || exit 1
}
