//! A user's merge functions, and the trigger that lets them have their say.
//!
//! pglogical shows the trigger the local row and the row that another node has sent, of each update that it applies and of each
//! insert whose key is there already, whether or not the two were made at the same time. So an update that the function would
//! undo must not be made in the first place: the other nodes would undo it, and this one would keep it.

use super::{TableName, table};
use crate::mesh::model::Merge;
use crate::postgresql::sql::{identifier, literal};

/// What stands before the functions.
pub const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS galactl;\n";

const TRIGGER: &str = r"
CREATE OR REPLACE FUNCTION galactl.merge_rows() RETURNS trigger LANGUAGE plpgsql AS $galactl$
BEGIN
    IF current_setting('session_replication_role') = 'replica' THEN
        RETURN galactl.merge(OLD, NEW);
    ELSIF to_jsonb(galactl.merge(OLD, NEW)) IS DISTINCT FROM to_jsonb(NEW) THEN
        RAISE EXCEPTION 'the merge function of %.% would undo this update on the other nodes', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING DETAIL = format('It makes %s of it.', to_jsonb(galactl.merge(OLD, NEW))),
            HINT = 'write a row that the function prefers to the old one', ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$galactl$;
";

/// The name of a table with a merge function.
pub fn name(merge: &Merge) -> TableName {
    (merge.schema.clone(), merge.table.clone())
}

/// Makes the function of one table. All have one name, and take rows of their own table.
pub fn function(merge: &Merge) -> String {
    let (table, path) = (table(&name(merge)), identifier(&merge.schema));
    format!(
        "CREATE OR REPLACE FUNCTION galactl.merge(mine {table}, theirs {table}) RETURNS {table} LANGUAGE plpgsql
    SET search_path = pg_catalog, {path} AS {};\n",
        literal(&merge.function)
    )
}

/// Lets the tables be merged from now on. Triggers fire in the order of their names, and this one sees what others have made of
/// a row.
pub fn merging(merges: &[Merge]) -> String {
    if merges.is_empty() {
        return String::new();
    }
    let mut out = format!("{SCHEMA}{TRIGGER}");
    for merge in merges {
        let table = table(&name(merge));
        out += &function(merge);
        out += &format!(
            "DROP TRIGGER IF EXISTS zz_galactl_merge ON {table};
CREATE TRIGGER zz_galactl_merge BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION galactl.merge_rows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER zz_galactl_merge;\n"
        );
    }
    out
}

/// What tells how the function of one table does on samples and random rows, all of which is taken back. The answer is JSON.
pub fn trial(merge: &Merge, key: &[String]) -> String {
    let key: Vec<_> = key.iter().map(|column| literal(column)).collect();
    format!(
        "BEGIN;\nSET LOCAL statement_timeout = '60s';\n{SCHEMA}{}{}
SELECT pg_temp.galactl_trial({}::regclass, ARRAY[{}]::text[]);\nROLLBACK;\n",
        function(merge),
        include_str!("trial.sql"),
        literal(&table(&name(merge))),
        key.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_no_quotes() {
        let function = "BEGIN mine.v := 'it''s $b$ \\'; RETURN mine; END".to_owned();
        let made = super::function(&Merge { schema: "public".into(), table: "a\"b".into(), function });
        assert!(made.contains(r"AS E'BEGIN mine.v := ''it''''s $b$ \\''; RETURN mine; END';"), "{made}");
        assert!(made.contains(r#"(mine "public"."a""b", theirs"#), "{made}");
    }
}
