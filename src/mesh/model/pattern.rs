//! Which tables are meant: `schema.table`, with `*` in place of any letters.

use std::fmt;
use std::str::FromStr;

use crate::kernel::model::{Invalid, one_line};

/// A pattern of the names of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    schema: String,
    table: String,
}

const LONGEST: usize = 130;

impl Pattern {
    pub fn fits(&self, schema: &str, table: &str) -> bool {
        fits(&self.schema, schema) && fits(&self.table, table)
    }

    /// The patterns of the schema and of the table.
    pub fn parts(&self) -> (&str, &str) {
        (&self.schema, &self.table)
    }
}

/// `*` stands for any letters, and for none.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| fits(after, &rest[at..]))
}

impl FromStr for Pattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        one_line(text, LONGEST)?;
        match text.split_once('.') {
            Some((schema, table)) if !schema.is_empty() && !table.is_empty() => {
                Ok(Self { schema: schema.into(), table: table.into() })
            }
            _ => Err(Invalid::new("is no `schema.table`, such as public.orders or public.*")),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, table, wanted) in [
            ("public.*", "orders", true),
            ("public.orders", "orders", true),
            ("public.order", "orders", false),
            ("public.*_log", "a_log", true),
            ("public.*_log", "a_logs", false),
            ("public.a*b*c", "axxbyyc", true),
            ("public.ö*", "öl", true),
        ] {
            assert_eq!(
                pattern.parse::<Pattern>().unwrap().fits("public", table),
                wanted,
                "{pattern} {table}"
            );
        }
        assert!(!"audit.*".parse::<Pattern>().unwrap().fits("public", "t"));
        for bad in ["orders", ".t", "s.", "", "a\n.b"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
    }
}
