# shellcheck shell=bash
# Owns a stack's settings: where its folder is, what may be configured, what is remembered between runs.
# The environment wins over <home>/labyard.env, which wins over the defaults here. deploy/labyard.env.example lists all.

home=${LABYARD_HOME:-$root/.labyard}
mkdir -p "$home"
home=$(cd "$home" && pwd -P) # /proc shows programs by their real paths
cache=${LABYARD_CACHE:-$root/.labyard/cache}

SERVICES=(api-gateway events-gateway provisioner-worker exec-service)
# In the order in which they start; they stop in the reverse.
PROGRAMS=(postgres nats-server "${SERVICES[@]}" edge)

# Lines as editors and shells leave them: with a mark of their encoding, a carriage return, blanks, quotes, an export.
read_settings_file() {
    local file=$home/labyard.env line key value
    [ -f "$file" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line#$'\xef\xbb\xbf'}
        line=${line#"${line%%[![:space:]]*}"}
        line=${line%"${line##*[![:space:]]}"}
        case $line in '' | '#'*) continue ;; esac
        [[ ${line#export } =~ ^([A-Z][A-Z0-9_]*)=(.*)$ ]] || fail "$file: a line is not KEY=value: $(printf %q "$line")"
        key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        [[ $value =~ ^\"(.*)\"$|^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
        [[ $key != LABYARD_* ]] || grep -q "^#$key=" "$root/deploy/labyard.env.example" ||
            say "$file: there is no setting $key; deploy/labyard.env.example lists all"
        [ -n "${!key+set}" ] || export "$key=$value"
    done <"$file"
}
read_settings_file

# dev is quick to compile, and shared with make test; release is for production.
profile=${PROFILE:-${LABYARD_PROFILE:-dev}}
[ "$profile" = dev ] || [ "$profile" = release ] || fail "PROFILE is dev or release; it is $profile"

# The ports people know; 0 means any free one.
edge_port=${LABYARD_PORT:-3000}
api_port=${LABYARD_API_PORT:-8080}
events_port=${LABYARD_EVENTS_PORT:-8081}
edge_address=127.0.0.1
# The page's name on this machine. What else runs here is opened as localhost: a browser does not hand it this one's cookie.
PAGE_HOST=labyard.localhost
if [ -n "${LABYARD_LISTEN:-}" ]; then
    [[ $LABYARD_LISTEN =~ ^(.+):([0-9]+)$ ]] || fail "LABYARD_LISTEN is address:port, like 0.0.0.0:3000; it is $LABYARD_LISTEN"
    edge_address=${BASH_REMATCH[1]} edge_port=${BASH_REMATCH[2]}
fi
# is_port NAME VALUE: or it is said which setting is none.
is_port() {
    [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 <= 65535)) || fail "$1 is a port from 1 to 65535, or 0 for any free one; it is $(printf %q "$2")"
}
is_port LABYARD_PORT "$edge_port"
is_port LABYARD_API_PORT "$api_port"
is_port LABYARD_EVENTS_PORT "$events_port"
tls_port=${LABYARD_TLS_PORT:-3443}
[ "$tls_port" = off ] || is_port LABYARD_TLS_PORT "$tls_port"

# Warm clusters kept ready, of each version: one where there is memory to spare (an idle one takes 0.4 GiB).
POOL_MEMORY_MIB=6144
if [ -z "${LABYARD_POOL+set}" ]; then
    LABYARD_POOL=0
    [ "$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)" -lt "$POOL_MEMORY_MIB" ] || LABYARD_POOL=1
fi

# Handed on to the services as they are, when set.
PASSED_ON=(LABYARD_REGISTRATION LABYARD_OIDC LAB_ISOLATION LABYARD_ACCEPT_SHARED_KERNEL LABYARD_CLUSTERS_PER_WORKSPACE LABYARD_SLOTS
    LABYARD_POOL LABYARD_EVENT_RETENTION_DAYS LABYARD_REQUESTS_PER_USER LABYARD_REQUESTS_PER_ADDRESS LABYARD_LOGINS_PER_MINUTE
    LABYARD_OUTGOING_ALLOW LABYARD_EDGE LABYARD_ORGANIZATIONS_PER_PERSON LABYARD_WORKSPACES_PER_ORGANIZATION
    LABYARD_SUBNETS LABYARD_STREAMS_PER_USER LABYARD_STREAMS_MAX LABYARD_EXEC_MAX LABYARD_EXEC_PER_USER LABYARD_EXEC_PER_CLUSTER LABYARD_DRIVER LABYARD_FAKE_DIR
    LABYARD_FAKE_STEP_MS LABYARD_LOG LABYARD_LOG_FORMAT OTEL_EXPORTER_OTLP_ENDPOINT DOCKER_HOST RUST_BACKTRACE)

make_folders() {
    mkdir -p "$home"/{bin,run/start,run/env,log,secrets,edge,state}
    chmod 755 "$home" "$home/bin" # users of their own pass through
    chmod 700 "$home"/{log,secrets,state,run/env}
}

# remember KEY VALUE / remembered KEY: what one run found out and the next needs.
remember() {
    local file=$home/run/stack.env
    { [ ! -f "$file" ] || grep -v "^$1=" "$file" || true; printf '%s=%s\n' "$1" "$2"; } | write_if_changed "$file"
}
remembered() { sed -n "s/^$1=//p" "$home/run/stack.env" 2>/dev/null || true; }

# page_is_here: whether people open the page on this machine by its own name there.
page_is_here() { [[ $(remembered PUBLIC_URL) =~ ^https?://"$PAGE_HOST"(:[0-9]+)?/?$ ]]; }

# https_url: where the page is on the edge's own https, by the name it has; nothing while that is off.
https_url() {
    local host port
    port=$(remembered EDGE_TLS_PORT) host=$(page_host)
    [[ $host != *:* ]] || host="[$host]"
    case $port in '') ;; 443) printf 'https://%s\n' "$host" ;; *) printf 'https://%s:%s\n' "$host" "$port" ;; esac
}

# page_host [URL]: the host of an address, the page's unless another is named; an IPv6 one without its brackets.
page_host() {
    local host=${1:-$(remembered PUBLIC_URL)}
    host=${host#*://} host=${host%%[/?#]*}
    [[ ! $host =~ ^(.*):[0-9]+$ ]] || host=${BASH_REMATCH[1]}
    printf '%s\n' "${host//[][]/}"
}

# server_url: where programs reach labyard. Browsers know that *.localhost is this machine, a program's resolver may not.
server_url() {
    local url
    url=$(remembered PUBLIC_URL)
    ! page_is_here || url=${url/"$PAGE_HOST"/localhost}
    printf '%s\n' "$url"
}

installation_id() { cat "$home/run/installation" 2>/dev/null || true; }

# bundle_wanted: whether programs come from a bundle: the one named now, or the one that this stack was made from.
bundle_wanted() { [ "${BUNDLE:-}" != none ] && [ -n "${BUNDLE:-$(remembered BUNDLE)}" ]; }
