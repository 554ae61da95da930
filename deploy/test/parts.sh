# shellcheck shell=bash
# Owns the parts of `make test`: one function each, run in the repository's root.

SCREENSHOTS=$root/target/screenshots

# Minutes each may take on two cores with nothing built; far above what it takes.
lint_parts() {
    part format 5
    part scripts 2
    part dashboard 10
    part clippy 30
}

part_format() { cargo fmt --all --check; }

part_scripts() {
    local scripts
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run | grep -v '^deploy/stack/\|^deploy/test/')
    # The files below stack/ and test/ are read as parts of those that source them.
    (cd deploy && shellcheck -x "${scripts[@]/#/../}")
}

part_dashboard() {
    node_modules services/dashboard
    cd services/dashboard
    npm run --silent check
    npm run --silent test
}

part_clippy() { cargo clippy --locked --workspace --all-targets --all-features -- -D warnings; }

part_compile() { cargo test --locked --workspace --no-run; }

part_node_image() { deploy/stack.sh node-image; }

# The driver's contract runs on the Docker engine too, logins by others at a real provider.
part_tests() {
    node_modules e2e/oidc
    # What the stack under test may reach is nothing to the gateways of these tests.
    env -u LABYARD_OUTGOING_ALLOW LABYARD_TEST_DOCKER=1 LABYARD_NODE_IMAGE="$(cat "$home/run/node-image")" \
        cargo test --locked --workspace --no-fail-fast
}

# Gateway and worker die at each crash point, in each kind of task.
part_crash() {
    LABYARD_NODE_IMAGE=$(cat "$home/run/node-image") deploy/chaos.sh points
}

# A short one, of another seed each time: the log names it.
part_chaos() { N=160 HALT=10 deploy/chaos.sh run; }

# Its providers of identities are for a journey to name.
part_stack() {
    echo '[]' >"$home/oidc.json"
    LABYARD_OIDC=$home/oidc.json deploy/stack.sh up && deploy/stack.sh doctor && register_administrator
}

# Streams through kills, a small crowd of them; on a database and a bus of its own.
part_soak() {
    PROFILE=dev ORGANIZATIONS=25 STREAMS=500 EVENTS=50 EVENTS_GATEWAY_KILLS=4 BUS_KILLS=1 API_GATEWAY_KILLS=1 \
        POSTGRES_KILLS=1 deploy/soak-events.sh
}

# The same few requests of each kind each time; `make fuzz` tries many others.
part_fuzz() {
    PARSER_SECONDS=5 deploy/fuzz.sh parsers
    SEED=1 N=3 deploy/fuzz.sh document
}

# Whether what measures still works; the figures mean nothing here.
part_fanout() { SMOKE=1 TRANSPORTS=sse deploy/bench-events.sh; }

# Who is first is the administrator: the one whom e2e knows (e2e/src/person.rs).
register_administrator() {
    curl -fsS -o /dev/null -H 'Content-Type: application/json' \
        -d '{"email": "administrator@example.org", "password": "correct horse battery"}' \
        "$(remembered PUBLIC_URL)/api/v1/auth/register"
}

stack_under_test() {
    env LABYARD_E2E_URL="$(remembered PUBLIC_URL)" LABYARD_E2E_HOME="$home" LABYARD_BIN="$home/bin/labyard" \
        LABYARD_E2E_STACK="$root/deploy/stack.sh" LABYARD_E2E_CHROMIUM="$(command -v chromium)" \
        LABYARD_E2E_SCREENSHOTS="$SCREENSHOTS" "$@"
}

# One after the other: some kill processes, and two cores make one cluster at a time fast.
part_stories() {
    stack_under_test cargo test --locked -p e2e --features stack --test stories --no-fail-fast -- --test-threads=1
}

part_browser() {
    rm -rf "$SCREENSHOTS" && mkdir -p "$SCREENSHOTS"
    node_modules e2e/browser
    node_modules e2e/oidc
    cd e2e/browser
    stack_under_test npm run --silent test
}

# Secrets of every kind, looked for wherever they have no business; the services tell all they can meanwhile.
part_canary() {
    local code=0
    node_modules e2e/browser
    LABYARD_LOG=trace LABYARD_LOG_SIZE=200MB deploy/stack.sh up
    stack_under_test cargo test --locked -p e2e --features stack --test canary || code=$?
    deploy/stack.sh up
    return "$code"
}

# After everything that was killed: each program is well again, and all that must always hold does.
part_doctor() { deploy/stack.sh doctor; }

# What a user may never see, whatever the stories have killed meanwhile.
part_logs() {
    local found=0
    bad_lines 'a broken rule of the bus' 'Permissions Violation' nats-server api-gateway events-gateway provisioner-worker exec-service
    bad_lines 'a panic' 'panicked at' "${SERVICES[@]}"
    bad_lines 'an unexpected 5xx' 's upstream=[^ ]*:(500|501|505)' edge
    [ "$found" = 0 ]
}

# bad_lines WHAT PATTERN PROGRAMS…
bad_lines() {
    local what=$1 pattern=$2 program
    shift 2
    for program in "$@"; do
        if grep -hE -m 5 "$pattern" "$home/log/$program.log"*; then
            echo "^ $what in the log of $program"
            found=1
        fi
    done
}

# The stack ends as people end it, and nothing of it is left.
part_end() {
    local id left
    id=$(installation_id)
    deploy/stack.sh down
    left=$(our_pids)
    [ -z "$left" ] || { echo "processes are left after make down: $left"; return 1; }
    deploy/stack.sh clean
    [ -n "$id" ] || return 0
    mkdir -p "$home/run"
    printf '%s\n' "$id" >"$home/run/installation"
    left=$(everything_in_docker)
    [ -z "$left" ] || { echo "labs are left after make clean: $left"; return 1; }
}

# end_test_stack: whatever happened, nothing stays but the logs.
end_test_stack() {
    end_parts
    [ -d "$home" ] || return 0
    if [ -d "$home/log" ] && [ -d "$logs" ]; then cp -a "$home/log" "$logs/stack-$(date +%s)"; fi
    deploy/stack.sh clean </dev/null >>"$logs/clean.log" 2>&1 || warn "the test stack could not be removed: see $logs/clean.log"
    rm -rf "$home"
}
