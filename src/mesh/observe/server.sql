-- How soon each reader has what was committed here by now: pglogical tells no lag of its own. Who takes longer than a second is
-- told by the times of commits below.
DO $look$
DECLARE
    written pg_lsn;
    began timestamptz := clock_timestamp();
    told jsonb := '{}';
BEGIN
    IF NOT pg_is_in_recovery() THEN
        written := pg_current_wal_flush_lsn();
        FOR turn IN 0..9 LOOP
            PERFORM pg_sleep(0.02 * turn);
            SELECT told || coalesce(jsonb_object_agg(slot_name, extract(epoch FROM clock_timestamp() - began)), '{}') INTO told
                FROM pg_replication_slots WHERE active AND NOT temporary AND confirmed_flush_lsn >= written AND NOT told ? slot_name;
            EXIT WHEN NOT EXISTS (SELECT FROM pg_replication_slots
                WHERE active AND NOT temporary AND slot_type = 'logical' AND NOT told ? slot_name);
        END LOOP;
    END IF;
    PERFORM set_config('galactl.confirmed_after', told::text, false);
END $look$;
SELECT current_setting('track_commit_timestamp') = 'on' AND NOT pg_is_in_recovery() AS knows_times \gset
\set commits null
\if :knows_times
-- A change that was applied has the time of its commit at the provider.
WITH told AS MATERIALIZED (
    SELECT number, next, c.timestamp AS at, c.roident AS origin
    FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS s,
        generate_series(greatest(next - 20000, 3), next - 1) AS number,
        pg_xact_commit_timestamp_origin(greatest(number % 4294967296, 3)::text::xid) AS c
    WHERE c.timestamp IS NOT NULL
), own AS (
    SELECT number, next, at, lag(at) OVER (ORDER BY at) AS before FROM told WHERE origin = 0
), pauses AS (
    SELECT extract(epoch FROM before)::float8 AS since, extract(epoch FROM at)::float8 AS until
    FROM own WHERE at - before > interval '1 second' ORDER BY at DESC LIMIT 100
)
SELECT json_build_object(
    'now', extract(epoch FROM clock_timestamp())::float8,
    'newest', (SELECT extract(epoch FROM max(at))::float8 FROM own),
    'pauses', (SELECT coalesce(json_agg(json_build_array(since, until) ORDER BY since), '[]') FROM pauses),
    -- A slot needs no older transaction's view of the catalog once its reader has confirmed it.
    'confirmed', (SELECT coalesce(json_object_agg(slot_name, last) FILTER (WHERE last IS NOT NULL), '{}') FROM (
        SELECT slot_name, (SELECT extract(epoch FROM max(at))::float8 FROM own WHERE number < next - age(catalog_xmin)) AS last
            FROM pg_replication_slots WHERE NOT temporary AND slot_type = 'logical') AS of_slots),
    'applied', (SELECT coalesce(json_object_agg(roname, last), '{}') FROM pg_replication_origin
        JOIN (SELECT origin, extract(epoch FROM max(at))::float8 AS last FROM told GROUP BY origin) AS of_each ON roident = origin)) AS commits \gset
\endif
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
    'confirmed_after', current_setting('galactl.confirmed_after')::json,
    'commits', :'commits'::json,
    'oldest_worker', (SELECT extract(epoch FROM min(backend_start))::float8 FROM pg_stat_activity WHERE backend_type LIKE 'pglogical apply%'),
    'prepared', (SELECT count(*) FROM pg_prepared_xacts)
)::jsonb;
