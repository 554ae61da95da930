#!/usr/bin/env bash
# Owns `make test`: everything that must pass, from a clean clone on a machine that has nothing yet, beside a running
# stack, leaving nothing. `test.sh lint` runs the parts that need no stack and no test.
#
# The logs of all parts are in target/test-logs; the closing line counts tests, and one for each part that has none.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"

# The stack under test is this clone's, whatever the caller's shell says of another.
kept_cache=${LABYARD_CACHE:-}
# shellcheck disable=SC2086
unset N SEED HALT LATE STEP_MS ${!LABYARD_@} ${!NATS_@} ${!OTEL_@} DATABASE_URL SECRET_KEY ENCRYPTION_KEY LAB_ISOLATION
[ -z "$kept_cache" ] || export LABYARD_CACHE=$kept_cache
export LABYARD_HOME=$root/target/test-stack LABYARD_PROFILE=dev LABYARD_PULL=0 LABYARD_POOL=0 LABYARD_LOGINS_PER_MINUTE=1000
export LABYARD_PORT=0 LABYARD_API_PORT=0 LABYARD_EVENTS_PORT=0 # any free ones
export LABYARD_OUTGOING_ALLOW=127.0.0.0/8                       # a receiver of webhooks is on this machine
export NO_COLOR=1 CARGO_TERM_COLOR=never

# shellcheck source=stack/settings.sh
. "$here/stack/settings.sh"
# shellcheck source=stack/processes.sh
. "$here/stack/processes.sh"
# shellcheck source=stack/ports.sh
. "$here/stack/ports.sh"
# shellcheck source=stack/preflight.sh
. "$here/stack/preflight.sh"
# shellcheck source=stack/packages.sh
. "$here/stack/packages.sh"
# shellcheck source=stack/labs.sh
. "$here/stack/labs.sh"
# shellcheck source=stack/node_modules.sh
. "$here/stack/node_modules.sh"
# shellcheck source=test/runner.sh
. "$here/test/runner.sh"
# shellcheck source=test/parts.sh
. "$here/test/parts.sh"

cd "$root"
mkdir -p target
exec 7>target/test.lock
flock -n 7 || fail "another make test is at work in this clone"

preflight || exit 1
mkdir -p "$home/log"
rm -rf "$logs" && mkdir -p "$logs"

if [ "${1:-}" = lint ]; then
    install_missing needs_of_lint
    at_exit "rmdir $(printf %q "$home/log") $(printf %q "$home") 2>/dev/null || true"
    lint_parts
    summary
fi

at_exit end_test_stack
end_test_stack # what a run that was killed has left
mkdir -p "$home/log"
install_missing needs_of_stack needs_of_test needs_of_lint
LABYARD_LOG_DIR=$logs deploy/docker/ensure.sh 7>&- || fail "no Docker engine"

# The image takes minutes of a cold run, much of it on one core: it is built beside the first parts.
begin node-image 45
lint_parts
part compile 40
join node-image
part tests 30
part fuzz 10
part soak 15
part fanout 15
part crash 15
part chaos 10
part stack 10
if passed stack; then
    part stories 20
    part browser 20
    part canary 10
    part doctor 2
    part logs 1
fi
part end 3
summary
