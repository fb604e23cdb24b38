\set has_members 0
\set has_pglogical 0
SELECT (to_regclass('galactl.node') IS NOT NULL)::int AS has_members, (to_regclass('pglogical.node') IS NOT NULL)::int AS has_pglogical \gset
\if :has_members
SELECT coalesce(json_agg(json_build_object('name', name, 'mesh', mesh, 'number', number, 'region', region) ORDER BY name), '[]') AS members
    FROM galactl.node \gset
\else
\set members null
\endif
\if :has_pglogical
SELECT coalesce(json_agg(set_reloid::oid::bigint), '[]') AS listed FROM pglogical.replication_set_table WHERE set_att_list IS NOT NULL \gset
SELECT coalesce(json_agg(relid::bigint), '[]') AS sent FROM (SELECT set_reloid::oid AS relid FROM pglogical.replication_set_table) AS t \gset
SELECT coalesce(json_agg(json_build_object('name', subscription_name, 'slot', slot_name,
        'state', CASE status WHEN 'replicating' THEN 'replicating' WHEN 'disabled' THEN 'disabled' WHEN 'initializing' THEN 'initializing' ELSE 'down' END,
        'unsettled', (SELECT count(*) FROM pglogical.local_sync_status JOIN pglogical.subscription ON sub_id = sync_subid
            WHERE sub_name = subscription_name AND sync_status NOT IN ('r', 'y')),
        'applied', (SELECT nullif(pg_replication_origin_progress(roname, false), '0/0') FROM pg_replication_origin WHERE roname = slot_name),
        'worker', (SELECT d.oid || ':' || sub_id FROM pg_database d, pglogical.subscription WHERE datname = current_database() AND sub_name = subscription_name),
        'errors', NULL, 'connection', provider_dsn) ORDER BY subscription_name), '[]') AS subscriptions
    FROM pglogical.show_subscription_status() \gset
SELECT json_build_object('version', (SELECT extversion FROM pg_extension WHERE extname = 'pglogical'),
    'node', (SELECT node_name FROM pglogical.local_node JOIN pglogical.node USING (node_id))) AS pglogical \gset
\else
\set sent '[]'
\set listed '[]'
\set subscriptions '[]'
\set pglogical '{}'
\endif
SELECT coalesce(json_agg(json_build_object('partitioned', c.relkind = 'p', 'schema', n.nspname, 'name', c.relname,
            'key', (SELECT coalesce(json_agg(a.attname ORDER BY k.at), '[]') FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, at)
                JOIN pg_attribute a ON a.attnum = k.number WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid),
            'columns', (SELECT coalesce(json_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                    CASE WHEN d.adbin IS NOT NULL AND a.attidentity = '' THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
                    nullif(a.attgenerated, ''), nullif(a.attidentity, '')) ORDER BY a.attnum), '[]')
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
            'unique', (SELECT coalesce(json_agg(json_build_object('name', i.indexrelid::regclass::text, 'exclusion', i.indisexclusion,
                    'columns', (SELECT coalesce(json_agg(a.attname ORDER BY k.at), '[]') FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, at)
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.at <= i.indnkeyatts))
                    ORDER BY i.indexrelid::regclass::text), '[]')
                FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisunique AND NOT i.indisprimary OR i.indisexclusion)),
            'references', (SELECT coalesce(json_agg(json_build_object('name', f.conname, 'to', m.nspname || '.' || o.relname,
                    'columns', (SELECT json_agg(a.attname ORDER BY k.at) FROM unnest(f.conkey) WITH ORDINALITY AS k(number, at)
                        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number),
                    'on_delete', CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE '' END,
                    'on_update', CASE f.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE '' END)
                    ORDER BY f.conname), '[]')
                FROM pg_constraint f JOIN pg_class o ON o.oid = f.confrelid JOIN pg_namespace m ON m.oid = o.relnamespace
                WHERE f.conrelid = c.oid AND f.contype = 'f' AND NOT o.relispartition),
            'identity', CASE c.relreplident WHEN 'd' THEN 'key' WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' ELSE
                (SELECT CASE WHEN i.indisprimary THEN 'key' ELSE i.indexrelid::regclass::text END FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident) END,
            'root', CASE WHEN c.relispartition THEN (SELECT m.nspname || '.' || o.relname FROM pg_class o JOIN pg_namespace m ON m.oid = o.relnamespace
                WHERE o.oid = pg_partition_root(c.oid)) END,
            'triggers', (SELECT coalesce(json_agg(t.tgname ORDER BY t.tgname), '[]') FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND t.tgenabled IN ('A', 'R') AND t.tgfoid NOT IN (SELECT p.oid FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname IN ('pglogical', 'galactl'))),
            'sent', c.oid::bigint IN (SELECT value::bigint FROM json_array_elements_text(:'sent'::json))
                OR EXISTS (SELECT FROM pg_publication_tables p WHERE p.pubname = 'galactl' AND p.schemaname = n.nspname AND p.tablename = c.relname),
            'merge', (SELECT encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') FROM pg_trigger g, pg_proc p
                WHERE g.tgrelid = c.oid AND g.tgname = 'zz_galactl_merge' AND g.tgenabled = 'A'
                    AND p.pronamespace = to_regnamespace('galactl') AND p.proname = 'merge' AND p.proargtypes[0] = c.reltype),
            'unlogged', c.relpersistence = 'u') ORDER BY n.nspname, c.relname), '[]') AS tables
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'galactl', 'pglogical', 'pglogical_origin')
            AND n.nspname !~ '^pg_'
            AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') \gset
SELECT json_build_object(
    'locale', (SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = current_database()),
    'members', :'members'::json,
    -- Rows are in partitions, and are sent as those of their partition.
    'tables', (SELECT coalesce(json_agg(value), '[]') FROM json_array_elements(:'tables'::json) WHERE value ->> 'partitioned' = 'false'),
    'partitioned', (SELECT coalesce(json_agg(value), '[]') FROM json_array_elements(:'tables'::json) WHERE value ->> 'partitioned' = 'true'),
    'sequences', (SELECT coalesce(json_agg(json_build_object('schema', schemaname, 'name', sequencename, 'increment', increment_by,
            -- The view has no last value until a number was given, also after RESTART WITH; the sequence itself knows.
            'next', (SELECT (xpath('/row/next/text()', query_to_xml(format(
                'SELECT CASE WHEN is_called THEN last_value::numeric + %s ELSE last_value END AS next FROM %I.%I', increment_by, schemaname, sequencename),
                false, true, '')))[1]::text::numeric),
            'last', CASE WHEN increment_by > 0 THEN max_value ELSE min_value END,
            'owner', (SELECT json_build_object('column', n.nspname || '.' || c.relname || '.' || a.attname, 'kind', format_type(a.atttypid, NULL)) FROM (
                    SELECT refobjid AS relation, refobjsubid AS number FROM pg_depend
                        WHERE classid = 'pg_class'::regclass AND objid = format('%I.%I', schemaname, sequencename)::regclass AND deptype IN ('a', 'i')
                    UNION SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
                        WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                            AND d.refobjid = format('%I.%I', schemaname, sequencename)::regclass
                ) AS used JOIN pg_class c ON c.oid = used.relation JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = used.number ORDER BY n.nspname, c.relname, a.attname LIMIT 1)) ORDER BY schemaname, sequencename), '[]')
        FROM pg_sequences WHERE schemaname NOT IN ('galactl', 'pglogical') AND NOT cycle),
    'listed', (SELECT coalesce(json_agg(n.nspname || '.' || c.relname ORDER BY 1), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid::bigint IN (SELECT value::bigint FROM json_array_elements_text(:'listed'::json))
            OR EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                WHERE p.pubname = 'galactl' AND r.prrelid = c.oid AND r.prattrs IS NOT NULL)),
    'indexes', (SELECT coalesce(json_agg(n.nspname || '.' || c.relname ORDER BY 1), '[]') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'galactl', 'pglogical')
            AND n.nspname !~ '^pg_'),
    'publications', (SELECT coalesce(json_agg(pubname ORDER BY pubname), '[]') FROM pg_publication WHERE pubname <> 'galactl'),
    'pglogical', :'pglogical'::json ->> 'version',
    'pglogical_node', :'pglogical'::json ->> 'node',
    'subscriptions', (SELECT coalesce(json_agg(s ORDER BY s ->> 'name'), '[]') FROM (
        SELECT value::jsonb AS s FROM json_array_elements(:'subscriptions'::json)
        UNION ALL
        SELECT jsonb_build_object('name', subname, 'slot', subslotname,
            'state', CASE WHEN NOT subenabled THEN 'disabled'
                WHEN NOT EXISTS (SELECT FROM pg_stat_subscription t WHERE t.subid = s.oid AND t.pid IS NOT NULL) THEN 'down'
                WHEN EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate NOT IN ('r', 's')) THEN 'initializing'
                ELSE 'replicating' END,
            'unsettled', (SELECT count(*) FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate NOT IN ('r', 's')),
            'errors', (SELECT apply_error_count + sync_error_count FROM pg_stat_subscription_stats t WHERE t.subid = s.oid),
            'applied', (SELECT nullif(pg_replication_origin_progress(roname, false), '0/0') FROM pg_replication_origin WHERE roname = 'pg_' || s.oid),
            'worker', 'pg_' || s.oid,
            'connection', subconninfo)
        FROM pg_subscription s WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS all_of_them),
    'origins', (SELECT coalesce(json_agg(json_build_object('name', roname, 'applied', nullif(pg_replication_origin_progress(roname, false), '0/0')) ORDER BY roname), '[]')
        FROM pg_replication_origin)
)::jsonb;
