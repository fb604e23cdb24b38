//! Names of what is in databases, and how they are shown.

use std::fmt;

use crate::kernel::inventory::text::visible;

/// Databases that the server keeps for itself.
pub const OF_THE_SERVER: [&str; 4] = ["mysql", "information_schema", "performance_schema", "sys"];

/// The name of something in a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub schema: String,
    pub name: String,
}

impl Default for Name {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Name {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    pub fn is_of_the_server(&self) -> bool {
        OF_THE_SERVER.iter().any(|own| own.eq_ignore_ascii_case(&self.schema))
    }

    /// As SQL reads it.
    pub fn quoted(&self) -> String {
        match self.schema.as_str() {
            "" => quoted(&self.name),
            schema => format!("{}.{}", quoted(schema), quoted(&self.name)),
        }
    }
}

/// `shop.orders`, as it is shown.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.schema.is_empty() {
            write!(f, "{}.", shown(&self.schema))?;
        }
        f.write_str(&shown(&self.name))
    }
}

impl From<&Name> for String {
    fn from(name: &Name) -> Self {
        name.to_string()
    }
}

/// A text of users. A terminal obeys control characters, so that they are spelt out.
pub fn shown(text: &str) -> String {
    visible(text).into_owned()
}

/// A name as SQL reads it. It may be a keyword, such as `order`, so that it is always quoted.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_always_quoted() {
        for (name, wanted) in [("order", "`order`"), ("a b", "`a b`"), ("a`b", "`a``b`"), ("1a", "`1a`")] {
            assert_eq!(quoted(name), wanted);
        }
        assert_eq!(Name::new("shop", "a\u{1b}").to_string(), r"shop.a\u{1b}");
    }
}
