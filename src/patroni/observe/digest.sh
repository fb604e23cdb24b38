# Tells what the WAL of a node is up to some places, and changes nothing. Run by `sh -c` as root:
#   $1 data directory  $2 and $3, $4 and $5… timeline and LSN of each place
#
# From the beginning of a WAL file on, nodes that have one history have the same bytes.
datadir=$1
shift
cd / || exit

programs=/usr/lib/postgresql/$(first_line "$datadir/PG_VERSION" && echo "$line")/bin
size=$(timeout 10 "$programs/pg_controldata" -D "$datadir" 2>/dev/null | sed -n 's/^Bytes per WAL segment: *//p')
while [ $# -ge 2 ]; do
    at=$((0x${2%/*} << 32 | 0x${2#*/})) file=
    if [ -n "$size" ] && [ "$at" -gt 0 ]; then
        # A place at the beginning of a file is the end of the one before.
        number=$(((at - 1) / size)) in_one=$((0x100000000 / size))
        name=$(printf '%08X%08X' $((number / in_one)) $((number % in_one)))
        own=$datadir/pg_wal/$(printf '%08X' "$1")$name
        # A promotion copies the file in which it happens to the next timeline, up to where that begins.
        for candidate in "$own" "$own.partial" "$datadir/pg_wal/"????????"$name"; do
            later=${candidate##*/} && later=$(printf '%.8s' "$later")
            [ -e "$candidate" ] && [ $((0x$later)) -ge "$1" ] && file=$candidate && break
        done
    fi
    if [ -n "$file" ]; then
        digest=$(head -c $((at - number * size)) "$file" | sha256sum)
        echo "$1 $2 ${digest%% *}" | section digests
    else
        echo "$1 $2 no WAL of that place is there" | section no_digests
    fi
    shift 2
done
