# shellcheck shell=bash
# Owns what this installation has on the Docker engine: found by its label, never by a name.

LABEL=labyard.dev/installation
# The label has the ID's digits alone.
SELECT_INSTALLATION="select replace(id::text, '-', '') from installation"

# note_installation: written down as soon as it is known, so that the labs can be found without the database.
note_installation() {
    [ -s "$home/run/installation" ] || query "$SELECT_INSTALLATION" | write_if_changed "$home/run/installation" || true
}

# find_installation: for a stack that ended before it was noted; works with no Postgres running.
find_installation() {
    [ ! -s "$home/run/installation" ] && [ -d "$home/postgres/data" ] && [ -z "$(postgres_pid)" ] || return 0
    single_user "$home/postgres/data" labyard <<<"$SELECT_INSTALLATION" 2>/dev/null |
        sed -n 's/.* = "\([0-9a-f]\{32\}\)".*/\1/p' | write_if_changed "$home/run/installation"
}

docker_answers() { has docker && docker_do version >/dev/null 2>&1; }

# in_docker KIND…: identifiers of this installation's containers, volumes or networks.
containers() { docker_do ps -aq --filter "label=$LABEL=$(installation_id)" "$@"; }
volumes() { docker_do volume ls -q --filter "label=$LABEL=$(installation_id)"; }
networks() { docker_do network ls -q --filter "label=$LABEL=$(installation_id)"; }

count_labs() { containers --filter label=labyard.dev/role=node | wc -l; }

everything_in_docker() {
    [ -n "$(installation_id)" ] && docker_answers || return 0
    containers
    volumes
    networks
}

remove_labs() {
    [ -n "$(installation_id)" ] || return 0
    docker_answers || fail "the Docker engine does not answer, so this installation's labs can't be removed: start it (deploy/docker/ensure.sh)"
    local ids
    mapfile -t ids < <(containers)
    [ ${#ids[@]} = 0 ] || docker_do rm -fv "${ids[@]}" >/dev/null
    mapfile -t ids < <(volumes)
    [ ${#ids[@]} = 0 ] || docker_do volume rm -f "${ids[@]}" >/dev/null
    mapfile -t ids < <(networks)
    [ ${#ids[@]} = 0 ] || docker_do network rm "${ids[@]}" >/dev/null
}
