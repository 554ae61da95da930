# shellcheck shell=bash
# Owns `make clean`: this stack's labs and data go; what was built stays.

verb_clean() {
    if [ -t 0 ] && [ "${YES:-}" != 1 ]; then
        read -r -p "This deletes every user, cluster and log of $home. Type yes: " answer
        [ "$answer" = yes ] || fail "nothing was deleted"
    fi
    stop_supervisor
    find_installation
    remove_labs
    # Postgres' folder is its user's.
    rm -rf "$home"/{postgres,state,secrets,log,edge}
    find "$home/run" -mindepth 1 ! -name lock -delete
    say "labs and data are gone; programs and build caches stay in $home"
}
