//! What a node sends of one table, while the mesh is at work.

use super::{Native, Pglogical, TableName, row_filter, table};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{DatabaseName, Method, PUBLICATION, REPLICATION_SET, subscription};
use crate::postgresql::sql::{identifier, literal};

/// One table of one node.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    pub inventory: &'a Inventory,
    pub node: &'a Node,
    pub database: &'a DatabaseName,
    pub table: &'a TableName,
}

impl Sending<'_> {
    fn filter(self) -> Option<String> {
        let region = self.node.region.as_deref()?;
        Some(row_filter(self.inventory.conflicts.column.as_deref()?, region))
    }

    fn is_native(self) -> bool {
        self.inventory.method == Method::Native
    }

    /// Sends the table; `columns`: only these.
    pub fn begin(self, columns: Option<&[String]>) -> String {
        let name = table(self.table);
        if self.is_native() {
            let list = columns.map(|names| {
                format!(" ({})", names.iter().map(|it| identifier(it)).collect::<Vec<_>>().join(", "))
            });
            let filter = self.filter().map(|filter| format!(" WHERE ({filter})")).unwrap_or_default();
            let publication = identifier(PUBLICATION);
            return format!(
                "ALTER PUBLICATION {publication} ADD TABLE {name}{}{filter};\n",
                list.unwrap_or_default()
            );
        }
        let list = columns.map_or_else(
            || "NULL".to_owned(),
            |names| format!("ARRAY[{}]", names.iter().map(|it| literal(it)).collect::<Vec<_>>().join(", ")),
        );
        let filter = self.filter().map_or_else(|| "NULL".to_owned(), |filter| literal(&filter));
        let (set, relation) = (literal(REPLICATION_SET), literal(&name));
        format!(
            "SELECT pglogical.replication_set_add_table({set}, {relation}, columns := {list}, row_filter := {filter}) \\gset\n"
        )
    }

    /// Sends nothing of it any more.
    pub fn end(self) -> String {
        let name = table(self.table);
        if self.is_native() {
            return format!("ALTER PUBLICATION {} DROP TABLE {name};\n", identifier(PUBLICATION));
        }
        let (set, relation) = (literal(REPLICATION_SET), literal(&name));
        format!("SELECT pglogical.replication_set_remove_table({set}, {relation}) \\gset\n")
    }

    /// Sends it in another way from one transaction to the next.
    pub fn again(self, columns: Option<&[String]>) -> String {
        self.end() + &self.begin(columns)
    }

    /// Lets the node's native subscriptions see which tables there are; pglogical sees it itself.
    pub fn refresh(self, inventory: &Inventory) -> String {
        if !self.is_native() {
            return String::new();
        }
        let refresh = |provider: &Node| {
            let name = identifier(&subscription(&self.node.name, &provider.name));
            format!("ALTER SUBSCRIPTION {name} REFRESH PUBLICATION WITH (copy_data = false);\n")
        };
        inventory.others(&self.node.name).map(refresh).collect()
    }

    /// The slot of a reader, as an expression of SQL.
    pub fn slot_of(inventory: &Inventory, database: &DatabaseName, reader: &Node, provider: &Node) -> String {
        match inventory.method {
            Method::Native => Native { inventory, database }.slot(reader, provider),
            Method::Pglogical | Method::Spock | Method::Bdr => {
                Pglogical { inventory, database }.slot(reader, provider)
            }
        }
    }
}

/// Fails where a row has NULL in a column.
pub fn no_null(name: &TableName, column: &str) -> String {
    let (table, column) = (table(name), identifier(column));
    format!("SELECT count(*) = 0 AS galactl_done FROM (SELECT FROM {table} WHERE {column} IS NULL LIMIT 1) AS one \\gset
\\if :galactl_done\n\\else\n\\echo has-null\n\\endif\n")
}
