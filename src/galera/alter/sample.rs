//! How long a change takes on a copy of some rows.

use super::script::{LIMITS, at, drop, open, strict};
use super::{Algorithm, Change, Table};
use crate::galera::sql::literal;

/// Rows are read without locks, so that no write waits for the sample.
const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
/// Rows are copied as they are, whatever today's mode or a check would say to them.
const AS_THEY_ARE: &str = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', check_constraint_checks = OFF";

/// Which rows are copied, and what is done to them.
#[derive(Debug, Clone)]
pub struct Sampling {
    pub table: Table,
    pub change: Change,
    pub algorithm: Algorithm,
    /// Those that can be written to.
    pub columns: Vec<String>,
    /// The first rows; no more than that many, and no more than that many bytes, but one.
    pub rows: u64,
    pub bytes: u64,
}

impl Sampling {
    /// The input of one session that replicates nothing.
    pub fn script(&self, scratch: &str) -> Vec<String> {
        let Self { table, change, algorithm, .. } = self;
        let [one, two, sample] = ["one", "two", "sample"].map(|name| format!("`{scratch}`.`{name}`"));
        let mut lines = vec![LIMITS.to_owned(), ISOLATION.to_owned(), AS_THEY_ARE.to_owned()];
        lines.extend(open(scratch));
        lines.push(at("fill"));
        for copy in [&one, &two, &sample] {
            lines.push(format!("CREATE TABLE {copy} LIKE {}", table.quoted()));
        }
        lines.extend(self.fill(&sample));
        lines.extend([size("size", scratch), strict(), "SET SESSION check_constraint_checks = ON".into()]);
        let changed = |copy: &str| format!("ALTER TABLE {copy} ALGORITHM={algorithm}, {change}");
        lines.extend([clock("one"), changed(&one), clock("two"), changed(&two), clock("three")]);
        lines.extend([at("change"), clock("sample"), changed(&sample), "SHOW ERRORS".into(), clock("done")]);
        lines.extend([size("size-after", scratch), drop(scratch)]);
        lines
    }

    /// Rows of very different sizes are counted first: one may be larger than all others.
    fn fill(&self, sample: &str) -> [String; 5] {
        let Self { table, columns, rows, bytes, .. } = self;
        let columns: Vec<_> = columns.iter().map(|name| format!("`{}`", name.replace('`', "``"))).collect();
        let lengths: Vec<_> =
            columns.iter().map(|name| format!(" + IFNULL(OCTET_LENGTH({name}), 0)")).collect();
        let length = lengths.concat();
        let (columns, from) = (columns.join(", "), table.quoted());
        let insert = format!("INSERT INTO {sample} ({columns}) SELECT {columns} FROM {from} LIMIT ");
        [
            format!(
                "SET @fit = (SELECT COUNT(*) FROM (SELECT SUM(a_length) OVER (ROWS UNBOUNDED PRECEDING) AS upto FROM (SELECT 0{length} AS a_length FROM {from} LIMIT {rows}) AS one) AS each_one WHERE upto <= {bytes})"
            ),
            "SHOW ERRORS".into(),
            format!("EXECUTE IMMEDIATE CONCAT({}, GREATEST(@fit, 1))", literal(&insert)),
            "SHOW ERRORS".into(),
            format!("SELECT 'sampled', COUNT(*) FROM {sample}"),
        ]
    }
}

/// Microseconds.
fn clock(what: &str) -> String {
    format!("SELECT 'clock', '{what}', TIMESTAMPDIFF(MICROSECOND, '2020-01-01', SYSDATE(6))")
}

/// Bytes of the sample's files; partitions have one each.
fn size(what: &str, scratch: &str) -> String {
    let (name, parts) = (format!("{scratch}/sample"), format!("{scratch}/sample#"));
    format!(
        "SELECT '{what}', SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME = '{name}' OR LEFT(NAME, {}) = '{parts}' HAVING COUNT(*) > 0",
        parts.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client would take a part of one for a command of its own.
    #[test]
    fn each_statement_is_one_line_of_its_own() {
        let sampling = Sampling {
            table: "shop.orders".parse().expect("a table"),
            change: "FORCE".parse().expect("a change"),
            algorithm: Algorithm::Copy,
            columns: vec!["id".into(), "it's".into()],
            rows: 5,
            bytes: 9,
        };
        let lines = sampling.script("galactl_alter_0123456789abcdef");
        for line in &lines {
            assert!(!line.contains(['\n', ';', '\\']), "{line}");
        }
        let insert = "SELECT `id`, `it''s` FROM `shop`.`orders` LIMIT ', GREATEST(@fit, 1))";
        assert!(lines.iter().any(|line| line.ends_with(insert)), "{lines:?}");
    }
}
