#!/usr/bin/env bash
# The bootstrap as a careful person types it: over multiplexed ssh, one host after the other.
#   raw-bootstrap.sh SSH_CONFIG RENDERED_DIR HOST...
set -euo pipefail

config=$1 rendered=$2
shift 2
hosts=("$@")
seed=${hosts[0]}
option_file=/etc/mysql/mariadb.conf.d/99-galactl.cnf
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
for host in "${hosts[@]}"; do
    on "$host" systemctl stop mariadb
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
