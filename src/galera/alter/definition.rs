//! A table's definition, as `SHOW CREATE TABLE` prints it.

use super::words::{Piece, outside_of_quotes, pieces};
use crate::kernel::model::sha256;

/// Functions that each node computes for itself, as the server prints them. With digits of a second, the time is one of
/// them: TOI carries whole seconds to the other nodes.
const OF_EACH_NODE: [&str; 17] = [
    "uuid",
    "uuid_v4",
    "uuid_v7",
    "uuid_short",
    "sys_guid",
    "rand",
    "random_bytes",
    "sysdate",
    "nextval",
    "lastval",
    "connection_id",
    "last_insert_id",
    "user",
    "current_user",
    "session_user",
    "system_user",
    "current_role",
];
const TIMES: [&str; 6] =
    ["current_timestamp", "now", "localtimestamp", "utc_timestamp", "curtime", "utc_time"];

/// Digests of a definition. A table's next auto-increment value is not part of it: it moves with each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Of everything.
    pub whole: String,
    /// Without foreign keys, which an empty copy made by `CREATE TABLE … LIKE` does not have.
    pub as_copied: String,
}

impl Definition {
    /// `text`: what `SHOW CREATE TABLE` prints, with real line ends.
    pub fn of(text: &str) -> Self {
        let lines: Vec<_> = lines(text).collect();
        Self { whole: digest(&lines), as_copied: digest(&own(&lines)) }
    }
}

/// What a copy of a table lacks, as lines of the table's definition; foreign keys aside.
pub fn lost_in_copy(table: &str, copy: &str) -> Vec<String> {
    let (table, copy): (Vec<_>, Vec<_>) = (lines(table).collect(), lines(copy).collect());
    own(&table).into_iter().filter(|line| !copy.contains(line)).collect()
}

/// The storage engine; `None` where the text names none.
pub fn engine(text: &str) -> Option<&str> {
    let options = text.lines().find(|line| line.starts_with(')'))?;
    let (_, engine) = options.split_once("ENGINE=")?;
    engine.split(' ').next()
}

pub fn has_primary_key(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("  PRIMARY KEY "))
}

/// A column that is new or computed anew, and that every node would fill with values of its own; its name in backquotes.
pub fn differs_among_nodes<'a>(before: &str, after: &'a str) -> Option<&'a str> {
    let numbered = !has_primary_key(before);
    let old: Vec<_> = before.lines().filter_map(column).collect();
    let new = after.lines().filter_map(column).filter(|(name, rest)| {
        let same = |(other, line): &(&str, &str)| {
            other == name
                && (!rest.contains(" GENERATED ALWAYS AS ")
                    || line.trim_end_matches(',') == rest.trim_end_matches(','))
        };
        !old.iter().any(same)
    });
    new.filter(|(_, rest)| is_of_each_node(rest, numbered)).map(|(name, _)| name).next()
}

/// The name of a column in backquotes, and what follows.
fn column(line: &str) -> Option<(&str, &str)> {
    let text = line.strip_prefix("  ").filter(|text| text.starts_with('`'))?;
    text.split_once("` ").map(|(name, rest)| (&line[2..name.len() + 3], rest))
}

/// `numbered`: numbers are given in an order of each node's own, as where no primary key orders the rows.
fn is_of_each_node(rest: &str, numbered: bool) -> bool {
    let Ok(outside) = outside_of_quotes(rest) else { return false };
    let pieces = pieces(&outside);
    let calls = pieces.windows(3).any(|three| {
        let called = three[1] == Piece::Mark('(');
        called && (three[0].is_one_of(&OF_EACH_NODE) || (three[0].is_one_of(&TIMES) && three[2].is_number()))
    });
    calls
        || pieces.contains(&Piece::Mark('@'))
        || (numbered && pieces.iter().any(|it| it.is("AUTO_INCREMENT")))
}

fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().skip(1).map(normal)
}

fn own(lines: &[String]) -> Vec<String> {
    lines.iter().filter(|line| !line.contains(" FOREIGN KEY ")).cloned().collect()
}

fn digest(lines: &[String]) -> String {
    sha256(lines.iter().fold(String::new(), |text, line| text + line + "\n"))
}

/// A line without the comma that depends on what follows, and without the next auto-increment value.
fn normal(line: &str) -> String {
    let line = line.trim_end_matches(',');
    let Some((before, after)) = line.split_once(" AUTO_INCREMENT=").filter(|_| line.starts_with(')')) else {
        return line.to_owned();
    };
    before.to_owned() + after.trim_start_matches(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4";

    #[test]
    fn rows_do_not_change_a_definition() {
        let later = TABLE.replace("INCREMENT=9", "INCREMENT=1234");
        let empty = TABLE.replace(" AUTO_INCREMENT=9", "").replace("`t`", "`copy`");
        assert_eq!(Definition::of(TABLE), Definition::of(&later));
        assert_eq!(Definition::of(TABLE), Definition::of(&empty));
        assert_ne!(Definition::of(TABLE), Definition::of(&TABLE.replace("int(11)", "bigint(20)")));
        assert_eq!((engine(TABLE), has_primary_key(TABLE)), (Some("InnoDB"), true));
    }

    #[test]
    fn a_copy_has_no_foreign_key() {
        let with = TABLE
            .replace("(`id`)\n)", "(`id`),\n  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)\n)");
        assert_eq!(Definition::of(TABLE).as_copied, Definition::of(&with).as_copied);
        assert_ne!(Definition::of(TABLE).whole, Definition::of(&with).whole);
        assert_eq!(lost_in_copy(&with, TABLE), Vec::<String>::new());
        let elsewhere = format!("{TABLE} DATA DIRECTORY='/srv/'");
        let lost = lost_in_copy(&elsewhere, TABLE);
        assert!(lost.len() == 1 && lost[0].ends_with("DATA DIRECTORY='/srv/'"), "{lost:?}");
    }

    /// As 10.11 prints them.
    #[test]
    fn a_value_that_each_node_computes_makes_the_nodes_differ() {
        let with = |column: &str| TABLE.replace("  PRIMARY", &format!("  `c` {column},\n  PRIMARY"));
        for column in [
            "varchar(36) DEFAULT uuid()",
            "double DEFAULT rand()",
            "datetime(6) DEFAULT sysdate(6)",
            "datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
            "timestamp(3) NOT NULL DEFAULT current_timestamp(3)",
            "varchar(99) DEFAULT (concat('x',user()))",
            "bigint(20) DEFAULT nextval(`shop`.`s`)",
        ] {
            assert_eq!(differs_among_nodes(TABLE, &with(column)), Some("`c`"), "{column}");
            let same = with(column);
            assert_eq!(differs_among_nodes(&same, &same), None, "its rows stay as they are");
        }
        for column in [
            "datetime DEFAULT current_timestamp()",
            "varchar(36) DEFAULT 'uuid()' COMMENT 'rand()'",
            "uuid DEFAULT NULL",
            "int(11) NOT NULL",
        ] {
            assert_eq!(differs_among_nodes(TABLE, &with(column)), None, "{column}");
        }
        let computed = |words: &str| with(&format!("double GENERATED ALWAYS AS ({words}) STORED"));
        assert_eq!(differs_among_nodes(&computed("`id`"), &computed("rand()")), Some("`c`"));
        assert_eq!(differs_among_nodes(&computed("rand()"), &computed("rand()")), None);
        let unordered =
            TABLE.replace("  `id` int(11) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)", "  `a` int(11)");
        assert_eq!(differs_among_nodes(&unordered, TABLE), Some("`id`"));
    }
}
