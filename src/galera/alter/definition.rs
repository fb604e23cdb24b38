//! A table's definition, as `SHOW CREATE TABLE` prints it.

use crate::kernel::model::sha256;

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
        let lines: Vec<_> = text.lines().skip(1).map(normal).collect();
        let own = lines.iter().filter(|line| !line.contains(" FOREIGN KEY "));
        Self { whole: digest(lines.iter()), as_copied: digest(own) }
    }
}

fn digest<'a>(lines: impl Iterator<Item = &'a String>) -> String {
    sha256(lines.fold(String::new(), |text, line| text + line + "\n"))
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
    }

    #[test]
    fn a_copy_has_no_foreign_key() {
        let with = TABLE
            .replace("(`id`)\n)", "(`id`),\n  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)\n)");
        assert_eq!(Definition::of(TABLE).as_copied, Definition::of(&with).as_copied);
        assert_ne!(Definition::of(TABLE).whole, Definition::of(&with).whole);
    }
}
