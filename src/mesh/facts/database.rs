//! What a database of a mesh is like on one node.

use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;
use crate::postgresql::Lsn;

/// A database of the inventory on one node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Database {
    /// Encoding, collation and character type, which are one on all nodes.
    pub locale: String,
    /// The rows of galactl's own table; `None`: there is none.
    pub members: Option<Vec<Member>>,
    /// Tables of users, those that are sent and others.
    pub tables: Vec<Table>,
    /// Tables whose rows are in partitions, which are among `tables`.
    pub partitioned: Vec<Table>,
    pub sequences: Vec<Sequence>,
    /// Tables of which only some columns are sent: `schema.name`.
    pub listed: Vec<String>,
    /// Indexes that are in use: `schema.name`.
    pub indexes: Vec<String>,
    /// Publications that are not galactl's.
    pub publications: Vec<String>,
    /// The version of the extension pglogical; `None`: it is not there.
    pub pglogical: Option<String>,
    /// What pglogical calls this node.
    pub pglogical_node: Option<String>,
    /// From whom this node reads: native subscriptions, or pglogical's.
    pub subscriptions: Vec<Subscription>,
    /// How far changes of others have been applied.
    pub origins: Vec<Origin>,
}

/// A row of galactl's own table, which is sent to all nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub mesh: String,
    pub number: u16,
    pub region: Option<String>,
}

/// A user's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub schema: String,
    pub name: String,
    /// The columns of the primary key, in its order; empty: it has none.
    pub key: Vec<String>,
    /// Every column as `name type`, in their order, with NOT NULL, default and generation as PostgreSQL writes them.
    pub columns: Vec<String>,
    /// Unique keys beside the primary key, and exclusion constraints.
    pub unique: Vec<UniqueKey>,
    #[serde(default)]
    pub references: Vec<ForeignKey>,
    /// Triggers that fire where changes of other nodes are applied, too.
    #[serde(default)]
    pub triggers: Vec<String>,
    /// Its changes are sent.
    pub sent: bool,
    /// It survives no crash, and sends nothing.
    pub unlogged: bool,
    /// The digest of the merge function that its trigger calls; `None`: it has none.
    #[serde(default)]
    pub merge: Option<String>,
    /// By what a row is found on another node: `key`, `full`, `nothing`, or the name of another index than the primary key's.
    #[serde(default = "key")]
    pub identity: String,
    /// The table whose partition it is, of several levels the outermost one: `schema.name`.
    #[serde(default)]
    pub root: Option<String>,
}

fn key() -> String {
    "key".into()
}

/// What lets no two rows have one value, or in an exclusion constraint no two that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UniqueKey {
    pub name: String,
    /// Without its expressions.
    pub columns: Vec<String>,
    pub exclusion: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub name: String,
    pub columns: Vec<String>,
    /// The table that it points to: `schema.name`.
    pub to: String,
    /// `CASCADE`, `SET NULL` or `SET DEFAULT`; empty: the row that is pointed to cannot be deleted.
    pub on_delete: String,
    pub on_update: String,
}

impl Table {
    /// Columns that PostgreSQL computes from others.
    pub fn generated(&self) -> impl Iterator<Item = &str> {
        let computed = self.columns.iter().filter(|column| column.ends_with(" s"));
        computed.filter_map(|column| column.split(' ').next())
    }

    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// A user's sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub schema: String,
    pub name: String,
    pub increment: i64,
    /// The next number that it gives.
    pub next: i64,
    pub last: i64,
    /// The column that it belongs to, or whose default it is.
    #[serde(default)]
    pub owner: Option<Owner>,
}

/// A column that takes a sequence's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `schema.table.column`
    pub column: String,
    /// Its type, such as `integer`.
    pub kind: String,
}

/// From whom a node reads changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub name: String,
    /// Its slot at the provider.
    pub slot: Option<String>,
    pub state: SubscriptionState,
    /// Tables that are not in step yet.
    pub unsettled: u64,
    /// Apply errors so far; `None`: the method does not count them.
    pub errors: Option<u64>,
    /// The connection string, which holds no password.
    pub connection: String,
    /// Which worker it is to the log: `16386:3670811681` of pglogical, `pg_16707` of native replication.
    #[serde(default)]
    pub worker: String,
    /// How far the provider's changes have been applied, by its own WAL; `None`: none was yet.
    #[serde(default)]
    pub applied: Option<Lsn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionState {
    /// Changes are read and applied.
    Replicating,
    /// It copies tables first.
    Initializing,
    /// It is on, and no worker runs.
    Down,
    /// Somebody has switched it off, or an error has.
    Disabled,
}

/// How far the changes of one provider have been applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub name: String,
    pub applied: Option<Lsn>,
}

impl Database {
    pub fn member(&self, node: &NodeName) -> Option<&Member> {
        self.members.iter().flatten().find(|member| member.name == node.as_str())
    }

    pub fn subscription(&self, name: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.name == name)
    }

    pub fn table(&self, schema: &str, name: &str) -> Option<&Table> {
        self.tables.iter().find(|it| it.schema == schema && it.name == name)
    }

    /// A table whose rows are in partitions.
    pub fn partitioned(&self, schema: &str, name: &str) -> Option<&Table> {
        self.partitioned.iter().find(|it| it.schema == schema && it.name == name)
    }

    /// Where the rows of a table are: the table itself, or its partitions.
    pub fn parts<'a>(&'a self, schema: &str, name: &str) -> impl Iterator<Item = &'a Table> {
        let name = format!("{schema}.{name}");
        self.tables.iter().filter(move |it| it.full_name() == name || it.root.as_ref() == Some(&name))
    }
}
