//! The parts of a table's definition that decide whether two definitions fit each other.

/// A definition as `SHOW CREATE TABLE` prints it: one line for each part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Names and whole lines.
    pub columns: Vec<(String, String)>,
    /// The columns of the primary key, as they stand between its parentheses.
    pub primary: Option<String>,
    /// The same of each other unique key.
    pub uniques: Vec<String>,
    /// Lines of all other indexes.
    pub indexes: Vec<String>,
    /// Lines of foreign keys, of checks and of periods.
    pub rules: Vec<String>,
    /// What follows the last parenthesis, without the next auto-increment value.
    pub options: String,
    /// Lines behind it.
    pub partitions: Vec<String>,
}

impl Shape {
    pub fn of(definition: &str) -> Self {
        let mut shape = Self::default();
        let mut ended = false;
        for line in definition.lines().skip(1) {
            let line = line.trim().trim_end_matches(',');
            match line.strip_prefix(')') {
                _ if ended => shape.partitions.push(line.to_owned()),
                Some(options) => (shape.options, ended) = (without_next_value(options.trim()), true),
                None => shape.part(line),
            }
        }
        shape
    }

    fn part(&mut self, line: &str) {
        let key = |start: &str| line.strip_prefix(start).map(|_| between_parentheses(line));
        if line.starts_with('`') {
            self.columns.push((name(line), line.to_owned()));
        } else if let Some(columns) = key("PRIMARY KEY") {
            self.primary = Some(columns);
        } else if let Some(columns) = key("UNIQUE KEY") {
            self.uniques.push(columns);
        } else if line.starts_with("CONSTRAINT") || line.starts_with("CHECK") || line.starts_with("PERIOD") {
            self.rules.push(line.to_owned());
        } else {
            self.indexes.push(line.to_owned());
        }
    }

    /// A column's whole line.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns.iter().find(|(other, _)| other == name).map(|(_, line)| line.as_str())
    }

    /// The values of `CHARSET=` and `COLLATE=`, which columns without their own have as well.
    pub fn characters(&self) -> Vec<&str> {
        let named = |word: &&str| word.starts_with("CHARSET=") || word.starts_with("COLLATE=");
        self.options.split(' ').filter(named).collect()
    }
}

/// The name at the start of a line, in backquotes.
fn name(line: &str) -> String {
    let rest = line.trim_start_matches('`').replace("``", "\0");
    rest.split('`').next().unwrap_or_default().replace('\0', "`")
}

fn between_parentheses(line: &str) -> String {
    let from = line.find('(').map_or(0, |at| at + 1);
    line.get(from..line.rfind(')').unwrap_or(line.len())).unwrap_or_default().to_owned()
}

fn without_next_value(options: &str) -> String {
    let words = options.split(' ').filter(|word| !word.starts_with("AUTO_INCREMENT="));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE `t` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `a``b` varchar(9) DEFAULT 'x),',
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`a``b`),
  KEY `k` (`id`,`a``b`(3)),
  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
 PARTITION BY HASH (`id`)
PARTITIONS 2";

    #[test]
    fn each_part_has_its_place() {
        let shape = Shape::of(TABLE);
        let names: Vec<_> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["id", "a`b"]);
        assert_eq!(shape.column("a`b"), Some("`a``b` varchar(9) DEFAULT 'x),'"));
        assert_eq!(shape.primary.as_deref(), Some("`id`"));
        assert_eq!(shape.uniques, ["`a``b`"]);
        assert_eq!(shape.indexes, ["KEY `k` (`id`,`a``b`(3))"]);
        assert_eq!(shape.rules.len(), 1);
        assert_eq!(shape.options, "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin");
        assert_eq!(shape.characters(), ["CHARSET=utf8mb4", "COLLATE=utf8mb4_bin"]);
        assert_eq!(shape.partitions.len(), 2);
        assert_eq!(Shape::of(""), Shape::default());
    }
}
