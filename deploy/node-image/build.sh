#!/usr/bin/env bash
# Owns the making of the lab node image, from public Go modules and Debian packages, where no container registry answers.
#
#   build.sh              build the image unless it exists; its tag is the last line of stdout
#   build.sh --tag        print the tag and build nothing
#   build.sh --download   fetch the Go modules and build nothing
#   build.sh --guest FILE  the program that people's commands run under, for an image of others
#   build.sh --test       the tests of what is our own in Go; some need root
#
# Reads LABYARD_CACHE (default: <repository>/.labyard/cache), LABYARD_DEBIAN_MIRROR (default: debootstrap's own) and
# LABYARD_STEP_FILE (where to write how far it is).
# Needs Go >= 1.21, gcc, git and a Docker engine (deploy/docker/ensure.sh); installs debootstrap by apt if it is missing.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/../lib.sh"

KUBERNETES=v1.34.4
DEBIAN=bookworm
PROBE=labyard/probe:1
PAUSE=labyard/pause:1
COREDNS=labyard/coredns:1.12.4
PARTS=(rootfs programs init images image template) # in their order
IN_GO=(./kubernetes k8s.io/kubernetes/cmd/kubectl ./coredns)
IN_GO_AND_C=(./kine ./kine/template) # SQLite is C

cache=${LABYARD_CACHE:-$root/.labyard/cache}/node-image

# hash_of prints a short hash of files' names and contents; folders are walked.
hash_of() {
    (cd "$here" && find "$@" -type f ! -name '*_test.go' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-12
}

sources_hash() {
    (cd "$here" && find . -type f ! -name '*.md' ! -name '*_test.go' ! -name check.sh -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
        sha256sum | cut -c1-12
}

tag="labyard-node:$KUBERNETES-$(sources_hash)"

check_tools() {
    local tool
    for tool in go gcc git tar flock sha256sum; do
        has "$tool" || fail "$tool is missing: install it and run this again"
    done
    if ! has debootstrap; then
        has apt-get || fail "debootstrap is missing and there is no apt-get to install it with"
        say "installing debootstrap"
        retry as_root apt-get update -qq >&2
        retry as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            -o DPkg::Lock::Timeout=300 debootstrap debian-archive-keyring >&2
    fi
}

choose_docker() {
    docker=(docker)
    if ! docker version >/dev/null 2>&1; then
        docker=(sudo docker)
        if [ "$(id -u)" = 0 ] || ! sudo docker version >/dev/null 2>&1; then
            fail "no Docker engine answers: run deploy/docker/ensure.sh first"
        fi
    fi
}

# tell PART [TEXT]: the step, e.g. "programs, 2 of 6: 812 of 2769 packages".
tell() {
    local place=1 name
    for name in "${PARTS[@]}"; do
        [ "$name" != "$1" ] || break
        place=$((place + 1))
    done
    step "$1, $place of ${#PARTS[@]}${2:+: $2}"
}

part_folder() { printf '%s\n' "$cache/$1-$2-$(declare -f "$3" | sha256sum | cut -c1-8)"; }

# part NAME HASH FUNCTION: the folder of a finished part, made by FUNCTION (which gets the folder) unless the same
# function has made it from the same hash before.
part() {
    local name=$1 make=$3 start=$SECONDS dir
    dir=$(part_folder "$@")
    if [ ! -d "$dir" ]; then
        rm -rf "$cache/$name".new
        mkdir -p "$cache/$name".new
        say "node image: $name"
        tell "$name"
        # A function called in a condition would run on after its errors, hence the trap; part runs in a subshell.
        trap 'tail -20 "$cache/$name.log" >&2; warn "node image: $name failed; the whole log is $cache/$name.log"' EXIT
        "$make" "$cache/$name".new >"$cache/$name.log" 2>&1
        trap - EXIT
        find "$cache" -maxdepth 1 -name "$name-*" -exec rm -rf {} +
        mv "$cache/$name".new "$dir"
        say "node image: $name took $((SECONDS - start)) s"
    fi
    printf '%s\n' "$dir"
}

# go_in FOLDER CGO COMMAND ARGUMENTS…: the same for all, so that what is compiled for one serves the others. Nobody
# debugs these programs: what debuggers read would be a twelfth more work. SQLite at -O1 takes half as long to compile
# as at -O2 and 7 % more processor time when it runs.
go_in() {
    local folder=$1 cgo=$2 command=$3 build=()
    shift 3
    [ "$command" != build ] || build=(-v -buildvcs=false -trimpath -gcflags=all=-dwarf=false)
    (cd "$here/$folder" && GOCACHE="$cache/go-build" GOFLAGS='' GOWORK=off CGO_ENABLED=$cgo CGO_CFLAGS=-O1 nice go "$command" \
        -mod=readonly -tags osusergo,netgo,sqlite_omit_load_extension "${build[@]}" "$@")
}

# download fetches what the programs are built from, and leaves the number of their packages.
download() {
    step "Go modules"
    packages=$(retry count_packages)
}

count_packages() {
    local all
    all=$(go_in . 1 list -deps "${IN_GO[@]}" "${IN_GO_AND_C[@]}" 2> >(count_modules >&2)) || return
    wc -l <<<"$all"
}

count_modules() {
    local line count=0
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ "$line" != *downloading* ]] || step "Go modules: $((count += 1)) downloaded"
    done
}

# compiled PART TOTAL: passes on the lines of go build -v, one a package, and counts them.
compiled() {
    local line count=0 told=
    while IFS= read -r line; do
        printf '%s\n' "$line"
        count=$((count + 1))
        [ "$SECONDS" != "$told" ] || continue
        told=$SECONDS
        tell "$1" "$count of $2 packages"
    done
}

make_programs() {
    local version=k8s.io/component-base/version minor=${KUBERNETES#v1.}
    {
        go_in . 0 build -ldflags "-s -w -X $version.gitVersion=$KUBERNETES -X $version.gitMajor=1 \
            -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean" -o "$1/" "${IN_GO[@]}"
        go_in . 1 build -ldflags '-s -w -linkmode external -extldflags -static' -o "$1/" "${IN_GO_AND_C[@]}"
    } 2>&1 | compiled programs "$packages"
}

# make_init leaves PID 1, and beside it what people's commands run under.
make_init() {
    go_in . 0 build -ldflags '-s -w' -o "$1/" ./init ./guest
}

# make_rootfs leaves rootfs.tar: minimal Debian and rootfs.packages, without documentation and without a setuid file.
make_rootfs() {
    local out=$1 tree packages
    packages=$(grep -v '^#' "$here/rootfs.packages" | paste -sd,)
    tree=$(as_root mktemp -d "${TMPDIR:-/tmp}/labyard-rootfs.XXXXXX")
    as_root chmod 755 "$tree"
    if ! as_root env PATH="$PATH:/usr/sbin:/sbin" debootstrap --variant=minbase --include="$packages" "$DEBIAN" "$tree" \
        ${LABYARD_DEBIAN_MIRROR:+"$LABYARD_DEBIAN_MIRROR"}; then
        as_root rm -rf "$tree"
        fail "debootstrap failed: is a Debian mirror reachable? (LABYARD_DEBIAN_MIRROR names another)"
    fi
    as_root rm -rf "$tree"/usr/share/{doc,man,info,locale,lintian,bash-completion} "$tree"/var/cache/apt/* \
        "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/etc/machine-id "$tree"/dev "$tree"/etc/cni/net.d
    as_root mkdir -p "$tree/dev"
    as_root find "$tree" -xdev -perm /6000 -exec chmod ug-s {} +
    as_root tar -C "$tree" --numeric-owner --xattrs --xattrs-include='security.*' -cf - . >"$out/rootfs.tar"
    as_root rm -rf "$tree"
}

# make_pod_images leaves images.tar: what containerd imports at a node's first boot.
make_pod_images() {
    local out=$1 stage
    stage=$(mktemp -d "${TMPDIR:-/tmp}/labyard-images.XXXXXX")
    mkdir -p "$stage"/{pause,coredns/etc/ssl/certs,probe/{bin,tmp,www,etc}}
    gcc -Os -static -Wall -s -o "$stage/pause/pause" "$here/pod-images/pause.c"
    cp "$programs/coredns" "$stage/coredns/coredns"
    # busybox with the C library's own resolver: the static one's wget crashes on names.
    tar -C "$stage/probe" -xf "$rootfs/rootfs.tar" --wildcards --no-anchored \
        ./usr/bin/busybox 'usr/lib/*/libc.so.6' 'usr/lib/*/libresolv.so.2' 'ld-linux*.so.*' ./lib ./lib64
    mv "$stage/probe/usr/bin/busybox" "$stage/probe/bin/busybox"
    local applet
    for applet in $("$stage/probe/bin/busybox" --list); do
        [ "$applet" = busybox ] || ln -sf busybox "$stage/probe/bin/$applet"
    done
    go_in pod-images/fetch 0 build -ldflags '-s -w' -o "$stage/probe/bin/" .
    ln -sf fetch "$stage/probe/bin/wget"
    ln -sf fetch "$stage/probe/bin/curl"
    rm -rf "$stage/probe/usr/bin"
    ln -s ../bin "$stage/probe/usr/bin"
    echo 'root:x:0:0:root:/:/bin/sh' >"$stage/probe/etc/passwd"
    echo 'root:x:0:' >"$stage/probe/etc/group"
    echo 'labyard probe' >"$stage/probe/www/index.html"
    chmod 1777 "$stage/probe/tmp"
    import_image "$stage/pause" "$PAUSE" 'ENTRYPOINT ["/pause"]'
    import_image "$stage/coredns" "$COREDNS" 'ENTRYPOINT ["/coredns"]'
    import_image "$stage/probe" "$PROBE" 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]' \
        'ENV PATH=/bin' 'EXPOSE 8080'
    "${docker[@]}" save "$PAUSE" "$COREDNS" "$PROBE" >"$out/images.tar"
    "${docker[@]}" rmi "$PAUSE" "$COREDNS" "$PROBE" >/dev/null
    (cd "$out" && sha256sum images.tar >images.tar.sha256)
    rm -rf "$stage"
}

# import_image FOLDER|ARCHIVE NAME CHANGES…
import_image() {
    local source=$1 name=$2 change changes=()
    shift 2
    for change in "$@"; do changes+=(--change "$change"); done
    if [ -d "$source" ]; then
        tar -C "$source" --owner=0 --group=0 --numeric-owner -c . | "${docker[@]}" import "${changes[@]}" - "$name" >/dev/null
    else
        "${docker[@]}" import "${changes[@]}" - "$name" <"$source" >/dev/null
    fi
}

# assemble NAME: the node image without the template store.
assemble() {
    local name=$1 stage archive component
    stage=$(mktemp -d "${TMPDIR:-/tmp}/labyard-node.XXXXXX")
    archive=$stage/image.tar
    mkdir -p "$stage"/tree/usr/{local/bin,share/labyard,lib/labyard} "$stage"/tree/var/lib/kubelet \
        "$stage"/tree/var/lib/rancher/k3s/{server,storage,agent/containerd}
    cp "$init"/{init,guest} "$stage/tree/usr/lib/labyard/"
    cp "$programs"/{kubernetes,kubectl,kine} "$stage/tree/usr/local/bin/"
    for component in kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubelet; do
        ln -s kubernetes "$stage/tree/usr/local/bin/$component"
    done
    cp "$images"/images.tar "$images"/images.tar.sha256 "$stage/tree/usr/share/labyard/"
    chmod 700 "$stage"/tree/var/lib/{kubelet,rancher/k3s/{server,storage,agent}}
    cp "$rootfs/rootfs.tar" "$archive"
    # Only what the root file system lacks: Docker refuses an archive that names a folder twice.
    (cd "$stage/tree" && tar --owner=0 --group=0 --numeric-owner -rf "$archive" ./usr/local/bin/* ./usr/share/labyard \
        ./usr/lib/labyard ./var/lib/kubelet ./var/lib/rancher)
    import_image "$archive" "$name" 'ENTRYPOINT ["/usr/lib/labyard/init"]' 'EXPOSE 6443' \
        'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'ENV KUBECONFIG=/etc/rancher/k3s/k3s.yaml' "LABEL labyard.dev/kubernetes=$KUBERNETES"
    rm -rf "$stage"
}

# make_template leaves template.db: an API server's own first writes, less everything that belongs to one cluster.
make_template() {
    local out=$1 container="labyard-node-template-$$" code=0
    "${docker[@]}" run --name "$container" "$candidate" template || code=$?
    if [ "$code" = 0 ]; then
        # The log of the database comes too: its last pages may still be in it.
        "${docker[@]}" cp "$container:/var/lib/rancher/k3s/server/db" "$out/db"
    fi
    "${docker[@]}" rm -f "$container" >/dev/null
    [ "$code" = 0 ]
    "$programs/template" "$out/db/state.db" "$out/template.db"
    rm -rf "$out/db"
}

# finish CANDIDATE FILE: the image's last layer, for a second import of all would cost as much as the first.
finish() {
    local container
    container=$("${docker[@]}" create "$1")
    "${docker[@]}" cp "$2" "$container:/usr/share/labyard/"
    "${docker[@]}" commit "$container" "$tag" >/dev/null
    "${docker[@]}" rm "$container" >/dev/null
}

case ${1:-} in
--tag)
    printf '%s\n' "$tag"
    exit 0
    ;;
--download)
    has go || fail "go is missing: install it and run this again"
    mkdir -p "$cache"
    download
    exit 0
    ;;
--guest)
    go_in . 0 build -ldflags '-s -w' -o "$2" ./guest
    exit 0
    ;;
--test)
    go_in . 0 test ./init ./guest ./container
    exit 0
    ;;
'') ;;
*) fail "usage: build.sh [--tag | --download | --guest FILE | --test]" ;;
esac

choose_docker
built() { "${docker[@]}" image inspect "$tag" >/dev/null 2>&1; }
if ! built; then
    check_tools
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock -n 9 || { say "node image: another build is under way, waiting for it"; step "another build"; flock 9; }
fi
if ! built; then
    go_version=$(go version | cut -d' ' -f3)
    programs_hash=$(hash_of go.mod go.sum kubernetes coredns kine)-$KUBERNETES-$go_version
    [ -d "$(part_folder programs "$programs_hash" make_programs)" ] || download
    rootfs=$(part rootfs "$(hash_of rootfs.packages)" make_rootfs)
    programs=$(part programs "$programs_hash" make_programs)
    init=$(part init "$(hash_of init guest container go.mod go.sum)-$go_version" make_init)
    images=$(part images "$(hash_of pod-images)-${rootfs##*/}-${programs##*/}" make_pod_images)
    candidate="labyard-node:building-$$"
    tell image
    at_exit "${docker[*]} rmi $candidate >/dev/null 2>&1"
    assemble "$candidate"
    template=$(part template "${programs##*/}-${init##*/}" make_template)
    finish "$candidate" "$template/template.db"
    say "node image: $tag"
fi
printf '%s\n' "$tag"
