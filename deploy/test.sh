#!/usr/bin/env bash
# Owns `make test`: everything that must pass, from a clean clone on a machine that has nothing yet, beside a running
# stack, leaving nothing.
#
#   test.sh             all parts
#   test.sh lint        the parts that need no stack
#   test.sh part NAME   one of deploy/test/parts.sh, as deploy/run calls it
#
# The logs of all parts are in target/test-logs; the closing line counts tests, and one for each part that has none.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

unset N SEED HALT LATE STEP_MS
forget_settings
export LABYARD_HOME=$root/target/test-stack LABYARD_PROFILE=dev LABYARD_PULL=0 LABYARD_POOL=0 LABYARD_LOGINS_PER_MINUTE=1000
export LABYARD_PORT=0 LABYARD_TLS_PORT=0 LABYARD_API_PORT=0 LABYARD_EVENTS_PORT=0 # any free ones
export LABYARD_OUTGOING_ALLOW=127.0.0.0/8                                          # a receiver of webhooks is on this machine
export NO_COLOR=1 CARGO_TERM_COLOR=never
export RUSTC_WORKSPACE_WRAPPER=$here/tools/lint.sh

# shellcheck source=stack/settings.sh
. "$here/stack/settings.sh"
# shellcheck source=stack/processes.sh
. "$here/stack/processes.sh"
# shellcheck source=stack/ports.sh
. "$here/stack/ports.sh"
# shellcheck source=stack/tls.sh
. "$here/stack/tls.sh"
# shellcheck source=stack/preflight.sh
. "$here/stack/preflight.sh"
# shellcheck source=stack/packages.sh
. "$here/stack/packages.sh"
# shellcheck source=stack/labs.sh
. "$here/stack/labs.sh"
# shellcheck source=stack/node_modules.sh
. "$here/stack/node_modules.sh"
# shellcheck source=stack/jobs.sh
. "$here/stack/jobs.sh"
# shellcheck source=test/parts.sh
. "$here/test/parts.sh"

DEADLINE_S=5100 # for everything together
logs=$root/target/test-logs

cd "$root"
if [ "${1:-}" = part ]; then
    "part_${2//-/_}"
    exit
fi

mkdir -p target
exec 7>target/test.lock
flock -n 7 || fail "another make test is at work in this clone"

preflight || exit 1
mkdir -p "$home/log"
rm -rf "$logs" && mkdir -p "$logs"

# The estimates are of a machine with two cores and nothing built; the last run's figures win over them.
if [ "${1:-}" = lint ]; then
    at_exit "rmdir $(printf %q "$home/log") $(printf %q "$home") 2>/dev/null || true"
    install_missing needs_of_lint
    lint_parts
    run_jobs 'make lint' "$logs" --tests 7>&-
    exit
fi

at_exit end_test_stack
end_test_stack # what a run that was killed has left
mkdir -p "$home/log"
install_missing needs_of_stack needs_of_build needs_of_test needs_of_lint
LABYARD_LOG_DIR=$logs deploy/docker/ensure.sh 7>&- || fail "no Docker engine"
all_parts
run_jobs 'make test' "$logs" --tests --deadline "$DEADLINE_S" 7>&-
