//! Values that a change of columns makes of itself, and that are not the same on all nodes or not what was there.

use super::shape::Shape;
use super::words::{outside_of_quotes, pieces};

/// Functions whose value is local time, as the server prints them.
const LOCAL_TIME: [&str; 10] = [
    "current_timestamp",
    "now",
    "localtimestamp",
    "localtime",
    "sysdate",
    "curdate",
    "curtime",
    "from_unixtime",
    "unix_timestamp",
    "convert_tz",
];

/// A column whose values the change takes from local time: one that turns into TIMESTAMP or out of it, and a new one with
/// such a default.
pub fn takes_local_time(before: &str, after: &str) -> Option<String> {
    let before = Shape::of(before);
    let mut columns = Shape::of(after).columns.into_iter();
    let found = columns.find(|(name, line)| match before.column(name) {
        Some(old) => {
            is_timestamp(old) != is_timestamp(line) || (is_generated(line) && old != line && is_local(line))
        }
        None => is_local(line) || (is_timestamp(line) && line.contains(" DEFAULT '")),
    });
    found.map(|(name, _)| name)
}

/// A TIMESTAMP that may no longer be NULL: the server puts the time of the change in the place of each NULL, without an
/// error, and each node has other digits of the second. (sql/field_conv.cc: `do_copy_timestamp`)
pub fn fills_nulls(before: &str, after: &str) -> Option<String> {
    let before = Shape::of(before);
    let mut columns = Shape::of(after).columns.into_iter();
    let is_filled = |name: &str, line: &str| {
        is_timestamp(line) && !may_be_null(line) && before.column(name).is_some_and(may_be_null)
    };
    columns.find(|(name, line)| is_filled(name, line)).map(|(name, _)| name)
}

/// What stands behind the name.
fn kind(line: &str) -> &str {
    line.split_once("` ").map_or("", |(_, kind)| kind)
}

fn is_timestamp(line: &str) -> bool {
    let rest = kind(line).strip_prefix("timestamp");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
}

fn is_generated(line: &str) -> bool {
    kind(line).contains(" GENERATED ALWAYS AS ")
}

fn may_be_null(line: &str) -> bool {
    outside_of_quotes(kind(line)).is_ok_and(|outside| !outside.contains(" NOT NULL"))
}

/// A TIMESTAMP keeps the moment itself, wherever it is shown.
fn is_local(line: &str) -> bool {
    let Ok(outside) = outside_of_quotes(kind(line)) else { return false };
    !is_timestamp(line) && pieces(&outside).iter().any(|it| it.is_one_of(&LOCAL_TIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(column: &str) -> String {
        format!(
            "CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  `c` {column},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB"
        )
    }

    fn without() -> String {
        with("int(11)").replace("  `c` int(11),\n", "")
    }

    #[test]
    fn what_depends_on_the_time_zone_is_named() {
        for (before, after) in [
            (with("timestamp NULL DEFAULT NULL"), with("datetime DEFAULT NULL")),
            (with("datetime(6) DEFAULT NULL"), with("timestamp(6) NULL DEFAULT NULL")),
            (with("timestamp NOT NULL DEFAULT current_timestamp()"), with("varchar(30) NOT NULL")),
            (without(), with("timestamp NOT NULL DEFAULT '2026-01-01 00:00:00'")),
            (without(), with("datetime NOT NULL DEFAULT current_timestamp()")),
            (without(), with("date DEFAULT (curdate())")),
        ] {
            assert_eq!(takes_local_time(&before, &after).as_deref(), Some("c"), "{before} {after}");
        }
        for (before, after) in [
            (with("timestamp NULL DEFAULT NULL"), with("timestamp(6) NULL DEFAULT NULL")),
            (with("datetime DEFAULT NULL"), with("datetime DEFAULT current_timestamp()")),
            (without(), with("timestamp NOT NULL DEFAULT current_timestamp()")),
            (without(), with("timestamp NULL DEFAULT NULL")),
            (without(), with("datetime DEFAULT NULL COMMENT 'now'")),
            (with("datetime DEFAULT current_timestamp()"), without()),
        ] {
            assert_eq!(takes_local_time(&before, &after), None, "{before} {after}");
        }
    }

    #[test]
    fn a_null_that_becomes_a_time_is_named() {
        let of = |before: &str, after: &str| fills_nulls(&with(before), &with(after));
        let now = "timestamp(6) NOT NULL DEFAULT current_timestamp(6)";
        assert_eq!(of("timestamp NULL DEFAULT NULL", now).as_deref(), Some("c"));
        assert_eq!(of("datetime DEFAULT NULL COMMENT 'it is NOT NULL'", now).as_deref(), Some("c"));
        assert_eq!(of("timestamp NOT NULL DEFAULT '2026-01-01 00:00:00'", now), None);
        assert_eq!(of("datetime DEFAULT NULL", "datetime NOT NULL"), None, "the server refuses a NULL");
        assert_eq!(fills_nulls(&without(), &with(now)), None);
    }
}
