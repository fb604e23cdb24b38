//! What is to become of a table: the words behind `ALTER TABLE name`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::not_passed_on::why_not;
use super::words::{outside_of_quotes, pieces};
use crate::kernel::model::Invalid;

/// One change, for example `ADD COLUMN note TEXT`: one line, one statement, no comment.
///
/// The text is read by MariaDB's client, which takes a backslash outside of a text for a command of its own and a
/// semicolon for the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Change(String);

impl FromStr for Change {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_end_matches(';').trim_end();
        if text.is_empty() {
            return Err(Invalid::new("says no change"));
        }
        if text.contains('\\') || text.chars().any(|c| c.is_control() && !"\n\t".contains(c)) {
            return Err(Invalid::new(
                "has a backslash or a control character, which galactl does not pass on",
            ));
        }
        let outside = outside_of_quotes(text)?;
        if let Some(mark) = [";", "#", "--", "/*"].into_iter().find(|mark| outside.contains(mark)) {
            let what = if mark == ";" { "more than one statement" } else { "a comment" };
            return Err(Invalid::new(format!("has {what} (`{mark}`)")));
        }
        match why_not(&pieces(&outside)) {
            Some(why) => Err(Invalid::new(why)),
            None => Ok(Self(on_one_line(text))),
        }
    }
}

/// A word at the start of a line may be a command to MariaDB's client.
fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

impl Change {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Change {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Change> for String {
    fn from(change: Change) -> Self {
        change.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_passes() {
        let same = |text: &str| assert_eq!(text.parse::<Change>().as_ref().map(Change::as_str), Ok(text));
        same("ADD COLUMN note TEXT");
        same("ADD COLUMN c CHAR(9) DEFAULT 'a;b#c--', ADD KEY `--` (c)");
        same("ADD COLUMN `lock` INT COMMENT 'it''s ALGORITHM=COPY'");
        same("ADD COLUMN algorithm ENUM('é')");
        assert_eq!(
            " ADD KEY k\n(a) ; ".parse::<Change>().map(|it| it.to_string()),
            Ok("ADD KEY k (a)".into())
        );
    }

    #[test]
    fn what_a_client_would_take_for_something_else_is_refused() {
        for text in [
            "",
            " ; ",
            "FORCE; DROP TABLE t",
            "FORCE # later",
            "FORCE -- later",
            "FORCE /* later */",
            "\\! reboot",
            "ADD COLUMN c CHAR(9) DEFAULT 'a",
            "FORCE\u{0}",
        ] {
            assert!(text.parse::<Change>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_copy_cannot_tell_is_refused_with_its_reason() {
        for (text, reason) in [
            ("ADD KEY k (a), ALGORITHM=COPY", "ALGORITHM"),
            ("FORCE, lock = none", "LOCK"),
            ("FORCE, ALGORITHM COPY", "ALGORITHM"),
            ("ALTER TABLE t FORCE", "whole statement"),
            ("alter online table t FORCE", "whole statement"),
            ("RENAME TO shop.t2", "another name"),
            ("ADD a INT, rename shop.t2", "another name"),
            ("ADD (a INT, b INT), RENAME `t2`", "another name"),
            ("EXCHANGE PARTITION p WITH TABLE shop.t2", "two tables"),
            ("CONVERT TABLE shop.t2 TO PARTITION p VALUES LESS THAN (9)", "two tables"),
            ("CONVERT PARTITION p TO TABLE shop.t2", "two tables"),
            ("DISCARD TABLESPACE", "files"),
            ("import tablespace", "files"),
            ("ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES shop.p (id)", "foreign key"),
            ("ADD COLUMN a INT REFERENCES shop.p (id)", "foreign key"),
            ("DROP FOREIGN KEY f", "foreign key"),
            ("ADD PARTITION PARTITIONS 2", "partitions"),
            ("REMOVE PARTITIONING", "partitions"),
            ("FORCE PARTITION BY HASH (id)", "partitions"),
            ("AUTO_INCREMENT = 900", "AUTO_INCREMENT"),
            ("COMMENT 'x' AUTO_INCREMENT 900", "AUTO_INCREMENT"),
            ("DATA DIRECTORY='/srv'", "directory"),
            ("UNION=(a, b)", "MERGE"),
            ("ADD SYSTEM VERSIONING", "time"),
            ("ADD KEY (a)", "without a name"),
            ("ADD INDEX USING BTREE (a), FORCE", "without a name"),
            ("ADD INDEX IF NOT EXISTS (a, b)", "without a name"),
            ("FORCE, add unique (a)", "without a name"),
            ("ADD UNIQUE KEY (a)", "without a name"),
            ("ADD FULLTEXT INDEX (a)", "without a name"),
            ("ADD VECTOR INDEX (v)", "without a name"),
            ("ADD CHECK (n > 0)", "without a name"),
            ("ADD CONSTRAINT CHECK (n > 0)", "without a name"),
            ("ADD CONSTRAINT UNIQUE KEY (n)", "without a name"),
            ("ADD (b INT, KEY (b))", "without a name"),
            ("MODIFY COLUMN a INT UNIQUE", "without a name"),
            ("ADD COLUMN IF NOT EXISTS a INT UNIQUE", "without a name"),
        ] {
            let why = text.parse::<Change>().map_or_else(|why| why.to_string(), |it| it.to_string());
            assert!(why.contains(reason) && why != text, "{text}: {why}");
        }
    }

    #[test]
    fn words_that_only_look_like_those_pass() {
        for text in [
            "RENAME COLUMN a TO b",
            "RENAME INDEX a TO b, RENAME KEY c TO d",
            "ALTER COLUMN a SET DEFAULT 5",
            "ALTER INDEX k IGNORED",
            "CONVERT TO CHARACTER SET utf8mb4",
            "ADD COLUMN id INT AUTO_INCREMENT PRIMARY KEY",
            "MODIFY id BIGINT AUTO_INCREMENT, FORCE",
            "ADD COLUMN `foreign` INT COMMENT 'RENAME TO x'",
            "DROP COLUMN exchange, DROP INDEX import",
            "DROP SYSTEM VERSIONING",
            "ADD KEY k (a), ADD INDEX `k2` USING BTREE (b), ADD UNIQUE INDEX IF NOT EXISTS u (a)",
            "ADD CONSTRAINT c CHECK (n > 0), ADD CONSTRAINT `u` UNIQUE (n), ADD CONSTRAINT p PRIMARY KEY (id)",
            "ADD PRIMARY KEY (id), ADD FULLTEXT `words` (item), ADD VECTOR INDEX v (e)",
            "ADD COLUMN a INT UNIQUE, ADD COLUMN b INT CHECK (b > 0), ADD vector INT",
            "ADD (b INT, KEY k (b)), MODIFY `unique` INT CHECK (`unique` > 0)",
        ] {
            assert_eq!(text.parse::<Change>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }
}
