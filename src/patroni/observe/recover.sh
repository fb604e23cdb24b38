# Tells where the WAL of a stopped node ends, and changes nothing. Run by `sh -c` as root:
#   $1 data directory
datadir=$1
cd / || exit

if [ ! -e "$datadir/PG_VERSION" ]; then
    echo "$datadir holds no PG_VERSION" | section nobody
    exit_with=yes
elif pid=$(first_line "$datadir/postmaster.pid" && echo "$line") && [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$datadir")" ]; then
    echo "a server runs on $datadir (process $pid)" | section trouble
    exit_with=yes
fi
programs=/usr/lib/postgresql/$(first_line "$datadir/PG_VERSION" && echo "$line")/bin
if [ -z "$exit_with" ] && ! control=$(timeout 10 "$programs/pg_controldata" -D "$datadir" 2>&1); then
    printf '%s\n' "$control" | section trouble
    exit_with=yes
fi
if [ -z "$exit_with" ]; then
    told() { printf '%s\n' "$control" | sed -n "s/^$1: *//p"; }
    redo=$(told "Latest checkpoint's REDO location")
    first=$(told "Latest checkpoint's TimeLineID")
    last=$(find "$datadir/pg_wal/." -maxdepth 1 -regextype egrep -regex '.*/[0-9A-F]{24}([.]partial)?' -printf '%f\n' | sort | tail -n 1)
    last=$(printf '%d' "0x$(printf '%.8s' "$last")")
    [ "$last" -ge "$first" ] || last=$first
    # An LSN as a number; the shell counts with 64 bits.
    number() { echo $((0x${1%/*} << 32 | 0x${1#*/})); }
    # Where a timeline begins: where its last ancestor was left.
    begin() { awk '$1 ~ /^[0-9]+$/ { at = $2 } END { print at }' "$datadir/pg_wal/$(printf '%08X' "$1").history" 2>/dev/null; }
    waldump() { timeout 120 "$programs/pg_waldump" -p "$datadir/pg_wal" "$@"; }
    timeline=$first
    while [ "$timeline" -le "$last" ]; do
        from=$redo begins=$(begin "$timeline")
        [ -n "$begins" ] && [ "$(number "$begins")" -gt "$(number "$redo")" ] && from=$begins
        echo "$timeline $from" | section timelines
        # It reads to the end, and prints nothing but why it cannot read on.
        waldump -q -t "$timeline" -s "$from" 2>&1 | tail -n 3 | section "said_$timeline"
        timeline=$((timeline + 1))
    done
fi
