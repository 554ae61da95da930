# shellcheck shell=bash
# Owns the certificate of the edge's https: what this installation's own authority issues, or the pair that the operator gave.

AUTHORITY_DAYS=3650
CERTIFICATE_DAYS=397 # browsers take none that is longer
RENEW_DAYS=$((CERTIFICATE_DAYS / 3))
TOO_LATE_DAYS=14 # with fewer left, `make doctor` says so

# Key and certificate in one file each, which is there whole or not at all.
authority=$home/secrets/authority.pem
issued=$home/secrets/edge.pem
authority_certificate=$home/edge/labyard-ca.crt

https_on() { [ -n "$(remembered EDGE_TLS_PORT)" ]; }
tls_given() { [ -n "${LABYARD_TLS_CERT:-}${LABYARD_TLS_KEY:-}" ]; }

# make_tls: a certificate for the edge, and what names it to those who serve and check it.
make_tls() {
    https_on || return 0
    if tls_given; then
        lacks=()
        check_given
        [ ${#lacks[@]} = 0 ] || fail "${lacks[0]}"
        remember TLS_CERT "$LABYARD_TLS_CERT"
        remember TLS_KEY "$LABYARD_TLS_KEY"
        return
    fi
    make_authority
    make_certificate
    remember TLS_CERT "$issued"
    remember TLS_KEY "$issued"
}

# make_authority: made once, as people trust it; a broken one is told and stays.
make_authority() {
    local made
    if [ ! -e "$authority" ]; then
        say "https: making this installation's own authority"
        made=$(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$AUTHORITY_DAYS" \
            -config <(about_authority) -keyout - -out - 2>"$home/log/tls.log") ||
            fail "openssl made no authority; its log is $home/log/tls.log"
        printf '%s\n' "$made" | write_if_changed "$authority"
    fi
    fits "$authority" "$authority" && lasts "$authority" 1 && [[ $(openssl x509 -in "$authority" -noout -ext basicConstraints) == *CA:TRUE* ]] ||
        fail "$authority is broken or has expired. Put it back from a copy, or remove it and $issued: the next make up makes another, which everybody has to trust anew"
    openssl x509 -in "$authority" | write_if_changed "$authority_certificate" 644
}

# Trusting it gives away names of this machine and the page's own, no others.
about_authority() {
    local host full=ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff permitted
    host=$(page_host)
    permitted="permitted;DNS:localhost, permitted;IP:127.0.0.0/255.0.0.0, permitted;IP:::1/$full"
    case $(name_of "$host") in
    IP:*:*) permitted+=", permitted;IP:$host/$full" ;;
    IP:*) permitted+=", permitted;IP:$host/255.255.255.255" ;;
    *) permitted+=", permitted;DNS:$host" ;;
    esac
    cat <<CONF
[req]
prompt = no
distinguished_name = subject
x509_extensions = extensions
[subject]
O = labyard
CN = labyard on $(uname -n | cut -c1-50)
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, $permitted
CONF
}

# make_certificate: issued, or issued anew when a third of its time is left or the page has another name.
make_certificate() {
    local host
    host=$(page_host)
    if [ -e "$issued" ]; then
        fits "$issued" "$issued" && of_authority "$issued" ||
            fail "$issued is broken or from another authority. Put it back from a copy, or remove it: make up issues another"
        ! lasts "$issued" "$RENEW_DAYS" || ! covers "$issued" "$host" || return 0
    fi
    ! issue "$host" || return 0
    warn "https: this installation's authority is not for $host, the host of LABYARD_PUBLIC_URL. Give a certificate (LABYARD_TLS_CERT), or remove $authority and $issued: the next make up makes another, which everybody has to trust anew"
    { [ -e "$issued" ] && lasts "$issued" "$RENEW_DAYS"; } || issue localhost || fail "$authority issues nothing that it stands for itself"
}

# issue HOST: for it and the names of this machine; nothing, if the authority is not for that.
issue() {
    local key certificate
    key=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>"$home/log/tls.log") &&
        certificate=$(openssl req -new -sha256 -key <(printf '%s\n' "$key") -config <(printf '[req]\ndistinguished_name = none\n[none]\n') \
            -subj '/O=labyard/CN=labyard edge' 2>>"$home/log/tls.log" |
            openssl x509 -req -sha256 -days "$CERTIFICATE_DAYS" -CA "$authority" -CAkey "$authority" \
                -set_serial "0x$(random_hex 16)" -extfile <(about_certificate "$1") 2>>"$home/log/tls.log") ||
        fail "openssl issued no certificate; its log is $home/log/tls.log"
    of_authority <(printf '%s\n' "$certificate") || return 1
    printf '%s\n' "$key" "$certificate" | write_if_changed "$issued"
    say "https: a certificate for $(openssl x509 -in "$issued" -noout -enddate | sed 's/.*=/this machine until /')"
}

about_certificate() {
    local names
    names=$(printf '%s\n' DNS:localhost "DNS:$PAGE_HOST" IP:127.0.0.1 IP:::1 "$(name_of "$1")" | LC_ALL=C sort -u | paste -sd,)
    cat <<CONF
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $names
CONF
}

# name_of HOST: as openssl writes it in a certificate.
name_of() {
    if [[ $1 == *:* || $1 =~ ^[0-9.]+$ ]]; then printf 'IP:%s\n' "$1"; else printf 'DNS:%s\n' "$1"; fi
}

# fits CERTIFICATE KEY
fits() {
    local public
    public=$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null) &&
        [ "$public" = "$(openssl pkey -in "$2" -passin pass: -pubout 2>/dev/null)" ]
}
# lasts CERTIFICATE DAYS
lasts() { openssl x509 -in "$1" -noout -checkend "$(($2 * 86400))" >/dev/null 2>&1; }
# covers CERTIFICATE HOST
covers() {
    local how=-checkhost
    [[ $(name_of "$2") != IP:* ]] || how=-checkip
    [[ $(openssl x509 -in "$1" -noout "$how" "$2" 2>/dev/null) == *'does match'* ]]
}
# of_authority CERTIFICATE: issued by it, for names that it is for.
of_authority() { openssl verify -no_check_time -purpose sslserver -trusted "$authority" "$1" >/dev/null 2>&1; }

# check_given: one lack for each reason why nginx or a browser would not take the pair that the operator gave.
check_given() {
    tls_given && [ "$tls_port" != off ] || return 0
    local name file known=${#lacks[@]} host cert=${LABYARD_TLS_CERT:-} key=${LABYARD_TLS_KEY:-}
    host=$(page_host "${LABYARD_PUBLIC_URL:-http://$PAGE_HOST}")
    for name in LABYARD_TLS_CERT LABYARD_TLS_KEY; do
        file=${!name:-}
        if [ -z "$file" ]; then
            lack "$name is not set: a certificate and its key are given together, or neither is"
        elif [[ $file != /* ]]; then
            lack "$name is $file: name the whole path, from / on"
        elif [ ! -f "$file" ] || [ ! -r "$file" ]; then
            lack "$name: there is no file $file that $(id -un) may read: put it there, or let $(id -un) read it"
        fi
    done
    # A machine that has nothing yet gets openssl in a moment, and then this is asked again.
    [ ${#lacks[@]} = "$known" ] && has openssl || return 0
    if ! openssl x509 -in "$cert" -noout 2>/dev/null; then
        lack "LABYARD_TLS_CERT: $cert is no certificate in PEM: openssl x509 -inform DER -in $cert converts one"
    elif ! openssl pkey -in "$key" -passin pass: -noout 2>/dev/null; then
        lack "LABYARD_TLS_KEY: $key is no private key in PEM without a passphrase: openssl pkey -in $key takes one away"
    else
        fits "$cert" "$key" || lack "LABYARD_TLS_KEY: $key does not fit the certificate $cert: give the key that it was issued for"
        lasts "$cert" 0 || lack "LABYARD_TLS_CERT: $cert has expired: have it renewed"
        covers "$cert" "$host" || lack "LABYARD_TLS_CERT: $cert is not for $host, where people open the page: have it issued for that name, or set LABYARD_PUBLIC_URL to the one it is for"
    fi
}

# certificate_served: whether the edge has read the certificate of now.
certificate_served() {
    local served
    served=$(timeout "$ASK_S" openssl s_client -connect "$(local_address):$(remembered EDGE_TLS_PORT)" </dev/null 2>/dev/null |
        openssl x509 -noout -fingerprint -sha256 2>/dev/null) &&
        [ "$served" = "$(openssl x509 -in "$(remembered TLS_CERT)" -noout -fingerprint -sha256)" ]
}

# serve_certificate: the edge reads a new one without a restart, and no connection ends.
serve_certificate() {
    https_on && ! certificate_served || return 0
    supervisor signal HUP edge >/dev/null
    until_true 10 certificate_served || fail "the edge does not serve $(remembered TLS_CERT): make logs S=edge"
}

# check_tls: the lines of `make doctor`.
check_tls() {
    https_on || return 0
    local cert renew="make up renews it" ends
    cert=$(remembered TLS_CERT)
    [ "$cert" = "$issued" ] || renew="have it renewed, then make up"
    ends=$(openssl x509 -in "$cert" -noout -enddate 2>/dev/null | sed 's/.*=//')
    check "the certificate of https fits its key" "make up says what to do" fits "$cert" "$(remembered TLS_KEY)"
    check "the certificate of https is good for $TOO_LATE_DAYS days and more (until ${ends:-?})" "$renew" lasts "$cert" "$TOO_LATE_DAYS"
    check "the certificate of https is for $(page_host)" "make up says what to do" covers "$cert" "$(page_host)"
    check "the edge serves that certificate" "make up" certificate_served
}
