# shellcheck shell=bash
# Owns the bundle: programs, page and node image in one file, for machines that have no compilers or reach no registry.
#
# A gzipped tar of one architecture: `about` (KEY=value: VERSION, MACHINE, LIBC, NODE_IMAGE), `sums` (SHA-256 of each other file),
# bin/, page/, node-image.tar. Nothing but what `sums` names may be in it.

BUNDLE_PROGRAMS=("${SERVICES[@]}" labyard nats-server)

# verb_bundle: builds everything into this folder's own home, and packs it.
verb_bundle() {
    local stage=$home/stage file=${BUNDLE:-} version
    BUNDLE=none # here it names what is written, not what is read
    preflight || exit 1
    make_folders
    install_missing needs_of_stack needs_of_build
    ensure_docker
    build_all
    version=$(sed -n '/^\[workspace.package\]/,/^version/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    : "${file:=$root/labyard-$version-$(uname -m).tar.gz}"
    rm -rf "$stage" && mkdir -p "$stage/bin"
    say "bundle: packing"
    cp "${BUNDLE_PROGRAMS[@]/#/$home/bin/}" "$stage/bin/"
    cp -r "$home/edge/page" "$stage/page"
    docker_do save -o "$stage/node-image.tar" "$(node_image)"
    printf '%s\n' "VERSION=$version" "MACHINE=$(uname -m)" "LIBC=$(libc_version)" "NODE_IMAGE=$(node_image)" >"$stage/about"
    (cd "$stage" && find about bin page node-image.tar -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >sums)
    tar -C "$stage" --owner=0 --group=0 --numeric-owner -c about sums bin page node-image.tar | gzip -1 >"$file.part"
    mv -f "$file.part" "$file"
    rm -rf "$stage"
    say "bundle: $file, $(($(stat -c %s "$file") / 1024 / 1024)) MiB"
    printf 'sha256:%s  %s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" "$file"
}

# make_from_bundle: everything that build_all would make. Nothing is put in place before all of it has been checked.
make_from_bundle() {
    if [ -z "${BUNDLE:-}" ]; then
        say "from the bundle of before, $(remembered BUNDLE); BUNDLE=none builds instead"
        return
    fi
    local stage=$home/stage digest wanted name
    [ -f "$BUNDLE" ] || fail "there is no file $BUNDLE: make bundle writes one, on a machine that has compilers"
    digest=sha256:$(sha256sum <"$BUNDLE" | cut -d' ' -f1)
    # As it is pasted: blanks around it, the file's name behind it, upper case.
    read -r wanted _ <<<"${DIGEST:-}" || true
    wanted=${wanted,,}
    [ -z "$wanted" ] || [ "${wanted#sha256:}" = "${digest#sha256:}" ] ||
        fail "$BUNDLE is not the file you mean: its digest is $digest. Copy it again"
    say "bundle: unpacking $BUNDLE ($digest)"
    rm -rf "$stage" && mkdir -p "$stage"
    tar -C "$stage" --no-same-owner --no-same-permissions -xzf "$BUNDLE" 2>"$home/log/bundle.log" ||
        fail "$BUNDLE is not a whole bundle: copy it again (log: $home/log/bundle.log)"
    check_bundle "$stage"
    say "bundle: handing the node image to Docker"
    docker_do load -q -i "$stage/node-image.tar" >"$home/log/bundle.log" ||
        fail "Docker refuses the node image; the log is $home/log/bundle.log"
    about "$stage" NODE_IMAGE | write_if_changed "$home/run/node-image"
    for name in "${BUNDLE_PROGRAMS[@]}"; do put "$stage/bin/$name" "$name"; done
    put_page "$stage/page"
    rm -rf "$stage"
    remember BUNDLE "$digest"
}

# check_bundle FOLDER: that it is whole, holds nothing else, and is for this machine.
check_bundle() {
    local listed found
    [ -f "$1/sums" ] || fail "$BUNDLE is no bundle of labyard; \`make bundle\` writes one"
    listed=$(sed -n 's/^[0-9a-f]\{64\}  //p' "$1/sums" 2>/dev/null | LC_ALL=C sort)
    found=$(cd "$1" && find . ! -type d ! -path ./sums -printf '%P\n' | LC_ALL=C sort)
    [ -n "$listed" ] && [ "$listed" = "$found" ] && [ -z "$(find "$1" ! -type d ! -type f -print -quit)" ] &&
        (cd "$1" && sha256sum --quiet --strict -c sums) >"$home/log/bundle.log" 2>&1 ||
        fail "$BUNDLE is damaged: what is in it is not what it lists. Copy it again"
    [ "$(about "$1" MACHINE)" = "$(uname -m)" ] || fail "$BUNDLE is for $(about "$1" MACHINE), and this machine is $(uname -m)"
    [ "$(printf '%s\n' "$(about "$1" LIBC)" "$(libc_version)" | sort -V | tail -n 1)" = "$(libc_version)" ] ||
        fail "$BUNDLE needs glibc $(about "$1" LIBC) and this machine has $(libc_version): make it on a machine as old as this"
}

about() { sed -n "s/^$2=//p" "$1/about"; }
libc_version() { getconf GNU_LIBC_VERSION | cut -d' ' -f2; }
