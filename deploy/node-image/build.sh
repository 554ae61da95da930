#!/usr/bin/env bash
# Owns the making of the lab node image, from public Go modules and Debian packages, where no container registry answers.
#
#   build.sh         build the image unless it exists; its tag is the last line of stdout
#   build.sh --tag   print the tag and build nothing
#
# Reads LABYARD_CACHE (default: <repository>/.labyard/cache) and LABYARD_DEBIAN_MIRROR (default: debootstrap's own).
# Needs Go >= 1.21, gcc, git and a Docker engine (deploy/docker/ensure.sh); installs debootstrap by apt if it is missing.
set -euo pipefail
shopt -s inherit_errexit

KUBERNETES=v1.34.4
DEBIAN=bookworm
PROBE=labyard/probe:1
PAUSE=labyard/pause:1
COREDNS=labyard/coredns:1.12.4

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${LABYARD_CACHE:-$(cd "$here/../.." && pwd)/.labyard/cache}/node-image
began=$SECONDS

say() { printf 'node-image: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

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
        command -v "$tool" >/dev/null || fail "$tool is missing: install it and run this again"
    done
    if ! command -v debootstrap >/dev/null && [ ! -x /usr/sbin/debootstrap ]; then
        command -v apt-get >/dev/null || fail "debootstrap is missing and there is no apt-get to install it with"
        say "installing debootstrap"
        as_root apt-get update -qq >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            debootstrap debian-archive-keyring >&2
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

# part NAME HASH FUNCTION: the folder of a finished part, made by FUNCTION (which gets the folder) unless the same
# function has made it from the same hash before.
part() {
    local name=$1 make=$3 start=$SECONDS dir
    dir=$cache/$1-$2-$(declare -f "$make" | sha256sum | cut -c1-8)
    if [ ! -d "$dir" ]; then
        rm -rf "$cache/$name".new
        mkdir -p "$cache/$name".new
        say "$name: building"
        # A function called in a condition would run on after its errors, hence the trap; part runs in a subshell.
        trap 'tail -20 "$cache/$1.log" >&2; say "$1: failed; the whole log is $cache/$1.log"' EXIT
        "$make" "$cache/$name".new >"$cache/$name.log" 2>&1
        trap - EXIT
        find "$cache" -maxdepth 1 -name "$name-*" -exec rm -rf {} +
        mv "$cache/$name".new "$dir"
        say "$name: $((SECONDS - start)) s"
    fi
    printf '%s\n' "$dir"
}

# build_go FOLDER OUTPUT CGO LDFLAGS PACKAGES…
build_go() {
    local folder=$1 output=$2 cgo=$3 ldflags=$4
    shift 4
    (cd "$here/$folder" && GOCACHE="$cache/go-build" GOFLAGS='' GOWORK=off CGO_ENABLED=$cgo nice go build \
        -mod=readonly -buildvcs=false -trimpath -tags osusergo,netgo,sqlite_omit_load_extension \
        -ldflags "-s -w $ldflags" -o "$output/" "$@")
}

make_kubernetes() {
    local version=k8s.io/component-base/version minor
    minor=${KUBERNETES#v1.}
    build_go kubernetes "$1" 0 "-X $version.gitVersion=$KUBERNETES -X $version.gitMajor=1 \
        -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean" . k8s.io/kubernetes/cmd/kubectl
}

make_coredns() { build_go coredns "$1" 0 '' .; }
make_kine() { build_go kine "$1" 1 '-linkmode external -extldflags -static' github.com/k3s-io/kine ./template; }
make_init() { build_go init "$1" 0 '' .; }

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
    cp "$coredns/coredns" "$stage/coredns/coredns"
    # busybox with the C library's own resolver: the static one's wget crashes on names.
    tar -C "$stage/probe" -xf "$rootfs/rootfs.tar" --wildcards --no-anchored \
        ./usr/bin/busybox 'usr/lib/*/libc.so.6' 'usr/lib/*/libresolv.so.2' 'ld-linux*.so.*' ./lib ./lib64
    mv "$stage/probe/usr/bin/busybox" "$stage/probe/bin/busybox"
    local applet
    for applet in $("$stage/probe/bin/busybox" --list); do
        [ "$applet" = busybox ] || ln -sf busybox "$stage/probe/bin/$applet"
    done
    build_go pod-images/fetch "$stage/probe/bin" 0 '' .
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

# assemble NAME FILES…: the node image under that name; the files join the preloaded images.
assemble() {
    local name=$1 stage archive component
    shift
    stage=$(mktemp -d "${TMPDIR:-/tmp}/labyard-node.XXXXXX")
    archive=$stage/image.tar
    mkdir -p "$stage"/tree/usr/{local/bin,share/labyard,lib/labyard} "$stage"/tree/var/lib/kubelet \
        "$stage"/tree/var/lib/rancher/k3s/{server,storage,agent/containerd}
    cp "$init/init" "$stage/tree/usr/lib/labyard/init"
    cp "$kubernetes"/{kubernetes,kubectl} "$kine/kine" "$stage/tree/usr/local/bin/"
    for component in kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubelet; do
        ln -s kubernetes "$stage/tree/usr/local/bin/$component"
    done
    cp "$images"/images.tar "$images"/images.tar.sha256 "$@" "$stage/tree/usr/share/labyard/"
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
    local out=$1 candidate="labyard-node:building-$$" container="labyard-node-template-$$" code=0
    assemble "$candidate"
    "${docker[@]}" run --name "$container" "$candidate" template || code=$?
    if [ "$code" = 0 ]; then
        # The log of the database comes too: its last pages may still be in it.
        "${docker[@]}" cp "$container:/var/lib/rancher/k3s/server/db" "$out/db"
    fi
    "${docker[@]}" rm -f "$container" >/dev/null
    "${docker[@]}" rmi "$candidate" >/dev/null
    [ "$code" = 0 ]
    "$kine/template" "$out/db/state.db" "$out/template.db"
    rm -rf "$out/db"
}

case ${1:-} in
--tag)
    printf '%s\n' "$tag"
    exit 0
    ;;
'') ;;
*) fail "usage: build.sh [--tag]" ;;
esac

choose_docker
built() { "${docker[@]}" image inspect "$tag" >/dev/null 2>&1; }
if ! built; then
    check_tools
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock -n 9 || { say "another build is under way, waiting for it"; flock 9; }
fi
if ! built; then
    go_version=$(go version | cut -d' ' -f3)
    rootfs=$(part rootfs "$(hash_of rootfs.packages)" make_rootfs)
    kubernetes=$(part kubernetes "$(hash_of kubernetes)-$KUBERNETES-$go_version" make_kubernetes)
    coredns=$(part coredns "$(hash_of coredns)-$go_version" make_coredns)
    kine=$(part kine "$(hash_of kine)-$go_version" make_kine)
    init=$(part init "$(hash_of init)-$go_version" make_init)
    images=$(part images "$(hash_of pod-images)-${rootfs##*/}-${coredns##*/}" make_pod_images)
    template=$(part template "${kubernetes##*/}-${kine##*/}-${init##*/}" make_template)
    assemble_began=$SECONDS
    assemble "$tag" "$template/template.db"
    say "image assembled in $((SECONDS - assemble_began)) s; $((SECONDS - began)) s in all"
fi
printf '%s\n' "$tag"
