# Tells what is in the files of a data node; node.sh is before it, which has set `datadir`.
show_file config /etc/patroni/config.yml
[ -e /etc/patroni/config.yml ] && newer_than_unit /etc/patroni/config.yml patroni.service && echo yes | section stale
show_file createcluster /etc/postgresql-common/createcluster.conf

# A data directory may be a symbolic link; links are followed.
{
    echo "path=$datadir"
    existing=$datadir
    while [ ! -d "$existing" ]; do existing=$(dirname "$existing"); done
    # The last line is "SIZE AVAILABLE".
    room=$(df -B1 --output=size,avail "$existing/." | tail -n 1) && echo "free=${room##* }" && room=${room% *} &&
        echo "size=${room##* }"
    if [ ! -e "$datadir" ] && [ ! -L "$datadir" ]; then
        echo contents=absent
    elif ! names=$(ls -Aq "$datadir/." 2>&1); then
        printf 'contents=unreadable\nwhy=%s\n' "$(printf '%s' "$names" | tr '\n' ' ')"
    elif [ -z "$names" ]; then
        echo contents=empty
    elif [ -e "$datadir/PG_VERSION" ]; then
        echo contents=cluster
        echo "version=$(first_line "$datadir/PG_VERSION" && echo "$line")"
    else
        echo contents=other
        printf '%s\n' "$names" | head -n 5 | prefix name=
    fi
    [ -d "$datadir" ] && stat -L -c 'owner=%a %U' "$datadir"
    # A data directory that is not mounted just now must not look like one that is empty.
    if [ ! -e "$datadir/PG_VERSION" ]; then
        place=$(readlink -m -- "$datadir")
        while [ "$place" != / ]; do
            # systemd makes such a unit of every entry in fstab, too.
            mount=$(systemd-escape --path --suffix=mount "$place")
            if ! findmnt --mountpoint "$place" >/dev/null &&
                [ "$(systemctl show "$mount" --property=LoadState --value)" = loaded ]; then
                echo "missing=$place is a file system of its own, which is not mounted ($mount)"
            fi
            place=$(dirname "$place")
        done
    fi
    mountpoint -q "$datadir/." 2>/dev/null && echo mount_point=yes
    for file in standby.signal recovery.signal backup_label patroni.dynamic.json; do
        [ -e "$datadir/$file" ] && echo "file=$file"
    done
    [ -e "$datadir/postmaster.pid" ] && echo "postmaster_pid=$(first_line "$datadir/postmaster.pid" && echo "$line")"
    bytes=$(timeout 5 du -sb "$datadir/." 2>/dev/null) && echo "bytes=${bytes%%[!0-9]*}"
    # galactl's own names, and that which Patroni 3.0.2 and 4.0.7 give to data that they move away.
    for kept in "${datadir%/}".kept-* "${datadir%/}".failed; do
        [ -d "$kept" ] && echo "kept=$kept"
    done
} | section datadir

if [ -e "$datadir/PG_VERSION" ]; then
    programs=/usr/lib/postgresql/$(first_line "$datadir/PG_VERSION" && echo "$line")/bin
    if [ -x "$programs/pg_controldata" ]; then
        if control=$(timeout 5 "$programs/pg_controldata" -D "$datadir" 2>&1); then
            printf '%s\n' "$control" | section controldata
        else
            printf '%s\n' "$control" | section controldata_error
        fi
    else
        echo "$programs/pg_controldata is not there" | section controldata_error
    fi
    # The newest has the ancestors of all on its line; a few more, where lines have forked.
    for file in $(find "$datadir/pg_wal/." -maxdepth 1 -name '????????.history' -printf '%f\n' 2>/dev/null | sort | tail -n 20); do
        file_section "history/${file%.history}" < "$datadir/pg_wal/$file"
    done
    find "$datadir/pg_wal/." -maxdepth 1 -regextype egrep -regex '.*/[0-9A-F]{24}([.]partial)?' -printf '%f\n' 2>/dev/null |
        sort | tail -n 1 | section newest_wal
    # Each line of a history tells where a timeline was left for the next; its first records tell it from another of
    # the same number. For a file that is gone, pg_waldump looks again and again for 5 s, so it is not asked then.
    size=$(printf '%s\n' "$control" | sed -n 's/^Bytes per WAL segment: *//p')
    if [ -x "$programs/pg_waldump" ] && [ -n "$size" ]; then
        for file in $(find "$datadir/pg_wal/." -maxdepth 1 -name '????????.history' -printf '%f\n' 2>/dev/null | sort | tail -n 3); do
            timeline=${file%.history}
            begins=$(awk '$1 ~ /^[0-9]+$/ { at = $2 } END { print at }' "$datadir/pg_wal/$file")
            case $begins in ?*/?*) ;; *) continue ;; esac
            number=$(((0x${begins%/*} << 32 | 0x${begins#*/}) / size)) in_one=$((0x100000000 / size))
            name=$timeline$(printf '%08X%08X' $((number / in_one)) $((number % in_one)))
            [ -e "$datadir/pg_wal/$name" ] || [ -e "$datadir/pg_wal/$name.partial" ] || continue
            timeout 10 "$programs/pg_waldump" -p "$datadir/pg_wal" -t "$(printf '%d' "0x$timeline")" -s "$begins" -n 1 2>/dev/null |
                section "first/$timeline"
        done
    fi
fi
# A path that leads to this node's data directory is told by the inventory's name of it.
command -v pg_lsclusters >/dev/null && timeout 10 pg_lsclusters -h 2>/dev/null |
    while read -r version name at_port status owner path log; do
        [ "$(readlink -m -- "$path")" = "$(readlink -m -- "$datadir")" ] && path=$datadir
        printf '%s %s %s %s %s %s %s\n' "$version" "$name" "$at_port" "$status" "$owner" "$path" "$log"
    done | section lsclusters
for file in /var/lib/postgresql/*/*/PG_VERSION; do
    [ -e "$file" ] && [ "$(readlink -f "${file%/PG_VERSION}")" != "$(readlink -f "$datadir")" ] && echo "${file%/PG_VERSION}"
done | section other_datadirs

# What the server is asked besides. It may take long.
# shellcheck disable=SC2089 # one argument, which no shell reads again
inside="SELECT json_build_object(
        'databases', (SELECT coalesce(json_agg(json_build_object('name', datname,
            'bytes', pg_database_size(oid)) ORDER BY datname), '[]')
            FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'),
        'relations_in_postgres', (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'v', 'S', 'f')
            AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')))"
