#!/usr/bin/env bash
# Owns `make races`: a hundred at once want what one can have (a name, the last unit of a quota, the last use of a link or an
# invitation, the next refresh token), ROUNDS (1000) times each, on a gateway with a real Postgres and a real bus.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=cargo.sh
. "$here/cargo.sh"

ROUNDS_DEFAULT=1000

LABYARD_NATS_SERVER=$("$here/tools/nats.sh" | tail -n 1)
export LABYARD_NATS_SERVER
export RACE_ROUNDS=${ROUNDS:-$ROUNDS_DEFAULT}
say "$RACE_ROUNDS rounds of each race"
cargo_test --test it -- winners::
