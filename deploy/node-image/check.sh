#!/usr/bin/env bash
# Owns the proof that the node image keeps its contract (README.md): boots one lab with the bare docker command line,
# measures it, tries what a cluster is for, stops and starts it, and removes everything it made. Under 90 s.
#
#   check.sh [IMAGE]     default: the image of build.sh, which is built if it is missing
#
# Reads LABYARD_CHECK_BOOTS (1): first boots to measure before the lab that is tried. Needs curl and openssl.
# shellcheck disable=SC2016 # what stands in single quotes is for the lab's shell
set -euo pipefail
shopt -s inherit_errexit

STOP_LIMIT_MS=3000
READY_LIMIT_S=60
POLL_S=0.02

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab=labyard-check-$$
work=$(mktemp -d)
failures=0
image=${1:-$("$here/build.sh" | tail -1)}

remove_lab() {
    docker rm -f "$lab" >/dev/null 2>&1 || true
    docker volume rm "$lab"-{state,data,cache,kubelet} >/dev/null 2>&1 || true
    docker network rm "$lab" >/dev/null 2>&1 || true
}

clean_up() {
    local code=$?
    if [ "$code" != 0 ]; then
        echo "--- the end of the lab's log ---" >&2
        docker logs --tail 40 "$lab" 2>&1 | cut -c1-220 >&2 || true
    fi
    remove_lab
    rm -rf "$work"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

now_ms() { date +%s%3N; }
figure() { printf '%-58s %s\n' "$1" "$2"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# expect WHAT COMMAND…: runs it, shows its output only if it fails.
expect() {
    local what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        figure "$what" ok
    else
        figure "$what" FAILED
        sed 's/^/    /' "$work/out"
        failures=$((failures + 1))
    fi
}

# retry SECONDS COMMAND…
retry() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>"$work/retry"; do
        [ "$SECONDS" -lt "$until" ] || { cat "$work/retry" >&2; return 1; }
        sleep "$POLL_S"
    done
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)) && (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    printf '%s\n' "$port"
}

create_lab() {
    local volume
    docker network create "$lab" >/dev/null
    for volume in state data cache kubelet; do docker volume create "$lab-$volume" >/dev/null; done
}

run_lab() {
    docker run --detach --name "$lab" --hostname lab --network "$lab" \
        --cap-add ALL --cap-drop SYS_RESOURCE --cgroupns private --device /dev/kmsg \
        --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
        --tmpfs /run --tmpfs /tmp \
        --volume "$lab-state:/var/lib/rancher/k3s/server" --volume "$lab-data:/var/lib/rancher/k3s/storage" \
        --volume "$lab-cache:/var/lib/rancher/k3s/agent/containerd" --volume "$lab-kubelet:/var/lib/kubelet" \
        --cpus 2 --memory 2g --memory-swap 2g --pids-limit 4096 --log-opt max-size=10m --log-opt max-file=3 \
        --publish "127.0.0.1:$port:6443" "$image" >/dev/null
}

# What a kubelet sets at its start unless it is kept from it; these are the whole machine's.
host_tunables() { cat /proc/sys/kernel/{panic,panic_on_oops} /proc/sys/vm/{overcommit_memory,panic_on_oom}; }

in_lab() { docker exec "$lab" "$@"; }
api() { curl --silent --fail --max-time 2 --insecure --cert "$work/admin.crt" --key "$work/admin.key" "https://127.0.0.1:$port$1"; }
api_ready() { [ "$(curl --silent --max-time 2 --insecure "https://127.0.0.1:$port/readyz")" = ok ]; }
account_there() { api /api/v1/namespaces/default/serviceaccounts/default; }
node_ready() { api '/api/v1/nodes/lab?pretty=false' | grep -q '"type":"Ready","status":"True"'; }
service_answers() { [ "$(in_lab curl --silent --max-time 1 --insecure https://10.43.0.1/readyz)" = ok ]; }
dns_ready() { in_lab kubectl -n kube-system get deployment coredns -o 'jsonpath={.status.readyReplicas}' | grep -q 1; }

read_admin() {
    in_lab cat /etc/rancher/k3s/k3s.yaml >"$work/admin.yaml"
    sed -n 's/.*client-certificate-data: //p' "$work/admin.yaml" | base64 -d >"$work/admin.crt"
    sed -n 's/.*client-key-data: //p' "$work/admin.yaml" | base64 -d >"$work/admin.key"
}

# measure_ready WHAT START_MS: prints when each condition of N1's "running" first held.
measure_ready() {
    local what=$1 start=$2
    retry "$READY_LIMIT_S" api_ready || fail "no API after $READY_LIMIT_S s"
    figure "$what: API /readyz" "$(($(now_ms) - start)) ms"
    read_admin
    retry "$READY_LIMIT_S" account_there || fail "no default ServiceAccount after $READY_LIMIT_S s"
    figure "$what: default ServiceAccount" "$(($(now_ms) - start)) ms"
    retry "$READY_LIMIT_S" node_ready || fail "the node is not Ready after $READY_LIMIT_S s"
    figure "$what: node Ready" "$(($(now_ms) - start)) ms"
    retry "$READY_LIMIT_S" service_answers || fail "kubernetes.default does not answer on its ClusterIP"
    figure "$what: kubernetes.default on its ClusterIP (= RUNNING)" "$(($(now_ms) - start)) ms"
    retry "$READY_LIMIT_S" dns_ready || fail "CoreDNS is not ready after $READY_LIMIT_S s"
    figure "$what: CoreDNS ready" "$(($(now_ms) - start)) ms"
}

check_pods() {
    docker exec -i "$lab" kubectl apply -f - >/dev/null <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: "labyard/probe:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: client, image: "labyard/probe:1", command: [sleep, infinity]}]}
YAML
    local start
    start=$(now_ms)
    in_lab kubectl wait --for=condition=Ready --timeout=30s pod/web pod/client >/dev/null || fail "no pod runs"
    figure "two pods from the preloaded image, created -> Ready" "$(($(now_ms) - start)) ms"
    check_reach
}

check_reach() {
    expect "pod -> Service by its short name" in_client "wget -q -T 5 -O - http://web | grep -q 'labyard probe'"
    expect "pod -> kubernetes.default.svc" in_client \
        "wget -q -T 5 -O - --no-check-certificate https://kubernetes.default.svc/readyz | grep -q ok"
    expect "pod resolves web.default.svc.cluster.local" in_client "nslookup -type=a web.default.svc.cluster.local"
    expect "pod reaches itself through its own Service" in_lab kubectl exec web -- \
        wget -q -T 5 -O - http://web.default.svc.cluster.local
    expect "node reads a pod's log" in_lab kubectl logs web
}

in_client() { in_lab kubectl exec client -- sh -c "$1"; }

# A person's certificate (P3): by the cluster's own CSR API, for an hour, naming groups.
check_person() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/person.key"
    openssl req -new -key "$work/person.key" -subj '/O=labyard:owner/CN=person' -out "$work/person.csr" 2>/dev/null
    in_lab kubectl create clusterrolebinding person --clusterrole=cluster-admin --group=labyard:owner >/dev/null
    docker exec -i "$lab" kubectl apply -f - >/dev/null <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: person}
spec:
  request: $(base64 -w0 "$work/person.csr")
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 3600
  usages: [client auth]
YAML
    in_lab kubectl certificate approve person >/dev/null
    retry 10 signed
    expect "certificate lives no longer than the hour asked for" lives_an_hour
    expect "certificate's group has its rights" curl --silent --fail --insecure --cert "$work/person.crt" \
        --key "$work/person.key" "https://127.0.0.1:$port/api/v1/namespaces/kube-system/secrets"
}

signed() {
    in_lab kubectl get csr person -o 'jsonpath={.status.certificate}' | base64 -d >"$work/person.crt"
    [ -s "$work/person.crt" ]
}

lives_an_hour() {
    openssl x509 -in "$work/person.crt" -noout -checkend 3000 && ! openssl x509 -in "$work/person.crt" -noout -checkend 3660
}

# What someone who runs commands in this container as another user may see (N4).
check_stranger() {
    expect "stranger finds no readable datastore, key, kubeconfig, socket" docker exec --user 65534:65534 "$lab" sh -c '
        found=$(find /etc/rancher /var/lib/rancher /var/lib/kubelet /var/lib/cni /run /var/run /var/log \
            \( -type f -o -type s \) \( -readable -o -writable \) 2>/dev/null | grep -v "^/\(var/\)\?run/netns/")
        echo "$found"; [ -z "$found" ]'
    expect "stranger gets no answer from kubectl" docker exec --user 65534:65534 "$lab" sh -c '! kubectl get node'
    expect "no setuid or setgid file" in_lab sh -c 'found=$(find / -xdev -type f -perm /6000); echo "$found"; [ -z "$found" ]'
    expect "keys and datastore folders are 0700" in_lab sh -c \
        'for d in /var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/tls /var/lib/rancher/k3s/server/db; do
            [ "$(stat -c %a:%u $d)" = 700:0 ] || { stat -c "%a:%u %n" $d; exit 1; }; done'
}

check_tools() {
    expect "tools that exec relies on" in_lab sh -c 'for t in timeout sh kill cat mkdir chown id setpriv kubectl; do
        command -v $t >/dev/null || { echo $t is missing; exit 1; }; done'
    local start
    start=$(now_ms)
    in_lab kubectl version >/dev/null
    figure "docker exec … kubectl version" "$(($(now_ms) - start)) ms"
}

stop_lab() {
    local start took code
    start=$(now_ms)
    docker stop "$lab" >/dev/null
    took=$(($(now_ms) - start))
    code=$(docker inspect --format '{{.State.ExitCode}}' "$lab")
    figure "docker stop" "$took ms, exit code $code"
    [ "$code" = 0 ] && [ "$took" -le "$STOP_LIMIT_MS" ] || failures=$((failures + 1))
}

echo "image $image, $(docker image inspect --format '{{.Size}}' "$image" | awk '{printf "%.0f MB", $1 / 1e6}'), $(nproc) CPUs," \
    "load $(cut -d' ' -f1 /proc/loadavg)"
host_tunables >"$work/tunables"
for boot in $(seq "${LABYARD_CHECK_BOOTS:-1}"); do
    remove_lab
    port=$(free_port)
    create_lab
    began=$(now_ms)
    run_lab
    measure_ready "first boot $boot" "$began"
done
docker stats --no-stream --format '{{.MemUsage}}' "$lab" | while read -r memory; do figure "memory, idle" "$memory"; done
check_pods
check_tools
check_person
check_stranger

cp "$work/admin.yaml" "$work/before.yaml"
stop_lab
began=$(now_ms)
docker start "$lab" >/dev/null
measure_ready "second boot" "$began"
expect "the same admin kubeconfig" cmp "$work/before.yaml" "$work/admin.yaml"
expect "the same objects" in_lab kubectl get service/web pod/web pod/client
# Their status still says Ready from before the stop, so only an answer counts.
retry 30 in_client 'wget -q -T 1 -O - http://web' || fail "pods do not come back"
figure "second boot: a pod reaches another by its Service" "$(($(now_ms) - began)) ms"
check_reach

# Volumes outlive containers: an upgrade or a restore is another container, of another name, on the same state.
stop_lab
docker rm "$lab" >/dev/null
began=$(now_ms)
run_lab
retry "$READY_LIMIT_S" api_ready || fail "no API on carried-over volumes"
retry "$READY_LIMIT_S" node_ready || fail "no Ready node on carried-over volumes"
figure "another container on the same volumes: node Ready" "$(($(now_ms) - began)) ms"
expect "the same objects there" in_lab kubectl get service/web pod/web

host_tunables >"$work/tunables.after"
expect "the host's kernel settings are as before" cmp "$work/tunables" "$work/tunables.after"

[ "$failures" = 0 ] || fail "$failures checks"
echo "all checks passed in $SECONDS s"
