//! A schema, as far as the rules ask for it. It has two sources: a running server, and a dump.

use std::collections::{BTreeMap, BTreeSet};

use super::log::Large;
use super::name::Name;
use super::token::Token;
use super::written::Written;
use crate::kernel::lint::Unread;
use crate::kernel::model::ServerVersion;

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
    /// Large transactions in the server's logs of statements; `None` where nobody looked.
    pub large: Option<Vec<Large>>,
    /// Which node wrote rows with which value of a column; `None` where nobody asked.
    pub written: Option<(String, Written)>,
    /// What could not be read.
    pub unread: Vec<Unread>,
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
    /// A directory of its own for its rows, or for those of a partition.
    pub directory: Option<String>,
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
