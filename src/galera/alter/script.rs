//! What a server is asked about a table. Each text is the input of one session that replicates nothing.

use super::{Algorithm, Change, Table};
use crate::galera::model::SCRATCH_SCHEMA;
use crate::galera::sql::literal;

/// A server that is busy with the table, or slow, is not waited for longer than this, in seconds.
const LIMITS: &str = "SET SESSION lock_wait_timeout = 5, max_statement_time = 20";
/// Rows are read without locks, so that no write waits for the sample.
const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// The databases that earlier sessions have left: no session is in them.
pub fn leftovers() -> String {
    format!(
        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, {}) = '{SCRATCH_SCHEMA}' AND SCHEMA_NAME NOT IN (SELECT DB FROM information_schema.PROCESSLIST WHERE DB IS NOT NULL)",
        SCRATCH_SCHEMA.len()
    )
}

pub fn drop(scratch: &str) -> String {
    format!("DROP DATABASE IF EXISTS `{scratch}`")
}

/// What the table is like, and what the server makes of the change on an empty copy in the database `scratch`.
pub fn read(table: &Table, change: &Change, scratch: &str) -> Vec<String> {
    let mut lines = vec![LIMITS.to_owned(), ISOLATION.to_owned()];
    lines.extend(definition(table));
    lines.extend(facts(table));
    lines.extend(open(scratch));
    let copy = table.in_schema(scratch).quoted();
    for algorithm in Algorithm::ALL {
        lines.extend([
            format!("DROP TABLE IF EXISTS {copy}"),
            at("copy"),
            format!("CREATE TABLE {copy} LIKE {}", table.quoted()),
            "SHOW ERRORS".into(),
            at(&format!("try\t{algorithm}")),
            format!("ALTER TABLE {copy} ALGORITHM={algorithm}, {change}"),
            "SHOW ERRORS".into(),
            at("after"),
            format!("SHOW CREATE TABLE {copy}"),
        ]);
    }
    lines.push(drop(scratch));
    lines
}

/// The table's definition, or the server's words why there is none.
pub fn definition(table: &Table) -> [String; 3] {
    [at("definition"), format!("SHOW CREATE TABLE {}", table.quoted()), "SHOW ERRORS".into()]
}

/// The rate of the change on a copy of the first `rows` rows.
pub fn measure(
    table: &Table,
    change: &Change,
    algorithm: Algorithm,
    columns: &[String],
    rows: u64,
    scratch: &str,
) -> Vec<String> {
    let columns: Vec<_> = columns.iter().map(|name| format!("`{}`", name.replace('`', "``"))).collect();
    let columns = columns.join(", ");
    let (empty, sample) = (format!("`{scratch}`.`empty`"), format!("`{scratch}`.`sample`"));
    let mut lines = vec![LIMITS.to_owned(), ISOLATION.to_owned()];
    lines.extend(open(scratch));
    for copy in [&empty, &sample] {
        lines.push(format!("CREATE TABLE {copy} LIKE {}", table.quoted()));
    }
    lines.extend([
        at("fill"),
        format!("INSERT INTO {sample} ({columns}) SELECT {columns} FROM {} LIMIT {rows}", table.quoted()),
        "SHOW ERRORS".into(),
        format!("SELECT 'sampled', COUNT(*) FROM {sample}"),
        clock("empty"),
        format!("ALTER TABLE {empty} ALGORITHM={algorithm}, {change}"),
        clock("sample"),
        format!("ALTER TABLE {sample} ALGORITHM={algorithm}, {change}"),
        "SHOW ERRORS".into(),
        clock("done"),
        drop(scratch),
    ]);
    lines
}

/// The session is seen in its database, so that no other one takes it for left behind.
fn open(scratch: &str) -> [String; 2] {
    [format!("CREATE DATABASE `{scratch}`"), format!("USE `{scratch}`")]
}

fn at(place: &str) -> String {
    let words: Vec<_> = place.split('\t').map(|word| format!("'{word}'")).collect();
    format!("SELECT 'at', {}", words.join(", "))
}

/// Microseconds.
fn clock(what: &str) -> String {
    format!("SELECT 'clock', '{what}', TIMESTAMPDIFF(MICROSECOND, '2020-01-01', SYSDATE(6))")
}

/// Tables of `innodb_sys_*` cost little, whatever the number of tables.
fn facts(table: &Table) -> Vec<String> {
    let (schema, name) = (literal(&table.schema), literal(&table.name));
    let innodb = literal(&format!("{}/{}", table.schema, table.name));
    let parts = literal(&format!("{}/{}#", table.schema, table.name));
    let length = table.schema.chars().count() + table.name.chars().count() + 2;
    let of = |view: &str| format!("FROM information_schema.{view} WHERE TABLE_SCHEMA = {schema}");
    vec![
        format!(
            "SELECT 'table', TABLE_TYPE, IFNULL(ENGINE, ''), IFNULL(TABLE_ROWS, 0), IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0) {} AND TABLE_NAME = {name}",
            of("TABLES")
        ),
        format!(
            "SELECT 'file', SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME = {innodb} OR LEFT(NAME, {length}) = {parts} HAVING COUNT(*) > 0"
        ),
        "SELECT 'pool', @@innodb_buffer_pool_size".into(),
        format!("SELECT 'counted', COUNT(*) FROM {}", table.quoted()).replacen(
            "SELECT",
            "SET STATEMENT max_statement_time = 2 FOR SELECT",
            1,
        ),
        format!(
            "SELECT 'column', COLUMN_NAME {} AND TABLE_NAME = {name} AND IS_GENERATED = 'NEVER' ORDER BY ORDINAL_POSITION",
            of("COLUMNS")
        ),
        format!(
            "SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {schema} AND EVENT_OBJECT_TABLE = {name}"
        ),
        format!(
            "SELECT 'parent', REF_NAME FROM information_schema.INNODB_SYS_FOREIGN WHERE FOR_NAME = {innodb}"
        ),
        format!(
            "SELECT 'child', FOR_NAME FROM information_schema.INNODB_SYS_FOREIGN WHERE REF_NAME = {innodb}"
        ),
        format!("SELECT 'beside', TABLE_NAME {} AND TABLE_NAME IN ({})", of("TABLES"), copies(&table.name)),
    ]
}

/// The tables in which pt-online-schema-change works.
fn copies(name: &str) -> String {
    ["_new", "_old"].map(|end| literal(&format!("_{name}{end}"))).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_is_one_line_of_its_own() {
        let (table, change) = ("shop.orders".parse().expect("a table"), "FORCE".parse().expect("a change"));
        let scripts = [
            read(&table, &change, "galactl_alter_0123456789abcdef"),
            measure(&table, &change, Algorithm::Copy, &["id".into()], 5, "galactl_alter_0123456789abcdef"),
        ];
        for line in scripts.iter().flatten() {
            assert!(!line.contains(['\n', ';', '\\']), "{line}");
        }
    }
}
