//! A schema, as far as the rules ask for it. It has two sources: a running server, and a dump.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::token::Token;
use crate::kernel::inventory::text::visible;
use crate::kernel::model::ServerVersion;

/// Databases that the server keeps for itself.
pub const OF_THE_SERVER: [&str; 4] = ["mysql", "information_schema", "performance_schema", "sys"];

/// What there is in all databases of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Of the server that it is on, or that wrote the dump.
    pub version: Option<ServerVersion>,
    /// That server is MySQL.
    pub of_mysql: bool,
    pub tables: Vec<Table>,
    pub sequences: Vec<Sequence>,
    pub programs: Vec<Program>,
    /// Users (`name@host`) and roles (`name@`) that exist; `None` where that is not known.
    pub accounts: Option<BTreeSet<String>>,
    /// Global variables; `None` where they are not known.
    pub settings: Option<BTreeMap<String, String>>,
    /// Settings that the inventory wants as they are.
    pub wanted: BTreeSet<String>,
    /// Events that other members of the cluster run; `None` where that is not known.
    pub events_elsewhere: Option<BTreeSet<Name>>,
    /// Options of the server's option files that a later release does not know any more.
    pub outdated: Vec<Outdated>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// The name of something in a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub schema: String,
    pub name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub name: Name,
    /// As the server spells it; `InnoDB` where a statement names none.
    pub engine: String,
    pub row_format: String,
    /// The default of its columns.
    pub charset: String,
    pub columns: Vec<Column>,
    pub keys: Vec<Key>,
    pub foreign_keys: Vec<ForeignKey>,
    /// The clause `PARTITION BY …`, in upper case and with single blanks.
    pub partitions: Option<String>,
    /// It keeps its former rows: `WITH SYSTEM VERSIONING`.
    pub versioned: bool,
    /// The next value.
    pub auto_increment: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a word of CREATE TABLE, and they do not exclude each other"
)]
pub struct Column {
    pub name: String,
    /// In lower case, without what stands in brackets: `bigint`.
    pub kind: String,
    /// What stands in brackets, where it is one number.
    pub length: Option<u64>,
    pub unsigned: bool,
    pub nullable: bool,
    pub auto_increment: bool,
    /// Its values come from an expression.
    pub generated: bool,
    pub invisible: bool,
    /// Where it is another one than the table's.
    pub charset: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    Primary,
    Unique,
    Plain,
    Fulltext,
    Spatial,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub kind: KeyKind,
    pub name: String,
    pub parts: Vec<Part>,
}

/// A column in a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub column: String,
    /// Only its beginning is in the key.
    pub prefix: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: String,
    pub columns: Vec<String>,
    pub parent: Name,
    /// `CASCADE`, `SET NULL` …; empty where nothing is said.
    pub on_delete: String,
    pub on_update: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    pub name: Name,
    pub increment: i64,
    pub cache: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProgramKind {
    Event,
    Function,
    Package,
    Procedure,
    Trigger,
    View,
}

/// Something that the server runs with the rights of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub kind: ProgramKind,
    pub name: Name,
    /// Of a trigger.
    pub table: Option<Name>,
    /// `name@host`, for a role `name@`; `None` where it is not told.
    pub definer: Option<String>,
    /// It runs with the rights of whoever calls it.
    pub invoker: bool,
    /// An event that is not switched off.
    pub enabled: bool,
    /// The statements that it runs.
    pub body: Vec<Token>,
}

/// An option that a later release does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    pub option: String,
    /// For example `10.11`.
    pub release: &'static str,
    /// The server does not start with it there; otherwise it only warns.
    pub fatal: bool,
}

/// A part of a schema that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unread {
    /// `dump.sql:12`, or the name of a table.
    pub at: String,
    pub what: String,
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

impl Table {
    pub fn primary_key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.kind == KeyKind::Primary)
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub fn is(&self, engine: &str) -> bool {
        self.engine.eq_ignore_ascii_case(engine)
    }

    /// A key identifies each row: the primary one, or a unique one whose whole columns are NOT NULL. InnoDB takes the
    /// first such key for its clustered index (MariaDB documentation, InnoDB row formats).
    pub fn has_row_key(&self) -> bool {
        let whole = |part: &Part| !part.prefix && self.column(&part.column).is_some_and(|it| !it.nullable);
        let unique = |key: &&Key| key.kind == KeyKind::Unique && key.parts.iter().all(whole);
        self.primary_key().is_some() || self.keys.iter().any(|key| unique(&key))
    }
}

impl Key {
    pub fn has(&self, column: &str) -> bool {
        self.parts.iter().any(|part| part.column.eq_ignore_ascii_case(column))
    }
}

impl ProgramKind {
    /// In SQL and in sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Function => "function",
            Self::Package => "package",
            Self::Procedure => "procedure",
            Self::Trigger => "trigger",
            Self::View => "view",
        }
    }
}

impl Schema {
    /// A setting, where it is known.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.as_ref()?.get(name).map(String::as_str)
    }

    /// What belongs to the server itself is no concern of a user.
    pub fn without_the_servers_own(mut self) -> Self {
        self.tables.retain(|table| !table.name.is_of_the_server());
        self.sequences.retain(|sequence| !sequence.name.is_of_the_server());
        self.programs.retain(|program| !program.name.is_of_the_server());
        self
    }
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
