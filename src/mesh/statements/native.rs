//! A mesh of PostgreSQL's own logical replication, tried with version 17.

use super::{TableName, connection, own_table_name, row_filter, table};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{DatabaseName, Link, Method, PUBLICATION};
use crate::postgresql::Lsn;
use crate::postgresql::sql::{identifier, literal};

/// The statements of one database.
#[derive(Debug, Clone, Copy)]
pub struct Native<'a> {
    pub inventory: &'a Inventory,
    pub database: &'a DatabaseName,
}

impl Native<'_> {
    /// Sends these tables, and of tables whose rows belong to regions the node's own rows.
    pub fn open(self, node: &Node, tables: &[TableName]) -> String {
        let filter = match (&self.inventory.conflicts.column, &node.region) {
            (Some(column), Some(region)) => format!(" WHERE ({})", row_filter(column, region)),
            _ => String::new(),
        };
        let publication = identifier(PUBLICATION);
        let mut all = vec![table(&own_table_name())];
        all.extend(tables.iter().map(|name| table(name) + &filter));
        format!(
            "DROP PUBLICATION IF EXISTS {publication};\nCREATE PUBLICATION {publication} FOR TABLE {};\n",
            all.join(", ")
        )
    }

    /// Reads the changes of `provider` from now on.
    pub fn subscribe(self, subscriber: &Node, provider: &Node) -> String {
        self.create(subscriber, provider, "create_slot = true, enabled = true")
    }

    fn create(self, subscriber: &Node, provider: &Node, how: &str) -> String {
        let link = self.link(subscriber, provider);
        let name = identifier(&link.subscription());
        let dsn = literal(&connection(provider, self.inventory.port, self.database));
        let slot = self.slot(subscriber, provider);
        format!(
            "CREATE SUBSCRIPTION {name} CONNECTION {dsn} PUBLICATION {} WITH (slot_name = {slot}, copy_data = false, \
             origin = none, {how});\n",
            identifier(PUBLICATION)
        )
    }

    /// Ends reading the changes of a node. The slot at the provider stays.
    pub fn unsubscribe(self, subscriber: &Node, provider: &Node) -> String {
        let subscription = self.link(subscriber, provider).subscription();
        let (name, known) = (identifier(&subscription), literal(&subscription));
        let if_there = |statement: String| {
            let statement = literal(&statement);
            format!(
                "SELECT {statement} FROM pg_subscription WHERE subname = {known} AND {OF_THIS_DATABASE} \\gexec\n"
            )
        };
        [
            format!("ALTER SUBSCRIPTION {name} DISABLE"),
            format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"),
            format!("DROP SUBSCRIPTION {name}"),
        ]
        .map(if_there)
        .concat()
    }

    /// Turns what was copied from `source` into the beginnings of `joiner`: the source's subscriptions, with how far each of
    /// `others` was applied, become the joiner's. Dropping one would drop the source's slot. `end`: where the copy ends.
    pub fn part(self, joiner: &Node, source: &Node, others: &[&Node], end: Lsn) -> String {
        let mut out = String::new();
        for other in others {
            let old = identifier(&self.link(source, other).subscription());
            let new = identifier(&self.link(joiner, other).subscription());
            out += &format!(
                "ALTER SUBSCRIPTION {old} DISABLE;
ALTER SUBSCRIPTION {old} RENAME TO {new};
ALTER SUBSCRIPTION {new} SET (slot_name = {});\n",
                self.slot(joiner, other)
            );
        }
        out += &self.create(joiner, source, "create_slot = false, enabled = false");
        let (name, end) = (literal(&self.link(joiner, source).subscription()), literal(&end.to_string()));
        out + &format!(
            "SELECT pg_replication_origin_advance('pg_' || oid, {end}) FROM pg_subscription WHERE subname = {name} AND {OF_THIS_DATABASE};\n"
        )
    }

    /// Begins to read, once the node's own server runs.
    pub fn enable(self, joiner: &Node, providers: &[&Node]) -> String {
        let enable = |provider: &&Node| {
            format!(
                "ALTER SUBSCRIPTION {} ENABLE;\n",
                identifier(&self.link(joiner, provider).subscription())
            )
        };
        providers.iter().map(enable).collect()
    }

    /// The name of the slot, quoted.
    pub fn slot(self, subscriber: &Node, provider: &Node) -> String {
        self.link(subscriber, provider).slot(Method::Native)
    }

    fn link<'b>(&'b self, subscriber: &'b Node, provider: &'b Node) -> Link<'b> {
        Link { subscriber: &subscriber.name, provider: &provider.name, database: self.database }
    }
}

/// Tables that a node sends, as JSON: an array of pairs.
pub const SENT: &str = "
SELECT coalesce(jsonb_agg(jsonb_build_array(schemaname, tablename) ORDER BY schemaname, tablename), '[]')
    FROM pg_publication_tables WHERE pubname = 'galactl' AND schemaname <> 'galactl';
";

/// Subscriptions that read, a name a line.
pub const READING: &str = "
SELECT t.subname FROM pg_stat_subscription AS t JOIN pg_subscription AS s ON s.oid = t.subid
    WHERE t.pid IS NOT NULL AND t.relid IS NULL AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
";

/// `pg_subscription` has the rows of all databases of the server, and a subscription is called alike in each.
const OF_THIS_DATABASE: &str = "subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_databases_subscription_of_the_same_name_is_left_alone() {
        let text = "version: 1\nengine: postgresql-mesh\ncluster: {name: shop}\nmethod: native\nconflicts: {strategy: region}\n\
                    databases: [{name: app}, {name: shop}]\nnodes:\n  - {name: pg1, address: 10.7.3.11, region: r1}\n  \
                    - {name: pg2, address: 10.7.3.12, region: r2}\n  - {name: pg3, address: 10.7.3.13, region: r3}\n";
        let (inventory, _) = crate::mesh::inventory::parse(text.as_bytes()).unwrap();
        let native = Native { inventory: &inventory, database: &inventory.databases[0].name };
        let [one, two, three] = &inventory.nodes[..] else { panic!("three nodes") };
        let end = native.unsubscribe(one, two);
        assert_eq!(end.matches("FROM pg_subscription").count(), 3, "{end}");
        assert_eq!(end.matches(OF_THIS_DATABASE).count(), 3, "{end}");
        assert!(native.part(three, one, &[two], "0/1".parse().unwrap()).contains(OF_THIS_DATABASE));
        assert!(READING.contains(OF_THIS_DATABASE));
    }
}
