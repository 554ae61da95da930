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
    config=${config//@TLS_PORT@/$(remembered EDGE_TLS_PORT)}
    config=${config//@OTHER_NAMES@/$(other_names)}
    config=${config//@API_PORT@/$(remembered API_PORT)}
    config=${config//@EVENTS_PORT@/$(remembered EVENTS_PORT)}
    printf '%s\n' "$config" | write_if_changed "$folder/nginx.conf"
    local check
    check=$("$home/bin/nginx" -t -q -p "$folder" -c "$folder/nginx.conf" 2>&1) || fail "nginx refuses its configuration: $check"
}

# listens: at its ports, with the certificate of https.
listens() {
    local h2='' words=ssl
    listen_at "$(remembered EDGE_PORT)"
    https_on || return 0
    # The word of before is one that a newer nginx warns of, and the other way about the older stops.
    if [ "$(printf '%s\n' 1.25.1 "$(nginx_version)" | sort -V | head -n 1)" = 1.25.1 ]; then h2='http2 on;'; else words+=' http2'; fi
    listen_at "$(remembered EDGE_TLS_PORT)" "$words"
    printf '%s\n        ssl_certificate "%s";\n        ssl_certificate_key "%s";' "$h2" "$(remembered TLS_CERT)" "$(remembered TLS_KEY)"
}
nginx_version() { "$home/bin/nginx" -v 2>&1 | sed 's|.*/\([0-9.]*\).*|\1|'; }

# listen_at PORT WORDS: it is the edge's own by each name of the loopback; a browser that looks for *.localhost tries IPv6 first.
listen_at() {
    printf 'listen %s:%s %s backlog=4096;\n        ' "$edge_address" "$1" "${2:-}"
    case $edge_address in 127.0.0.1 | 0.0.0.0) ;; *) return ;; esac
    ! loopback_has_ipv6 || printf 'listen [::1]:%s %s backlog=4096;\n        ' "$1" "${2:-}"
}
loopback_has_ipv6() { grep -qs '^0*1 ' /proc/net/if_inet6; }

# other_names: what else this machine's browsers may call the page's addresses, and where they are sent instead, https to https;
# nothing where the operator chose the address, and no name that is one of LABYARD_ORIGINS.
other_names() {
    local own name other
    page_is_here || return 0
    { remembered PUBLIC_URL && https_url; } | sed 's|/$||' | sort -u | while read -r own; do
        for name in localhost 127.0.0.1 '[::1]'; do
            other=${own/"$PAGE_HOST"/$name}
            case ,${LABYARD_ORIGINS:-}, in *",$other,"* | *",$other/,"*) continue ;; esac
            printf "'%s' '%s'; " "$other" "$own"
        done
    done
}
