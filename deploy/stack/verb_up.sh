# shellcheck shell=bash
# Owns `make up`: from nothing, or from any state, to a stack that answers.

verb_up() {
    preflight || exit 1
    say "this machine is ready"
    make_folders
    if bundle_wanted; then
        install_missing needs_of_stack
        ensure_docker
        make_from_bundle
    else
        install_missing needs_of_stack needs_of_build
        ensure_docker
        build_all
        remember BUNDLE ''
    fi
    # Ports are kept only now: what builds may take minutes.
    keep_ports
    remember EDGE_ADDRESS "$edge_address"
    remember PUBLIC_URL "${LABYARD_PUBLIC_URL:-http://$PAGE_HOST:$(remembered EDGE_PORT)}"
    make_secrets
    make_tls
    make_postgres
    learn
    make_bus
    make_edge
    make_programs
    make_supervisor
    say "starting ${#PROGRAMS[@]} programs"
    start_supervisor 8>&-
    wait_until_healthy
    serve_certificate
    say "everything is up"
    tell_way_in
}

# A dockerd that this starts outlives it, and must not hold the lock.
ensure_docker() {
    LABYARD_LOG_DIR=$home/log "$root/deploy/docker/ensure.sh" 2>"$home/log/docker.log" 8>&- ||
        { tail -n 5 "$home/log/docker.log" >&2; fail "no Docker engine; the whole log is $home/log/docker.log"; }
}

tell_way_in() {
    local server bin=$home/bin/labyard
    server=$(server_url)
    [[ $bin != "$PWD"/* ]] || bin=${bin#"$PWD"/}
    printf -v bin %q "$bin"
    printf '\nlabyard answers on %s\n' "$(remembered PUBLIC_URL)"
    ! https_on || tell_https
    printf 'The command line is %s\n' "$bin"
    [ "$server" = http://localhost:3000 ] || printf 'For it, first: export LABYARD_SERVER=%s\n' "$server"
    printf '\nRegister on the page, then try:\n'
    printf '  %s auth login\n' "$bin"
    printf '  %s cluster create demo\n' "$bin"
    printf '  %s cluster exec demo -- kubectl get nodes\n' "$bin"
}

# tell_https: where it is, and for a certificate of our own how a machine is brought to trust it.
tell_https() {
    printf 'and on %s\n' "$(https_url)"
    [ "$(remembered TLS_CERT)" = "$issued" ] || return 0
    printf 'Its certificate is from an authority of this installation alone. To trust it on this machine:\n'
    printf '  sudo cp %q /usr/local/share/ca-certificates/ && sudo update-ca-certificates\n' "$authority_certificate"
    printf 'Firefox and Chromium import that file in their settings. For one command: curl --cacert FILE …, SSL_CERT_FILE=FILE labyard …\n\n'
}

verb_node_image() {
    make_folders
    install_missing needs_of_stack needs_of_build
    ensure_docker
    (make_node_image)
    node_image
}
