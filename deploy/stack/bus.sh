# shellcheck shell=bash
# Owns the rendering of deploy/nats for this stack: port, passwords, this host's user.

make_bus() {
    local hosts config
    hosts=$(<"$root/deploy/nats/host.conf.template")
    hosts=${hosts//@HOST@/$(remembered HOST)}
    hosts=${hosts//@PASSWORD@/$(secret nats HOST_PASSWORD)}
    config=$(<"$root/deploy/nats/nats-server.conf.template")
    config=${config//@HOSTS@/$hosts}
    config=${config//@PORT@/$(remembered NATS_PORT)}
    config=${config//@API_GATEWAY_PASSWORD@/$(secret nats API_GATEWAY_PASSWORD)}
    config=${config//@EVENTS_GATEWAY_PASSWORD@/$(secret nats EVENTS_GATEWAY_PASSWORD)}
    printf '%s\n' "$config" | write_if_changed "$home/run/nats-server.conf"
}
