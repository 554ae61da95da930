# shellcheck shell=bash
# Owns the choice of the node image: k3s' own, where a container registry answers and the image runs under the settings
# that labs get; else the one that deploy/node-image builds.
# LABYARD_PULL=0 never asks a registry, =1 asks again although an image was built here before.

K3S_IMAGE=${LABYARD_K3S_IMAGE:-rancher/k3s:v1.34.4-k3s1}
ANSWER_S=5    # for a registry to say that it has the image
PULL_S=600
READY_S=90
A_GUEST=20000
# The arguments that the built image has inside; the driver gives none.
K3S_COMMAND='CMD ["server", "--disable=traefik,metrics-server,servicelb", "--write-kubeconfig-mode=600"]'

# pulled_image: prints the name of an image made of k3s' own, or fails.
pulled_image() {
    local name="labyard-node:${K3S_IMAGE##*:}" candidate="labyard-candidate:${K3S_IMAGE##*:}" container
    if docker_do image inspect "$name" >/dev/null 2>&1; then
        printf '%s\n' "$name"
        return
    fi
    [ "${LABYARD_PULL:-auto}" != 0 ] || return 1
    if [ "${LABYARD_PULL:-auto}" = auto ] && docker_do image inspect "$("$root/deploy/node-image/build.sh" --tag)" >/dev/null 2>&1; then
        return 1
    fi
    docker_do version >/dev/null # so that docker_do has decided before timeout runs it
    step "asking a registry for $K3S_IMAGE"
    # --insecure: as the engine has it, which pulls from a registry of this machine without TLS.
    within "$ANSWER_S" manifest inspect --insecure "$K3S_IMAGE" >/dev/null 2>&1 || return 1
    step "pulling $K3S_IMAGE"
    within "$PULL_S" pull -q "$K3S_IMAGE" >&2 || return 1
    step "trying it as a lab"
    # With the program that confines commands, or if that does not run in it, without.
    if { make_candidate confine "$candidate" && runs "$candidate" confines; } ||
        { warn "node-image: commands are not confined in labs of $K3S_IMAGE (SECURITY.md); LABYARD_PULL=0 builds an image where they are" &&
            make_candidate plain "$candidate" && runs "$candidate" :; }; then
        docker_do tag "$candidate" "$name"
        printf '%s\n' "$name"
    else
        echo "node-image: $K3S_IMAGE does not run under the settings of a lab here; building one instead" >&2
    fi
    docker_do rmi "$candidate" >/dev/null
    docker_do image inspect "$name" >/dev/null 2>&1
}

# make_candidate confine|plain NAME
make_candidate() {
    local container folder
    container=$(docker_do create "$K3S_IMAGE") || return 1
    if [ "$1" = confine ]; then
        folder=$(mktemp -d)
        mkdir -p "$folder/usr/lib/labyard"
        if ! { "$root/deploy/node-image/build.sh" --guest "$folder/usr/lib/labyard/guest" && chmod -R go+rX "$folder/usr" &&
            tar -C "$folder" --owner=0 --group=0 -c usr | docker_do cp - "$container:/"; } >&2; then
            docker_do rm "$container" >/dev/null
            rm -rf "$folder"
            return 1
        fi
        rm -rf "$folder"
    fi
    docker_do commit --change "$K3S_COMMAND" "$container" "$2" >/dev/null
    docker_do rm "$container" >/dev/null
}

# confines CONTAINER: whether a person's command runs there as it should.
confines() {
    docker_do exec "$1" /usr/lib/labyard/guest place "$A_GUEST" >/dev/null &&
        docker_do exec "$1" /usr/lib/labyard/guest run try guest "$A_GUEST" 30 -- kubectl version --client >/dev/null
}

# within SECONDS DOCKER-ARGUMENTS…
within() {
    local seconds=$1
    shift
    if [ "$docker_by" = self ]; then
        timeout "$seconds" docker "$@"
    else
        timeout "$seconds" sg docker -c "$(printf '%q ' docker "$@")"
    fi
}

# runs IMAGE CHECK: whether Kubernetes gets ready in it, under the settings the driver gives, and the check holds then.
runs() {
    local container ok=1
    container=$(docker_do run -d --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined \
        --security-opt apparmor=unconfined --security-opt systempaths=unconfined --cgroupns private \
        --device /dev/kmsg --tmpfs /run --tmpfs /tmp "$1") || return 1
    ! { until_true "$READY_S" node_ready "$container" && "$2" "$container"; } || ok=0
    docker_do rm -fv "$container" >/dev/null
    return "$ok"
}
node_ready() { docker_do exec "$1" kubectl get --raw /readyz >/dev/null 2>&1; }
