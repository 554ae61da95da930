# shellcheck shell=bash
# Owns the parts of `make test`: one function each, run in the repository's root.

SCREENSHOTS=$root/target/screenshots

lint_parts() {
    part sources 60
    beside page dashboard 120 sources
    part format 5 sources
    part scripts 10
    part compile 600 sources
}

# Two cores have two things to do: what people do with a stack, and beside it what has servers of its own.
all_parts() {
    lint_parts
    beside image node-image 600 sources
    beside servers fuzz 300 compile
    beside servers soak 60 compile
    beside servers fanout 60 compile
    beside servers chaos 100 compile
    beside servers tests 300 compile node-image
    beside servers crash 180 compile node-image
    part stack 60 compile node-image
    part stories 300 stack
    part browser 200 stack
    part canary 100 stack
    part bundle 90 stack
    part doctor 5 stack
    part logs 2 stack
    part end 20 stack
}

# part NAME SECONDS [AFTER…], beside LANE NAME SECONDS [AFTER…]
part() { beside main "$@"; }
beside() { job "$1" "$2" "$3" "deploy/test.sh part $2" "${@:4}"; }

# Everything that comes from elsewhere, so that nothing later waits for a network.
part_sources() {
    step "Rust packages, 1 of 4"
    retry cargo fetch --locked
    step "npm packages, 2 of 4"
    node_modules services/dashboard
    node_modules e2e/browser
    node_modules e2e/oidc
    step "Go packages, 3 of 4"
    retry deploy/tools/nats.sh --download
    deploy/node-image/build.sh --download
    step "schemathesis, 4 of 4"
    retry deploy/tools/schemathesis.sh
}

part_format() { cargo fmt --all --check; }

part_scripts() {
    local scripts
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run | grep -v '^deploy/stack/\|^deploy/test/')
    # The files below stack/ and test/ are read as parts of those that source them.
    (cd deploy && shellcheck -x "${scripts[@]/#/../}")
    node --test deploy/run/tests/*.test.mjs deploy/stack/tests/*.test.mjs
}

part_dashboard() {
    cd services/dashboard
    npm run --silent check
    npm run --silent test
}

# Everything that is run below, compiled and linted at once; the programs of a stack last, as others have had their names.
part_compile() {
    cargo_build_tests
    cargo_build_tests --test stories --test canary --test crash
    deploy/fuzz.sh build
    deploy/chaos.sh build
    cargo_build --bins
    deploy/tools/nats.sh >/dev/null
}

part_node_image() {
    deploy/node-image/build.sh --test
    deploy/stack.sh node-image
    cp "$home/run/node-image" "$root/target/node-image-under-test"
}

# What the stack was made with goes with it, and others may still be at work then.
image_under_test() { cat "$root/target/node-image-under-test"; }

# The driver's contract runs on the Docker engine too, logins by others at a real provider.
part_tests() {
    # What the stack under test may reach is nothing to the gateways of these tests.
    unset LABYARD_OUTGOING_ALLOW
    LABYARD_NODE_IMAGE=$(image_under_test)
    export LABYARD_NODE_IMAGE LABYARD_TEST_DOCKER=1
    cargo_test --lib --bins --tests --no-fail-fast
}

# Gateway and worker die at each crash point, in each kind of task.
part_crash() {
    LABYARD_NODE_IMAGE=$(image_under_test) deploy/chaos.sh points
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
        "$(server_url)/api/v1/auth/register"
}

# tests_know_stack: by their environment, as no part of make test shares its own with another.
tests_know_stack() {
    LABYARD_E2E_URL=$(server_url)
    LABYARD_E2E_PAGE=$(remembered PUBLIC_URL)
    LABYARD_E2E_CHROMIUM=$(command -v chromium)
    export LABYARD_E2E_URL LABYARD_E2E_PAGE LABYARD_E2E_CHROMIUM LABYARD_E2E_HOME=$home LABYARD_BIN=$home/bin/labyard \
        LABYARD_E2E_STACK=$root/deploy/stack.sh LABYARD_E2E_SCREENSHOTS=$SCREENSHOTS
}

# One after the other: some kill processes, and two cores make one cluster at a time fast.
part_stories() {
    tests_know_stack
    cargo_test --test stories --no-fail-fast -- --test-threads=1
}

part_browser() {
    rm -rf "$SCREENSHOTS" && mkdir -p "$SCREENSHOTS"
    tests_know_stack
    cd e2e/browser
    npm run --silent test
}

# Secrets of every kind, looked for wherever they have no business; the services tell all they can meanwhile.
part_canary() {
    local code=0
    tests_know_stack
    LABYARD_LOG=trace LABYARD_LOG_SIZE=200MB deploy/stack.sh up
    cargo_test --test canary || code=$?
    deploy/stack.sh up
    return "$code"
}

# Everything built as one file; it starts beside on a machine whose compilers all refuse, and is refused itself when a byte is another.
part_bundle() {
    local folder=$root/target/bundle file=$root/target/bundle/file.tar.gz digest tool
    rm -rf "$folder" && mkdir -p "$folder/tools"
    step "packing"
    digest=$(PROFILE=dev LABYARD_HOME=$folder/made BUNDLE=$file deploy/stack.sh bundle | tail -n 1 | cut -d' ' -f1)
    for tool in cargo rustc rustup go node npm gcc cc; do
        printf '#!/bin/sh\necho "%s is not on this machine" >&2\nexit 99\n' "$tool" >"$folder/tools/$tool"
        chmod 755 "$folder/tools/$tool"
    done
    export PATH=$folder/tools:$PATH LABYARD_HOME=$folder/stack BUNDLE=$file
    at_exit "deploy/stack.sh clean; rm -rf $(printf %q "$folder")"
    step "a damaged one"
    cp "$file" "$file.damaged"
    printf 'x' | dd of="$file.damaged" bs=1 seek=1000000 conv=notrunc status=none
    refused "not the file you mean" env BUNDLE="$file.damaged" DIGEST="$digest" deploy/stack.sh up
    refused "not a whole bundle|is damaged" env BUNDLE="$file.damaged" deploy/stack.sh up
    step "starting from it"
    DIGEST=" ${digest^^}  file" deploy/stack.sh up
    BUNDLE='' deploy/stack.sh up
    BUNDLE='' deploy/stack.sh doctor
}

# refused WORDS COMMAND…: it must fail, and say so.
refused() {
    local words=$1 said
    shift
    if said=$("$@" 2>&1); then echo "not refused: $*" && return 1; fi
    grep -qE "$words" <<<"$said" || { printf '%s\n' "$said"; return 1; }
}

# After everything that was killed: each program is well again, and all that must always hold does.
part_doctor() { deploy/stack.sh doctor; }

# What a user may never see, whatever the stories have killed meanwhile.
part_logs() {
    local found=0
    # An answer to what was asked before the bus began anew is refused too: nobody waits for it any more.
    bad_lines 'a broken rule of the bus' 'Permissions Violation for (Subscription|Publish to \\?"[^_])' nats-server api-gateway events-gateway provisioner-worker exec-service
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
    [ -d "$home" ] || return 0
    if [ -d "$home/log" ] && [ -d "$logs" ]; then cp -a "$home/log" "$logs/stack-$(date +%s)"; fi
    deploy/stack.sh clean </dev/null >>"$logs/clean.log" 2>&1 || warn "the test stack could not be removed: see $logs/clean.log"
    rm -rf "$home"
}
