#!/usr/bin/env bash
# The bootstrap of PostgreSQL with Patroni and etcd as a careful person types it: over multiplexed ssh, etcd together, the
# first Patroni, then the others at once.
#   raw-bootstrap-patroni.sh SSH_CONFIG RENDERED_DIR HOST...
set -euo pipefail

config=$1 rendered=$2
shift 2
hosts=("$@")
first=${hosts[0]}
control=$(mktemp -d)
trap 'for host in "${hosts[@]}"; do ssh -F "$config" -S "$control/$host" -O exit "$host" 2>/dev/null || true; done; rm -rf "$control"' EXIT

on() {
    local host=$1
    shift
    ssh -F "$config" -S "$control/$host" "$host" "$@"
}
sql() { on "$1" "cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"$2\"" 2>/dev/null; }
wait_for() { until [[ $(sql "$1" "$2") == "$3" ]]; do sleep 0.2; done; }

for host in "${hosts[@]}"; do
    ssh -F "$config" -M -S "$control/$host" -o ControlPersist=60 -f -N "$host"
done
for host in "${hosts[@]}"; do
    on "$host" "cat > /etc/default/etcd" < "$rendered/$host/etc/default/etcd"
    # One password for all accounts; the rendered file has placeholders.
    # shellcheck disable=SC2016
    sed 's/\${secret:[a-z-]*}/a-password-of-the-benchmark/' "$rendered/$host/etc/patroni/config.yml" |
        on "$host" "install -D -m 640 -o root -g postgres /dev/stdin /etc/patroni/config.yml"
done
for host in "${hosts[@]}"; do
    on "$host" "systemctl --quiet enable etcd patroni; systemctl start --no-block etcd"
done
for host in "${hosts[@]}"; do
    until on "$host" etcdctl endpoint health 2>/dev/null >/dev/null; do sleep 0.2; done
done
on "$first" "install -d -m 755 -o postgres -g postgres /var/lib/postgresql; systemctl start patroni"
wait_for "$first" 'SELECT pg_is_in_recovery()' f
for host in "${hosts[@]:1}"; do
    on "$host" systemctl start patroni
done
for host in "${hosts[@]:1}"; do
    wait_for "$host" 'SELECT status FROM pg_stat_wal_receiver' streaming
done
wait_for "$first" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'" 1
