//! A mesh of pglogical. Everything here was tried with 2.4.2 on PostgreSQL 15 and 2.4.5 on 17.

use super::own::GRANTS;
use super::{TableName, connection, local, own_table_name, row_filter, table};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{DatabaseName, Link, Method, REPLICATION_SET};
use crate::postgresql::Lsn;
use crate::postgresql::sql::literal;

/// The statements of one database.
#[derive(Debug, Clone, Copy)]
pub struct Pglogical<'a> {
    pub inventory: &'a Inventory,
    pub database: &'a DatabaseName,
}

impl Pglogical<'_> {
    /// Makes a node of the database, which sends these tables.
    pub fn open(self, node: &Node, tables: &[TableName]) -> String {
        let name = literal(node.name.as_str());
        // Its own worker reaches the database by this; the others have a connection string of their own.
        let dsn = literal(&local(self.inventory.port, self.database));
        let mut out = format!(
            "CREATE EXTENSION IF NOT EXISTS pglogical;
SELECT pglogical.create_node({name}, {dsn}) WHERE NOT EXISTS (SELECT FROM pglogical.local_node);\n"
        );
        out += &self.send(node, &own_table_name(), false);
        for name in tables {
            out += &self.send(node, name, true);
        }
        out + GRANTS
    }

    /// Sends a table; `parted`: only the node's own rows, where rows belong to regions.
    pub fn send(self, node: &Node, name: &TableName, parted: bool) -> String {
        let filter = match (&self.inventory.conflicts.column, &node.region) {
            (Some(column), Some(region)) if parted => literal(&row_filter(column, region)),
            _ => "NULL".into(),
        };
        let (set, relation) = (literal(REPLICATION_SET), literal(&table(name)));
        format!(
            "SELECT pglogical.replication_set_add_table({set}, {relation}, row_filter := {filter})
    WHERE NOT EXISTS (SELECT FROM pglogical.replication_set_table WHERE set_reloid = {relation}::regclass);\n"
        )
    }

    /// Reads the changes of `provider` from where the node's replication origin stands, or from now on where it has none.
    pub fn subscribe(self, subscriber: &Node, provider: &Node, goes_on: bool) -> String {
        let link = self.link(subscriber, provider);
        let name = literal(&link.subscription());
        let dsn = literal(&connection(provider, self.inventory.port, self.database));
        let make = format!(
            "SELECT pglogical.create_subscription({name}, {dsn}, synchronize_structure := false, synchronize_data := false, \
             forward_origins := '{{}}')"
        );
        match goes_on {
            false => format!("{make};\n"),
            // The worker would make its slot anew, and forget how far it is.
            true => format!(
                "BEGIN;
{make} AS made \\gset
UPDATE pglogical.local_sync_status SET sync_status = 'r' WHERE sync_subid = :'made';
COMMIT;\n"
            ),
        }
    }

    /// Ends reading the changes of a node. The slot at the provider goes too, where the provider can be reached.
    pub fn unsubscribe(self, subscriber: &Node, provider: &Node) -> String {
        let name = literal(&self.link(subscriber, provider).subscription());
        format!("SELECT pglogical.drop_subscription({name}, true);\n")
    }

    /// Turns what was copied from `source` into the beginnings of `joiner`: how far each of `others` was applied stays, and
    /// nothing of the source's own replication is left. pglogical is not loaded: dropping its subscriptions as it does would
    /// drop the source's slots. `renames`: the names of replication origins at the source, and here. `own`: the origin for the
    /// source, and where the copy ends.
    pub fn part(self, renames: &[(String, String)], own: (&str, Lsn)) -> String {
        let mut out = String::from("BEGIN;\nSET LOCAL allow_system_table_mods = on;\n");
        for (old, new) in renames {
            let (old, new) = (literal(old), literal(new));
            out += &format!(
                "UPDATE pg_catalog.pg_replication_origin SET roname = {new} WHERE roname = {old};\n"
            );
        }
        let (name, end) = (literal(own.0), literal(&own.1.to_string()));
        out += "DROP EXTENSION pglogical CASCADE;\nCOMMIT;\n";
        out + &format!(
            "SELECT pg_replication_origin_create({name});\nSELECT pg_replication_origin_advance({name}, {end});\n"
        )
    }

    /// The name of the slot, which is that of the replication origin too.
    pub fn slot(self, subscriber: &Node, provider: &Node) -> String {
        self.link(subscriber, provider).slot(Method::Pglogical)
    }

    fn link<'b>(&'b self, subscriber: &'b Node, provider: &'b Node) -> Link<'b> {
        Link { subscriber: &subscriber.name, provider: &provider.name, database: self.database }
    }
}

/// Tables that a node sends, as JSON: an array of pairs.
pub const SENT: &str = "
SELECT coalesce(jsonb_agg(jsonb_build_array(n.nspname, c.relname) ORDER BY n.nspname, c.relname), '[]')
    FROM pglogical.replication_set_table t JOIN pg_class c ON c.oid = t.set_reloid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'galactl';
";

/// Subscriptions that read, a name a line.
pub const READING: &str =
    "SELECT subscription_name FROM pglogical.show_subscription_status() WHERE status = 'replicating';\n";
