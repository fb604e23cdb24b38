//! Rows that belong to regions: a node sends its own, and refuses to write those of others.

use super::{TableName, table};
use crate::postgresql::sql::{identifier, literal};

/// Which rows a node sends.
pub fn row_filter(column: &str, region: &str) -> String {
    format!("{} = {}", identifier(column), literal(region))
}

/// Refuses rows of other regions. It does not fire where changes of other nodes are applied, because a plain trigger does not
/// fire for whoever replicates (`session_replication_role`).
const FUNCTION: &str = r"
CREATE OR REPLACE FUNCTION galactl.own_region() RETURNS trigger LANGUAGE plpgsql AS $galactl$
DECLARE
    own text := current_setting('galactl.region', true);
    belongs text;
BEGIN
    FOREACH belongs IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[to_jsonb(NEW) ->> TG_ARGV[0]]
        WHEN 'DELETE' THEN ARRAY[to_jsonb(OLD) ->> TG_ARGV[0]]
        ELSE ARRAY[to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]] END
    LOOP
        IF belongs IS DISTINCT FROM own THEN
            RAISE EXCEPTION 'a row of region % is written on the node of region %', belongs, own
                USING HINT = 'connect to the node of that region', ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$galactl$;
";

/// Lets a table refuse rows of other regions.
pub fn trigger(name: &TableName, column: &str) -> String {
    let (table, column) = (table(name), literal(column));
    format!(
        "{FUNCTION}
DROP TRIGGER IF EXISTS galactl_own_region ON {table};
CREATE TRIGGER galactl_own_region BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION galactl.own_region({column});\n"
    )
}
