# Looks at etcd on a host, asks it for the keys of a cluster, and changes nothing; packages.sh is before it:
#   $1 the folder of the keys, such as /service/core  $2 and $3 requests for all keys in it: as a quorum has agreed on
#   them, and as the one that is asked has them  $4 data directory  $5… addresses and ports to ask
folder=$1 agreed=$2 own=$3 etcd_data=$4
shift 4

show_unit etcd
pgrep -x etcd | section etcd_processes
show_file etcd_settings /etc/default/etcd
[ -e /etc/default/etcd ] && newer_than_unit /etc/default/etcd etcd.service && echo yes | section etcd_stale
set_dir=$(sed -n "s/^ETCD_DATA_DIR=[\"']*\([^\"']*\).*$/\1/p" /etc/default/etcd 2>/dev/null | tail -n 1)
for place in "$etcd_data" "$set_dir" /var/lib/etcd/*; do
    [ -n "$place" ] && [ -d "$place/member" ] && printf '%s\n' "${place%/}"
done | sort -u | while IFS= read -r place; do
    bytes=$(timeout 5 du -sb "$place/." 2>/dev/null)
    printf '%s\t%s\n' "${bytes%%[!0-9]*}" "$place"
done | section etcd_datadirs

while [ $# -ge 2 ]; do
    at="etcd/$1:$2" to="$1 $2"
    ask_http "$at/version $to GET /version"
    ask_http "$at/health $to GET /health"
    ask_http "$at/members $to POST /v3/cluster/member/list {}"
    ask_http "$at/status $to POST /v3/maintenance/status {}"
    ask_http "$at/alarms $to POST /v3/maintenance/alarm {\"action\":0}"
    ask_http "$at/v3_agreed $to POST /v3/kv/range $agreed"
    ask_http "$at/v3_own $to POST /v3/kv/range $own"
    ask_http "$at/v2_agreed $to GET /v2/keys$folder?recursive=true&quorum=true"
    ask_http "$at/v2_own $to GET /v2/keys$folder?recursive=true"
    shift 2
done
printf '%s' "$requests" | timeout 20 perl -e "$http_program"
