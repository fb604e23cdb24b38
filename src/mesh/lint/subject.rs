//! What a rule looks at: a database on one node, and what the inventory says of it.

use crate::kernel::lint::{Finding, Rule};
use crate::mesh::facts;
use crate::mesh::facts::{Details, Schema, Table};
use crate::mesh::inventory::{Database, Inventory};
use crate::mesh::model::{Method, Strategy};
use crate::postgresql::sql::identifier;

/// Which mesh the schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub method: Method,
    pub strategy: Strategy,
    /// The column of the primary key that says whose a row is; `None`: it belongs to nobody.
    pub column: Option<&'a str>,
    pub step: u16,
    /// The node is a member already.
    pub member: bool,
}

impl<'a> Place<'a> {
    pub fn of(inventory: &'a Inventory, member: bool) -> Self {
        Self {
            method: inventory.method,
            strategy: inventory.conflicts.strategy,
            column: inventory.conflicts.column.as_deref(),
            step: inventory.sequence_step,
            member,
        }
    }
}

/// A database on one node.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub place: Place<'a>,
    pub database: &'a Database,
    pub told: &'a facts::Database,
    /// What only lint asks; `None`: nobody has asked.
    pub more: Option<&'a Schema>,
}

/// The tables that the inventory wants on all nodes.
pub fn wanted<'a>(told: &'a facts::Database, database: &'a Database) -> impl Iterator<Item = &'a Table> {
    told.tables.iter().filter(|table| is_wanted(table, database))
}

/// A partition goes with the table that it is a part of, and may be named by itself.
fn is_wanted(table: &Table, database: &Database) -> bool {
    let root = table.root.as_deref().and_then(|root| root.split_once('.'));
    let names = root.into_iter().chain([(table.schema.as_str(), table.name.as_str())]);
    let names: Vec<_> = names.collect();
    names.iter().any(|(schema, name)| database.lists(schema, name))
        && !names.iter().any(|(schema, name)| database.excepts(schema, name))
}

impl<'a> Subject<'a> {
    /// The tables that the inventory wants on all nodes.
    pub fn tables(self) -> impl Iterator<Item = &'a Table> {
        wanted(self.told, self.database)
    }

    pub fn is_wanted(self, table: &Table) -> bool {
        is_wanted(table, self.database)
    }

    pub fn details(self, table: &Table) -> Option<&'a Details> {
        self.more?.details(&table.schema, &table.name)
    }

    /// Something of this database, as findings name it: `shop.public.orders`.
    pub fn object(self, name: &str) -> String {
        format!("{}.{name}", self.database.name)
    }

    pub fn finding(
        self,
        rule: Rule,
        name: &str,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        let finding = Finding::new(rule, self.object(name), evidence, fix);
        Finding { part_of: self.whole(name).map(|whole| self.object(&whole)), ..finding }
    }

    /// Where a name is that of a partition, or of a thing of one: the same of the partitioned table.
    fn whole(self, name: &str) -> Option<String> {
        self.told.tables.iter().find_map(|table| {
            let rest = name.strip_prefix(&table.full_name())?;
            let whole = format!("{}{rest}", table.root.as_deref()?);
            (rest.is_empty() || rest.starts_with('.')).then_some(whole)
        })
    }

    /// A statement, and on whom it is to be carried out.
    pub fn statement(self, statement: impl AsRef<str>) -> String {
        let statement = statement.as_ref();
        if self.place.member { format!("on each node: {statement}") } else { statement.to_owned() }
    }

    /// The statement, or the inventory's way out.
    pub fn or_except(self, statement: impl AsRef<str>, table: &Table) -> String {
        let name = table.root.clone().unwrap_or_else(|| table.full_name());
        format!(
            "{}; or leave the table out: `except: [{name}]` for database {} in the inventory",
            self.statement(statement),
            self.database.name
        )
    }
}

/// `"public"."orders"`
pub fn quoted(table: &Table) -> String {
    format!("{}.{}", identifier(&table.schema), identifier(&table.name))
}

/// Names as SQL has them, one behind the other.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(identifier).collect::<Vec<_>>().join(", ")
}
