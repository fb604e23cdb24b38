//! Sequences that give other numbers on each node.

/// From where a sequence goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// From its own last number: nobody else has given numbers yet.
    ItsLast,
    /// From the largest number in its column, too: this node, or one with its number, may have given some before.
    ItsColumn,
}

/// Lets each sequence of users count by `step` from now on, with the remainder `number`. Those that count by something else
/// already, or come round, stay as they are. A node's numbers are never those of another one, however far each of them is.
pub fn sequences(number: u16, step: u16, beyond: Beyond) -> String {
    let column = match beyond {
        Beyond::ItsLast => "",
        Beyond::ItsColumn => COLUMN,
    };
    format!(
        r"
DO $galactl$
DECLARE
    it record;
    owner record;
    largest bigint;
    after bigint;
BEGIN
    FOR it IN SELECT c.oid, s.max_value, s.schemaname, s.sequencename FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
            WHERE s.schemaname NOT IN ('galactl', 'pglogical') AND s.increment_by IN (1, {step}) AND NOT s.cycle
    LOOP
        -- Its lock holds back whoever wants a number, so that none is given between the question and the answer.
        EXECUTE format('ALTER SEQUENCE %I.%I INCREMENT BY {step}', it.schemaname, it.sequencename);
        EXECUTE format('SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM %I.%I', it.schemaname, it.sequencename) INTO after;
{column}        after := after + 1 + mod({number} - mod(after + 1, {step}) + {step}, {step});
        IF after <= it.max_value THEN
            EXECUTE format('ALTER SEQUENCE %I.%I RESTART WITH %s', it.schemaname, it.sequencename, after);
        END IF;
    END LOOP;
END
$galactl$;
"
    )
}

/// The same for those that count by one still: of a table that is new.
pub fn new_sequences(number: u16, step: u16) -> String {
    sequences(number, step, Beyond::ItsLast)
        .replace(&format!("s.increment_by IN (1, {step})"), "s.increment_by = 1")
}

const COLUMN: &str = r"        FOR owner IN SELECT n.nspname, c.relname, a.attname FROM (
                    SELECT refobjid AS relation, refobjsubid AS number FROM pg_depend
                        WHERE classid = 'pg_class'::regclass AND objid = it.oid AND deptype IN ('a', 'i')
                    UNION SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
                        WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = it.oid
                ) AS used JOIN pg_class c ON c.oid = used.relation JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = used.number
                WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
        LOOP
            EXECUTE format('SELECT max(%I) FROM %I.%I', owner.attname, owner.nspname, owner.relname) INTO largest;
            after := greatest(after, largest);
        END LOOP;
";
