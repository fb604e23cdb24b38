# Looks at the host of a data node and changes nothing. Run by `sh -c` as root:
#   $1 http.pl  $2 data directories by Debian release, as 12=/var/… 13=/var/…  $3 port of the server  $4 address and $5 port of Patroni's REST API
# What comes behind them is for etcd.sh. datadir.sh and server.sh follow; a short look has server.sh alone.
http_program=$1 datadir=${2##*=} port=$3 rest="$4 $5"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_ID")
for choice in $2; do [ "${choice%%=*}" = "$release" ] && datadir=${choice#*=}; done
shift 5
inside=
cd / || exit

for unit in patroni postgresql; do show_unit "$unit"; done
systemctl list-units --all --plain --no-legend 'patroni@*.service' 'postgresql@*.service' 2>/dev/null |
    while read -r unit _; do show_unit "${unit%.service}"; done

# Of all processes of PostgreSQL, those that no other of them has started.
ps -C postgres -o pid=,ppid= 2>/dev/null | awk '{ parent[$1] = $2 } END { for (pid in parent) if (!(parent[pid] in parent)) print pid }' |
    while read -r pid; do printf '%s\t%s\n' "$pid" "$(readlink "/proc/$pid/cwd")"; done | section servers
pgrep -x patroni | section patroni_processes
