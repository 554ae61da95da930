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
    config=${config//@PROGRAMS@/$home/bin}
    config=${config//@LISTEN@/$(listens)}
    config=${config//@OTHER_NAMES@/$(other_names)}
    config=${config//@API_PORT@/$(remembered API_PORT)}
    config=${config//@EVENTS_PORT@/$(remembered EVENTS_PORT)}
    printf '%s\n' "$config" | write_if_changed "$folder/nginx.conf"
    local check
    check=$("$home/bin/nginx" -t -q -p "$folder" -c "$folder/nginx.conf" 2>&1) || fail "nginx refuses its configuration: $check"
}

# listens: the edge's port is its own by each name of the loopback; a browser that looks for *.localhost tries IPv6 first.
listens() {
    printf 'listen %s:%s backlog=4096;' "$edge_address" "$(remembered EDGE_PORT)"
    case $edge_address in 127.0.0.1 | 0.0.0.0) ;; *) return ;; esac
    ! loopback_has_ipv6 || printf '\n        listen [::1]:%s backlog=4096;' "$(remembered EDGE_PORT)"
}
loopback_has_ipv6() { grep -qs '^0*1 ' /proc/net/if_inet6; }

# other_names: what else this machine's browsers may call the page's address, and where they are sent instead; nothing where
# the operator chose the address, and no name that is one of LABYARD_ORIGINS.
other_names() {
    local url port name
    page_is_here || return 0
    url=$(remembered PUBLIC_URL) url=${url%/}
    port=${url#"http://$PAGE_HOST"}
    for name in localhost 127.0.0.1 '[::1]'; do
        case ,${LABYARD_ORIGINS:-}, in *",http://$name$port,"* | *",http://$name$port/,"*) continue ;; esac
        printf "'%s%s' '%s'; " "$name" "$port" "$url"
    done
}
