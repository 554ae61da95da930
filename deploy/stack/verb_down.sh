# shellcheck shell=bash
# Owns `make down`: everything of ours stops; data and labs stay.

verb_down() {
    local labs=0
    stop_supervisor
    say "everything is stopped; the data stay in $home"
    [ -z "$(installation_id)" ] || ! docker_answers || labs=$(count_labs)
    if [ "$labs" -gt 0 ]; then
        warn "$labs labs are still there and run on; make up takes them up again, make clean removes them"
    fi
}
