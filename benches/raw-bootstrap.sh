#!/usr/bin/env bash
# The bootstrap as a careful person types it: over multiplexed ssh, one host after the other.
#   raw-bootstrap.sh [--tls] SSH_CONFIG RENDERED_DIR HOST...
# --tls: an authority and a certificate for each host are made first, and put where the option files name them.
set -euo pipefail

tls=
[[ $1 != --tls ]] || { tls=yes; shift; }
config=$1 rendered=$2
shift 2
hosts=("$@")
seed=${hosts[0]}
option_file=/etc/mysql/mariadb.conf.d/99-galactl.cnf
certificates=/etc/mysql/galactl
control=$(mktemp -d)
trap 'for host in "${hosts[@]}"; do ssh -F "$config" -S "$control/$host" -O exit "$host" 2>/dev/null || true; done; rm -rf "$control"' EXIT

on() {
    local host=$1
    shift
    ssh -F "$config" -S "$control/$host" "$host" "$@"
}

for host in "${hosts[@]}"; do
    ssh -F "$config" -M -S "$control/$host" -o ControlPersist=60 -f -N "$host"
done
# An authority and each host's certificate, beside the sockets of ssh.
issue() {
    local new=(openssl req -batch -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes) host
    "${new[@]}" -x509 -days 3650 -subj "/O=raw/CN=authority" -keyout "$control/ca.key" -out "$control/ca.pem" 2>/dev/null
    for host in "${hosts[@]}"; do
        "${new[@]}" -subj "/O=raw/CN=$host" -keyout "$control/$host.key" 2>/dev/null |
            openssl x509 -req -days 397 -CA "$control/ca.pem" -CAkey "$control/ca.key" -CAcreateserial \
                -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$host") \
                -out "$control/$host.pem" 2>/dev/null
        cat "$control/$host.key" >>"$control/$host.pem"
    done
}

# put HOST FILE NAME: the file is there, for root and the server.
put() {
    on "$1" "umask 077 && mkdir -p $certificates && chmod 755 $certificates && cat >$certificates/$3 &&
        chown root:mysql $certificates/$3 && chmod 640 $certificates/$3" <"$2"
}

[[ -z $tls ]] || issue
for host in "${hosts[@]}"; do
    on "$host" systemctl stop mariadb
    if [[ -n $tls ]]; then
        put "$host" "$control/ca.pem" ca.pem
        put "$host" "$control/$host.pem" tls.pem
    fi
    on "$host" "cat > $option_file && chown root:mysql $option_file && chmod 640 $option_file" \
        < "$rendered/$host$option_file"
done
on "$seed" galera_new_cluster
for host in "${hosts[@]:1}"; do
    on "$host" systemctl start mariadb
    until on "$host" mariadb -BN -e "\"SHOW STATUS LIKE 'wsrep_local_state_comment'\"" | grep -q Synced; do sleep 0.2; done
done
for host in "${hosts[@]}"; do
    on "$host" systemctl --quiet enable mariadb
    on "$host" mariadb -BN -e "\"SHOW STATUS LIKE 'wsrep_cluster_size'\"" | grep -qw "${#hosts[@]}"
    on "$host" mariadb -BN -e "\"SHOW STATUS LIKE 'wsrep_cluster_status'\"" | grep -q Primary
done
