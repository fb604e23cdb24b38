-- The trial of a merge function, in a transaction that is rolled back. Before it: BEGIN, and galactl.merge(mine, theirs).
-- A random value of a type, in the manner of `near` where one is known; NULL: galactl makes none of this type.
CREATE FUNCTION pg_temp.galactl_random(kind oid, near jsonb) RETURNS jsonb LANGUAGE plpgsql AS $galactl$
DECLARE
    it record;
    made jsonb;
BEGIN
    SELECT typname::text AS name, typtype, typcategory, typelem, typbasetype INTO it FROM pg_type WHERE oid = kind;
    IF it.typtype = 'd' THEN
        RETURN pg_temp.galactl_random(it.typbasetype, near);
    ELSIF it.typtype = 'e' THEN
        SELECT to_jsonb(enumlabel::text) INTO made FROM pg_enum WHERE enumtypid = kind ORDER BY random() LIMIT 1;
        RETURN made;
    ELSIF it.name IN ('json', 'jsonb') THEN
        IF near IS NOT NULL AND jsonb_typeof(near) <> 'object' THEN
            RETURN near;
        END IF;
        SELECT coalesce(jsonb_object_agg(key, CASE jsonb_typeof(value)
                WHEN 'number' THEN to_jsonb(floor(random() * 100))
                WHEN 'string' THEN to_jsonb(chr(97 + floor(random() * 5)::int))
                ELSE value END), '{}') INTO made
            FROM jsonb_each(coalesce(near, '{"a": 1, "b": 1, "c": 1}')) WHERE random() < 0.7;
        RETURN made;
    ELSIF it.typcategory = 'A' AND it.typelem <> 0 THEN
        SELECT coalesce(jsonb_agg(pg_temp.galactl_random(it.typelem, NULL)), '[]') INTO made
            FROM generate_series(1, floor(random() * 4)::int);
        RETURN made;
    ELSIF it.name IN ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8') THEN
        RETURN to_jsonb(floor(random() * 120) - 20);
    ELSIF it.name = 'bool' THEN
        RETURN to_jsonb(random() < 0.5);
    ELSIF it.typcategory = 'S' THEN
        RETURN to_jsonb(chr(97 + floor(random() * 5)::int));
    ELSIF it.name IN ('date', 'time', 'timestamp', 'timestamptz') THEN
        RETURN to_jsonb(timestamp '2026-01-01' + floor(random() * 500) * interval '1 hour');
    ELSIF it.name = 'interval' THEN
        RETURN to_jsonb(floor(random() * 500) || ' minutes');
    ELSIF it.name = 'uuid' THEN
        RETURN to_jsonb(gen_random_uuid());
    ELSIF it.name = 'bytea' THEN
        RETURN to_jsonb('\x' || left(md5(random()::text), 6));
    ELSIF it.name IN ('inet', 'cidr') THEN
        RETURN to_jsonb('10.0.0.' || floor(random() * 250));
    END IF;
    RETURN near;
END
$galactl$;

-- Rows of the table's form, as text: each column of a sample, of another one, or random. They fit its constraints.
CREATE FUNCTION pg_temp.galactl_row(relation regclass, samples jsonb[], base jsonb, key jsonb) RETURNS text LANGUAGE plpgsql AS $galactl$
DECLARE
    it record;
    other jsonb;
    made jsonb := '{}';
    chance float8;
    columns text;
    answer text;
BEGIN
    FOR it IN SELECT attname::text AS name, atttypid AS kind, attnotnull AS needed FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
    LOOP
        other := samples[1 + floor(random() * cardinality(samples))::int];
        chance := random();
        made := made || jsonb_build_object(it.name, CASE
            WHEN key ? it.name THEN key -> it.name
            WHEN NOT it.needed AND chance < 0.1 THEN NULL
            WHEN base IS NOT NULL AND chance < 0.5 THEN base -> it.name
            WHEN other IS NOT NULL AND chance < 0.7 THEN other -> it.name
            ELSE pg_temp.galactl_random(it.kind, nullif(coalesce(other -> it.name, base -> it.name), 'null')) END);
    END LOOP;
    SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('INSERT INTO pg_temp.galactl_rows (%1$s) SELECT %1$s FROM jsonb_populate_record(NULL::pg_temp.galactl_rows, $1)
        RETURNING galactl_rows::text', columns) INTO answer USING made;
    RETURN answer;
END
$galactl$;

-- Tells the first law that does not hold, with the rows and both results, or how often all of them held.
CREATE FUNCTION pg_temp.galactl_trial(relation regclass, keys text[]) RETURNS jsonb LANGUAGE plpgsql AS $galactl$
DECLARE
    samples jsonb[];
    base jsonb;
    key jsonb;
    rows text[];
    law record;
    merged text[];
    tried int := 0;
    why text := 'no rows';
BEGIN
    EXECUTE format('CREATE TEMP TABLE galactl_rows (LIKE %s INCLUDING CONSTRAINTS)', relation);
    EXECUTE format('SELECT coalesce(array_agg(to_jsonb(it)), ''{}'') FROM (SELECT * FROM %s LIMIT 200) AS it', relation) INTO samples;
    FOR turn IN 1 .. 400 LOOP
        base := samples[1 + floor(random() * cardinality(samples))::int];
        SELECT jsonb_object_agg(a.attname, coalesce(base -> a.attname::text, pg_temp.galactl_random(a.atttypid, NULL))) INTO key
            FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = ANY (keys);
        BEGIN
            rows := ARRAY[pg_temp.galactl_row(relation, samples, base, key)];
            -- Rows that differ in some columns, and are equal in others.
            EXECUTE format('SELECT to_jsonb($1::%s)', relation) INTO base USING rows[1];
            rows := rows || pg_temp.galactl_row(relation, samples, base, key) || pg_temp.galactl_row(relation, samples, base, key);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            why := SQLERRM;
            CONTINUE;
        END;
        FOR law IN SELECT * FROM (VALUES
            ('it changes the primary key', '(SELECT jsonb_agg(to_jsonb(m($1, $2)) -> key) FROM unnest($4) AS key)',
                '(SELECT jsonb_agg(to_jsonb($1) -> key) FROM unnest($4) AS key)', 2),
            ('the same row twice gives another row', 'm($1, $1)', '$1', 1),
            ('the two orders give two rows', 'm($1, $2)', 'm($2, $1)', 2),
            ('the order in which three rows meet makes a difference', 'm(m($1, $2), $3)', 'm($1, m($2, $3))', 3),
            ('what is merged already changes when it is merged again', 'm(m($1, $2), $2)', 'm($1, $2)', 2)) AS laws (law, one, other, needs)
        LOOP
            BEGIN
                EXECUTE regexp_replace(replace(format('SELECT ARRAY[to_jsonb(%s)::text, to_jsonb(%s)::text]', law.one, law.other), 'm(', 'galactl.merge('),
                    '(\$[123])', '\1::' || relation, 'g') INTO merged USING rows[1], rows[2], rows[3], keys;
            EXCEPTION WHEN OTHERS THEN
                RETURN jsonb_build_object('law', 'it fails: ' || SQLERRM, 'rows', to_jsonb(rows[1:law.needs]));
            END;
            IF merged[1] IS NULL OR merged[2] IS NULL THEN
                RETURN jsonb_build_object('law', 'it gives no row', 'rows', to_jsonb(rows[1:law.needs]));
            ELSIF merged[1] <> merged[2] THEN
                RETURN jsonb_build_object('law', law.law, 'rows', to_jsonb(rows[1:law.needs]), 'results', to_jsonb(merged));
            END IF;
        END LOOP;
        tried := tried + 1;
    END LOOP;
    IF tried < 50 THEN
        RETURN jsonb_build_object('law', format('galactl can make no rows to try it with (%s); put some into the table', why), 'rows', '[]'::jsonb);
    END IF;
    RETURN jsonb_build_object('tried', tried);
END
$galactl$;
