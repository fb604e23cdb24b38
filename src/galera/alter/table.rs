//! The name of a table, which travels into SQL.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// Schemas that belong to the server.
const OF_SERVER: [&str; 4] = ["mysql", "sys", "information_schema", "performance_schema"];
/// The longest identifier that MariaDB has, in characters.
const LONGEST: usize = 64;

/// A table of a user, as `schema.table`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Table {
    pub schema: String,
    pub name: String,
}

impl FromStr for Table {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Some((schema, name)) = text.split_once('.') else {
            return Err(Invalid::new("is not written as schema.table, for example shop.orders"));
        };
        for part in [schema, name] {
            checked(part)?;
        }
        match OF_SERVER.contains(&schema.to_lowercase().as_str()) {
            true => Err(Invalid::new("is a table of the server itself")),
            false => Ok(Self { schema: schema.to_owned(), name: name.to_owned() }),
        }
    }
}

/// A name between backquotes holds everything but those. A backslash would be a command to MariaDB's client.
fn checked(name: &str) -> Result<(), Invalid> {
    let unfit = |c: char| c.is_control() || "`\\./'\"".contains(c);
    if name.is_empty() || name.chars().count() > LONGEST || name.trim() != name || name.contains(unfit) {
        return Err(Invalid::new("has a part that is no name of a schema or table that galactl can use"));
    }
    Ok(())
}

impl Table {
    /// As it stands in SQL.
    pub fn quoted(&self) -> String {
        format!("`{}`.`{}`", self.schema, self.name)
    }

    /// A table of this name in another schema.
    pub fn in_schema(&self, schema: &str) -> Self {
        Self { schema: schema.to_owned(), name: self.name.clone() }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

impl TryFrom<String> for Table {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Table> for String {
    fn from(table: Table) -> Self {
        table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_schema_and_is_not_the_servers() {
        assert_eq!("shop.orders".parse::<Table>().map(|it| it.quoted()), Ok("`shop`.`orders`".into()));
        for text in
            ["orders", "", "shop.", ".orders", "a.b.c", "mysql.user", "Sys.x", "shop.o`x", "shop.a\\b"]
        {
            assert!(text.parse::<Table>().is_err(), "{text}");
        }
    }
}
