SELECT json_build_object(
    'version', split_part(current_setting('server_version'), ' ', 1),
    'in_recovery', pg_is_in_recovery(),
    'system_id', (SELECT system_identifier::text FROM pg_control_system()),
    'current', CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END,
    'settings', (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN
        ('wal_level', 'track_commit_timestamp', 'shared_preload_libraries', 'max_replication_slots', 'max_wal_senders',
         'listen_addresses', 'pglogical.conflict_resolution', 'galactl.node', 'galactl.region', 'max_slot_wal_keep_size',
         'data_directory', 'port')),
    'own', (SELECT coalesce(json_object_agg(name, setting), '{}') FROM (
        SELECT DISTINCT ON (name) name, setting FROM pg_file_settings WHERE error IS NULL AND sourcefile !~ '/galactl\.conf$' AND name IN
            ('max_replication_slots', 'max_wal_senders', 'max_logical_replication_workers', 'max_worker_processes')
        ORDER BY name, seqno DESC) AS last_of_each),
    'standbys', (SELECT coalesce(json_agg(who ORDER BY who), '[]') FROM (
        SELECT coalesce(nullif(application_name, ''), 'standby') || ' at ' || coalesce(host(client_addr), 'its own socket') AS who
            FROM pg_stat_replication r WHERE application_name <> 'pg_basebackup'
                AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
        UNION SELECT 'the reader of slot ' || slot_name FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary AND NOT active
    ) AS followers),
    'at_restart', (SELECT json_agg(name ORDER BY name) FROM pg_settings WHERE context = 'postmaster'),
    'pending_restart', (SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings WHERE pending_restart),
    'databases', (SELECT coalesce(json_object_agg(datname, pg_database_size(oid)), '{}') FROM pg_database
        WHERE datname NOT IN ('postgres', 'template0', 'template1')),
    'account', EXISTS (SELECT FROM pg_roles WHERE rolname = 'galactl_mesh' AND rolcanlogin AND rolreplication),
    'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'plugin', plugin, 'database', database,
            'active', active, 'confirmed', confirmed_flush_lsn, 'wal_status', wal_status, 'safe_wal_size', safe_wal_size,
            'kept', CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END)
            ORDER BY slot_name), '[]') FROM pg_replication_slots WHERE NOT temporary),
    'senders', (SELECT coalesce(json_agg(json_build_object('application_name', application_name, 'state', state,
            'slot', (SELECT slot_name FROM pg_replication_slots WHERE active_pid = pid),
            'replay_lag', extract(epoch FROM replay_lag)::float8) ORDER BY application_name), '[]') FROM pg_stat_replication),
    'oldest_worker', (SELECT extract(epoch FROM min(backend_start))::float8 FROM pg_stat_activity WHERE backend_type LIKE 'pglogical apply%'),
    'prepared', (SELECT count(*) FROM pg_prepared_xacts)
)::jsonb;
