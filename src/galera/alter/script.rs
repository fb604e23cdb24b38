//! What a server is asked about a table. Each text is the input of one session that replicates nothing.

use super::{Algorithm, Change, Table};
use crate::galera::model::SCRATCH_SCHEMA;
use crate::galera::sql::literal;

/// A server that is busy with the table, or slow, is not waited for longer than this, in seconds.
pub(super) const LIMITS: &str = "SET SESSION lock_wait_timeout = 5, max_statement_time = 20";
/// The databases that earlier sessions have left. A session that is at work is in its database, and in none before, when
/// the comment of the database names it.
pub fn leftovers() -> String {
    format!(
        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, {}) = '{SCRATCH_SCHEMA}' AND NOT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE DB = SCHEMA_NAME OR (DB IS NULL AND CAST(ID AS CHAR) = SCHEMA_COMMENT))",
        SCRATCH_SCHEMA.len()
    )
}

pub fn drop(scratch: &str) -> String {
    format!("DROP DATABASE IF EXISTS `{scratch}`")
}

/// What the table is like, and what the server makes of the change on an empty copy in the database `scratch`.
pub fn read(table: &Table, change: &Change, scratch: &str) -> Vec<String> {
    let mut lines = definition(table);
    lines.push(at("facts"));
    lines.extend(facts(table));
    lines.extend(open(scratch));
    let copy = table.in_schema(scratch).quoted();
    lines.push(strict());
    for algorithm in Algorithm::ALL {
        lines.extend([
            format!("DROP TABLE IF EXISTS {copy}"),
            at("copy"),
            format!("CREATE TABLE {copy} LIKE {}", table.quoted()),
            "SHOW ERRORS".into(),
        ]);
        lines.extend(shown("copied", &copy));
        lines.extend([
            at(&format!("try\t{algorithm}")),
            strict(),
            format!("ALTER TABLE {copy} ALGORITHM={algorithm}, {change}"),
            "SHOW ERRORS".into(),
        ]);
        lines.extend(shown("after", &copy));
    }
    lines.push(drop(scratch));
    lines
}

/// The mode in which a change is tried and made: that of the server, and strict, so that a value that does not fit is
/// an error and not cut off.
pub fn strict() -> String {
    "SET SESSION sql_mode = CONCAT_WS(',', NULLIF(@@GLOBAL.sql_mode, ''), 'STRICT_ALL_TABLES')".into()
}

/// The table's definition, or the server's words why there is none.
pub fn definition(table: &Table) -> Vec<String> {
    let mut lines = vec![LIMITS.to_owned()];
    lines.extend(shown("definition", &table.quoted()));
    lines
}

/// A definition in the words of the same mode on every node.
fn shown(place: &str, table: &str) -> [String; 4] {
    [
        "SET SESSION sql_mode = ''".into(),
        at(place),
        format!("SHOW CREATE TABLE {table}"),
        "SHOW ERRORS".into(),
    ]
}

/// The database has the session's number, so that no other one takes it for left behind. Not by GET_LOCK: the server
/// does not end the statement of a session that holds such a lock, and a change of the table, by whomever, would wait for
/// it, and all writes for that.
pub(super) fn open(scratch: &str) -> [String; 2] {
    [
        format!("EXECUTE IMMEDIATE CONCAT('CREATE DATABASE `{scratch}` COMMENT ''', CONNECTION_ID(), '''')"),
        format!("USE `{scratch}`"),
    ]
}

pub(super) fn at(place: &str) -> String {
    let words: Vec<_> = place.split('\t').map(|word| format!("'{word}'")).collect();
    format!("SELECT 'at', {}", words.join(", "))
}

/// Tables of `innodb_sys_*` cost little, whatever the number of tables.
fn facts(table: &Table) -> Vec<String> {
    let (schema, name) = (literal(&table.schema), literal(&table.name));
    let of = |view: &str| format!("FROM information_schema.{view} WHERE TABLE_SCHEMA = {schema}");
    vec![
        format!(
            "SELECT 'table', TABLE_TYPE, IFNULL(ENGINE, ''), IFNULL(TABLE_ROWS, 0), IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0) {} AND TABLE_NAME = {name}",
            of("TABLES")
        ),
        format!(
            "SET @file = CONVERT(CONCAT({}, '/', {}) USING ascii)",
            in_file_letters(&schema),
            in_file_letters(&name)
        ),
        "SELECT 'file', SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME = @file OR LEFT(NAME, CHAR_LENGTH(@file) + 1) = CONCAT(@file, '#') HAVING COUNT(*) > 0".into(),
        "SELECT 'pool', @@innodb_buffer_pool_size".into(),
        "SELECT 'binlog', @@log_bin".into(),
        "SELECT 'tmpdir', COALESCE(NULLIF(@@innodb_tmpdir, ''), SUBSTRING_INDEX(@@tmpdir, ':', 1))".into(),
        "SELECT 'received', (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_received_bytes') DIV (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Uptime')".into(),
        zone(),
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
            "SELECT 'parent', {} FROM information_schema.INNODB_SYS_FOREIGN WHERE FOR_NAME = @file",
            out_of_file_letters("REF_NAME")
        ),
        format!(
            "SELECT 'child', {} FROM information_schema.INNODB_SYS_FOREIGN WHERE REF_NAME = @file",
            out_of_file_letters("FOR_NAME")
        ),
    ]
}

/// What the time zone of the server makes of three moments. Names tell nothing: a server that was started in summer says
/// CEST, and one that was started in winter says CET.
fn zone() -> String {
    let moments =
        [("2026-01-01", 1_767_225_600_u64), ("2026-07-01", 1_782_864_000), ("1978-07-01", 268_099_200)];
    let minutes =
        moments.map(|(day, seconds)| format!("TIMESTAMPDIFF(MINUTE, '{day}', FROM_UNIXTIME({seconds}))"));
    format!("SELECT 'zone', CONCAT_WS('/', {})", minutes.join(", "))
}

/// InnoDB keeps names as files have them: `order-lines` is `order@002dlines`.
fn in_file_letters(name: &str) -> String {
    format!("CONVERT(CONVERT({name} USING filename) USING binary)")
}

/// `schema/table` of such letters, as people write it.
fn out_of_file_letters(column: &str) -> String {
    let [schema, table] = [1, -1].map(|part| {
        format!("CONVERT(CONVERT(CONVERT(SUBSTRING_INDEX({column}, '/', {part}) USING binary) USING filename) USING utf8mb4)")
    });
    format!("CONCAT({schema}, '/', {table})")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client would take a part of one for a command of its own.
    #[test]
    fn each_statement_is_one_line_of_its_own() {
        let (table, change) = ("shop.orders".parse().expect("a table"), "FORCE".parse().expect("a change"));
        for line in read(&table, &change, "galactl_alter_0123456789abcdef") {
            assert!(!line.contains(['\n', ';', '\\']), "{line}");
            assert!(!line.contains("GET_LOCK"), "a change by others would wait for the session: {line}");
        }
    }
}
