# Looks at the host of a data node and changes nothing. Run by `sh -c` as root:
#   $1 http.pl  $2 data directories by Debian release, as 12=/var/… 13=/var/…  $3 port of the server  $4 address and $5 port of Patroni's REST API
# What comes behind them is for etcd.sh.
http_program=$1 datadir=${2##*=} port=$3 rest="$4 $5"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_ID")
for choice in $2; do [ "${choice%%=*}" = "$release" ] && datadir=${choice#*=}; done
shift 5
cd / || exit

for unit in patroni postgresql; do show_unit "$unit"; done
systemctl list-units --all --plain --no-legend 'patroni@*.service' 'postgresql@*.service' 2>/dev/null |
    while read -r unit _; do show_unit "${unit%.service}"; done

# Of all processes of PostgreSQL, those that no other of them has started.
ps -C postgres -o pid=,ppid= 2>/dev/null | awk '{ parent[$1] = $2 } END { for (pid in parent) if (!(parent[pid] in parent)) print pid }' |
    while read -r pid; do printf '%s\t%s\n' "$pid" "$(readlink "/proc/$pid/cwd")"; done | section servers
pgrep -x patroni | section patroni_processes
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
command -v pg_lsclusters >/dev/null && timeout 10 pg_lsclusters -h 2>/dev/null | section lsclusters
for file in /var/lib/postgresql/*/*/PG_VERSION; do
    [ -e "$file" ] && [ "$(readlink -f "${file%/PG_VERSION}")" != "$(readlink -f "$datadir")" ] && echo "${file%/PG_VERSION}"
done | section other_datadirs

# The server answers the account postgres over its socket without a password.
socket=/var/run/postgresql
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
if [ ! -S "$socket/.s.PGSQL.$port" ]; then
    echo "there is no socket $socket/.s.PGSQL.$port" | section server_nobody
elif [ -z "$client" ]; then
    echo "psql is not installed" | section server_error
else
    answer=$(PGCONNECT_TIMEOUT=3 PGOPTIONS='-c statement_timeout=5000' timeout 12 \
    runuser -u postgres -- "$client" -XAtqw -h "$socket" -p "$port" -d postgres -c "
    SELECT json_build_object(
        'version', current_setting('server_version'),
        'in_recovery', pg_is_in_recovery(),
        'system_id', (SELECT system_identifier::text FROM pg_control_system()),
        'timeline', CASE WHEN pg_is_in_recovery() THEN coalesce(
            (SELECT received_tli FROM pg_stat_wal_receiver),
            (SELECT nullif(min_recovery_end_timeline, 0) FROM pg_control_recovery()),
            (SELECT timeline_id FROM pg_control_checkpoint()))
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
        'current', CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END,
        'received', pg_last_wal_receive_lsn(),
        'replayed', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END,
        'replay_paused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
        'uptime', floor(extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())),
        'clients', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
            AND pid <> pg_backend_pid() AND application_name NOT LIKE 'Patroni%'),
        'standbys', (SELECT coalesce(json_agg(json_build_object('application_name', application_name,
            'client_addr', host(client_addr), 'state', state, 'sync_state', sync_state, 'sent', sent_lsn,
            'flushed', flush_lsn, 'replayed', replay_lsn) ORDER BY application_name), '[]') FROM pg_stat_replication),
        'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'kind', slot_type, 'active', active,
            'restart', restart_lsn, 'wal_status', wal_status, 'safe_wal_size', safe_wal_size) ORDER BY slot_name), '[]')
            FROM pg_replication_slots),
        'receiver', (SELECT json_build_object('status', status, 'received_timeline', received_tli, 'flushed', flushed_lsn,
            'latest_end', latest_end_lsn, 'sender_host', sender_host, 'slot', slot_name) FROM pg_stat_wal_receiver),
        'synchronous_standby_names', current_setting('synchronous_standby_names'),
        'endpoint_proofs', (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'galactl\\_endpoint\\_%'),
        'hba', (SELECT coalesce(json_agg(json_build_object('kind', type, 'databases', database, 'users', user_name,
            'address', address, 'netmask', netmask, 'method', auth_method) ORDER BY line_number), '[]')
            FROM pg_hba_file_rules WHERE error IS NULL),
        'md5_accounts', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM pg_authid
            WHERE rolpassword LIKE 'md5%'),
        'pending_restart', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings WHERE pending_restart),
        'at_start', (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE context = 'postmaster'),
        'settings', (SELECT json_object_agg(name, current_setting(name)) FROM pg_settings WHERE name IN (
            'cluster_name', 'config_file', 'data_checksums', 'data_directory', 'hba_file', 'listen_addresses',
            'max_connections', 'max_locks_per_transaction', 'max_prepared_transactions', 'max_replication_slots',
            'max_wal_senders', 'max_worker_processes', 'port', 'synchronous_commit', 'track_commit_timestamp',
            'wal_level', 'wal_log_hints')))" -c "
    SELECT json_build_object(
        'databases', (SELECT coalesce(json_agg(json_build_object('name', datname,
            'bytes', pg_database_size(oid)) ORDER BY datname), '[]')
            FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'),
        'relations_in_postgres', (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'v', 'S', 'f')
            AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')))" 2>&1)
    # The second question may fail where the first has its answer: sizes of many databases take long.
    case $newline$answer in
    *"$newline{"*) printf '%s\n' "$answer" | section server ;;
    "$newline") echo "no answer within 12 s" | section server_error ;;
    *) printf '%s\n' "$answer" | section server_error ;;
    esac
fi

for question in patroni cluster config history; do ask_http "rest/$question $rest GET /$question"; done
