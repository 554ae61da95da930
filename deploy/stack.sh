#!/usr/bin/env bash
# The one way to run a stack: everything that `make up` starts, and what is asked of it afterwards.
#
#   stack.sh up | down | status | logs [NAME] | doctor | clean      a whole stack
#   stack.sh start | stop | restart NAME                           one program of it
#   stack.sh node-image                                            the image of a lab's node, pulled or built
#   stack.sh bundle                                                everything built, as one file
#   stack.sh make NAME                                             one job of deploy/stack/build.sh, as deploy/run calls it
#   stack.sh admin ARGUMENTS…                                      what only the operator may: adopt, reap, reset-password
#
# LABYARD_HOME names the stack's folder (default: <repository>/.labyard), LABYARD_PROFILE what its programs are built as
# (release or dev). All other settings: deploy/labyard.env.example.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"
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
# shellcheck source=stack/node_modules.sh
. "$here/stack/node_modules.sh"
# shellcheck source=stack/jobs.sh
. "$here/stack/jobs.sh"
# shellcheck source=stack/build.sh
. "$here/stack/build.sh"
# shellcheck source=stack/node_image.sh
. "$here/stack/node_image.sh"
# shellcheck source=stack/bundle.sh
. "$here/stack/bundle.sh"
# shellcheck source=stack/secrets.sh
. "$here/stack/secrets.sh"
# shellcheck source=stack/postgres.sh
. "$here/stack/postgres.sh"
# shellcheck source=stack/bus.sh
. "$here/stack/bus.sh"
# shellcheck source=stack/tls.sh
. "$here/stack/tls.sh"
# shellcheck source=stack/edge.sh
. "$here/stack/edge.sh"
# shellcheck source=stack/walls.sh
. "$here/stack/walls.sh"
# shellcheck source=stack/programs.sh
. "$here/stack/programs.sh"
# shellcheck source=stack/supervisor.sh
. "$here/stack/supervisor.sh"
# shellcheck source=stack/health.sh
. "$here/stack/health.sh"
# shellcheck source=stack/labs.sh
. "$here/stack/labs.sh"
# shellcheck source=stack/verb_up.sh
. "$here/stack/verb_up.sh"
# shellcheck source=stack/verb_down.sh
. "$here/stack/verb_down.sh"
# shellcheck source=stack/verb_clean.sh
. "$here/stack/verb_clean.sh"
# shellcheck source=stack/verb_ask.sh
. "$here/stack/verb_ask.sh"
# shellcheck source=stack/verb_rotate.sh
. "$here/stack/verb_rotate.sh"

LOCK_WAIT_S=600

# alone VERB…: two of these at once on one folder would undo each other's work.
alone() {
    mkdir -p "$home/run"
    exec 8>"$home/run/lock"
    flock -n 8 || { say "another make is at work on $home, waiting for it" && flock -w "$LOCK_WAIT_S" 8; } ||
        fail "it is still at work after $LOCK_WAIT_S s"
    "$@"
}

case ${1:-} in
up) alone verb_up ;;
down) alone verb_down ;;
clean) alone verb_clean ;;
status) verb_status ;;
logs) verb_logs "${2:-}" ;;
doctor) verb_doctor ;;
node-image) alone verb_node_image ;;
bundle) alone verb_bundle ;;
make) "make_${2//-/_}" ;;
admin) shift && verb_admin "$@" ;;
start | stop | restart)
    [[ " ${PROGRAMS[*]} " == *" ${2:-} "* ]] || fail "$1 what? One of: ${PROGRAMS[*]}"
    supervisor_answers || fail "the stack does not run: make up"
    supervisor "$1" "$2" >&2
    ;;
*)
    sed -n '2,12s/^# \{0,1\}//p' "$here/stack.sh" >&2
    exit 2
    ;;
esac
