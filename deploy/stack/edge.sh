# shellcheck shell=bash
# Owns the rendering of deploy/edge for this stack: addresses, folders, who the workers run as.

# Half a year: how long a browser that saw https once asks for nothing else.
TRANSPORT_SECURITY_S=15552000

make_edge() {
    local config user='' transport_security='' folder=$home/edge
    mkdir -p "$folder"/{page,temp}
    put "$(command -v nginx)" nginx
    # The workers read what the clone's owner may read.
    [ "$(id -u)" != 0 ] || user="user $(stat -c '%U %G' "$root");"
    config=$(<"$root/deploy/edge/nginx.conf.template")
    config=${config//@USER@/$user}
    case $(remembered PUBLIC_URL) in https://*) transport_security="max-age=$TRANSPORT_SECURITY_S" ;; esac
    config=${config//@TRANSPORT_SECURITY@/$transport_security}
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
