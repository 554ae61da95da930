# shellcheck shell=bash
# Owns the rendering of deploy/edge for this stack: addresses, folders, who the workers run as.

make_edge() {
    local config user='' folder=$home/edge
    mkdir -p "$folder"/{page,temp}
    put "$(command -v nginx)" nginx
    # The workers read what the clone's owner may read.
    [ "$(id -u)" != 0 ] || user="user $(stat -c '%U %G' "$root");"
    config=$(<"$root/deploy/edge/nginx.conf.template")
    config=${config//@USER@/$user}
    config=${config//@OPEN_FILES@/$(open_files)}
    config=${config//@CONNECTIONS@/$(($(open_files) * 3 / 4))}
    config=${config//@FOLDER@/$folder}
    config=${config//@LISTEN@/$edge_address:$(remembered EDGE_PORT)}
    config=${config//@API_PORT@/$(remembered API_PORT)}
    config=${config//@EVENTS_PORT@/$(remembered EVENTS_PORT)}
    printf '%s\n' "$config" | write_if_changed "$folder/nginx.conf"
    local check
    check=$("$home/bin/nginx" -t -q -p "$folder" -c "$folder/nginx.conf" 2>&1) || fail "nginx refuses its configuration: $check"
}
