# Asks the server and the Patroni of a data node; node.sh is before it. `inside`: a second question, where datadir.sh has set one.
# The server answers the account postgres over its socket without a password.
socket=/var/run/postgresql
client=
for program in /usr/lib/postgresql/*/bin/psql; do [ -x "$program" ] && client=$program; done
if [ ! -S "$socket/.s.PGSQL.$port" ]; then
    echo "there is no socket $socket/.s.PGSQL.$port" | section server_nobody
elif [ -z "$client" ]; then
    echo "psql is not installed" | section server_error
else
    # shellcheck disable=SC2090 # as said of it
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
        'replay_waits', (SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE backend_type = 'startup'),
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
        'accounts', (SELECT coalesce(json_agg(json_build_object('name', rolname, 'login', rolcanlogin,
            'replication', rolreplication, 'superuser', rolsuper,
            'scram', coalesce(rolpassword LIKE 'SCRAM-SHA-256$%', false)) ORDER BY rolname), '[]')
            FROM pg_authid WHERE rolname IN ('postgres', 'replicator', 'rewind_user')),
        'pending_restart', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings WHERE pending_restart),
        'at_start', (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE context = 'postmaster'),
        'settings', (SELECT json_object_agg(name, current_setting(name)) FROM pg_settings WHERE name IN (
            'cluster_name', 'config_file', 'data_checksums', 'data_directory', 'hba_file', 'listen_addresses',
            'max_connections', 'max_locks_per_transaction', 'max_prepared_transactions', 'max_replication_slots',
            'max_wal_senders', 'max_worker_processes', 'port', 'synchronous_commit', 'track_commit_timestamp',
            'wal_level', 'wal_log_hints')))" ${inside:+-c "$inside"} 2>&1)
    # The second question may fail where the first has its answer: sizes of many databases take long.
    case $newline$answer in
    *"$newline{"*) printf '%s\n' "$answer" | section server ;;
    "$newline") echo "no answer within 12 s" | section server_error ;;
    *) printf '%s\n' "$answer" | section server_error ;;
    esac
fi

for question in patroni cluster config history; do ask_http "rest/$question $rest GET /$question"; done
