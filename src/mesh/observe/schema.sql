SET default_transaction_read_only = on;
SELECT json_build_object(
    'tables', (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname,
            'constraint', (SELECT k.conname FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'),
            'candidate', (SELECT json_build_object('index', x.relname, 'constraint', EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype = 'u'),
                    'columns', (SELECT json_agg(a.attname ORDER BY k.at) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, at)
                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE k.at <= i.indnkeyatts))
                FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
                    AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) AS k(number) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                        WHERE NOT a.attnotnull) ORDER BY x.relname LIMIT 1),
            'referenced', EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = c.oid AND f.contype = 'f'),
            'triggers', (SELECT coalesce(json_agg(json_build_object('name', t.tgname,
                    'program', json_build_object('name', s.nspname || '.' || p.proname, 'language', l.lanname, 'body', p.prosrc)) ORDER BY t.tgname), '[]')
                FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace s ON s.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
                WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O' AND s.nspname NOT IN ('pglogical', 'galactl')))
            ORDER BY n.nspname, c.relname), '[]')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'galactl', 'pglogical', 'pglogical_origin')
            AND n.nspname !~ '^pg_'),
    'cycling', (SELECT coalesce(json_agg(schemaname || '.' || sequencename ORDER BY 1), '[]') FROM pg_sequences
        WHERE schemaname NOT IN ('galactl', 'pglogical') AND cycle),
    'programs', (SELECT coalesce(json_agg(json_build_object('name', n.nspname || '.' || p.proname, 'language', l.lanname, 'body', p.prosrc)
            ORDER BY n.nspname, p.proname, p.oid), '[]')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'galactl', 'pglogical', 'pglogical_origin') AND n.nspname !~ '^pg_'
            AND p.prosrc ~* '\m(truncate|lock|pg_(try_)?advisory_\w+)\M'
            AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')),
    'views', (SELECT coalesce(json_agg(n.nspname || '.' || c.relname ORDER BY 1), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'm' AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')),
    'large_objects', (SELECT count(*) FROM pg_largeobject_metadata),
    'extensions', (SELECT coalesce(json_agg(json_build_object('name', extname, 'tables', tables) ORDER BY extname), '[]') FROM (
        SELECT e.extname, json_agg(n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname) AS tables
            FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
            JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'p')
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE e.extname <> 'pglogical' GROUP BY e.extname) AS stateful)
)::jsonb;
