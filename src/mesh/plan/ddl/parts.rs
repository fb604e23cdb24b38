//! Tables whose rows are in partitions: what changes is the whole table, and what is sent are its partitions.

use super::statement::{Refused, Written};
use super::{Node, Work};
use crate::mesh::facts::{HostFacts, Table};
use crate::mesh::statements::TableName;

impl Work<'_> {
    /// A table of this name, with rows of its own or with partitions.
    pub(super) fn table(&self, facts: &HostFacts, name: &TableName) -> Option<Table> {
        let database = self.database(facts);
        database.table(&name.0, &name.1).or_else(|| database.partitioned(&name.0, &name.1)).cloned()
    }

    /// The table itself or its partitions, as far as they are sent; and whether only some columns are.
    fn sent_parts(&self, facts: &HostFacts, name: &TableName) -> Vec<(Table, bool)> {
        let database = self.database(facts);
        let sent = database.parts(&name.0, &name.1).filter(|part| part.sent);
        sent.map(|part| (part.clone(), database.listed.contains(&part.full_name()))).collect()
    }

    /// Sends all columns but this one, where all are sent.
    pub(super) fn narrow(
        &self,
        node: &Node,
        facts: &HostFacts,
        name: &TableName,
        column: &str,
    ) -> Option<String> {
        let parts = self.sent_parts(facts, name).into_iter().filter(|(_, listed)| !listed);
        some(parts.map(|(part, _)| {
            let names = part.columns.iter().filter_map(|it| it.split(' ').next()).map(str::to_owned);
            let names: Vec<_> = names.filter(|it| it != column).collect();
            self.sending(node, &(part.schema, part.name)).again(Some(&names))
        }))
    }

    /// Sends all columns. `all`: also where nothing tells that only some are sent.
    pub(super) fn widen(
        &self,
        node: &Node,
        facts: &HostFacts,
        name: &TableName,
        all: bool,
    ) -> Option<String> {
        let parts = self.sent_parts(facts, name).into_iter().filter(|(_, listed)| all || *listed);
        some(parts.map(|(part, _)| self.sending(node, &(part.schema, part.name)).again(None)))
    }

    /// Sends nothing of it any more.
    pub(super) fn end(&self, node: &Node, facts: &HostFacts, name: &TableName) -> Option<String> {
        let parts = self.sent_parts(facts, name).into_iter();
        some(parts.map(|(part, _)| self.sending(node, &(part.schema, part.name)).end()))
    }

    /// The inventory wants its rows on all nodes.
    pub(super) fn is_wanted(&self, name: &TableName, whole: &TableName) -> bool {
        let names = [name, whole];
        names.iter().any(|(schema, name)| self.own.lists(schema, name))
            && !names.iter().any(|(schema, name)| self.own.excepts(schema, name))
    }

    /// Columns of a partition are those of the whole table.
    pub(super) fn alone(&self, name: &TableName) -> Option<Refused> {
        let table = self.nodes.iter().find_map(|(_, facts)| self.table(facts, name))?;
        let root = table.root?;
        Some(Refused {
            what: format!("{}.{} is a partition of {root}, and has its columns", name.0, name.1),
            instead: format!("write ALTER TABLE {root}: that changes all partitions"),
        })
    }

    /// A partition of a table that all nodes have, with rows of its own.
    pub(super) fn new_partition(&self, written: &Written, of: &TableName) -> Option<Refused> {
        let is_whole = |facts: &HostFacts| {
            let known = self.database(facts).partitioned(&of.0, &of.1).cloned();
            known.is_some_and(|it| it.root.is_none())
        };
        let lacks = self.nodes.iter().find(|(_, facts)| !is_whole(facts));
        let is_made_before = self
            .statements
            .iter()
            .take_while(|it| *it != written)
            .any(|it| matches!(&it.does, super::Does::CreatePartitioned { table, .. } if table == of));
        let (node, _) = lacks.filter(|_| !is_made_before)?;
        Some(Refused {
            what: format!("{} has no partitioned table {}.{} that is no partition itself", node.name, of.0, of.1),
            instead: "correct the name; it is taken as schema.name, or as one of schema public; partitions of partitions are made on each node with psql".into(),
        })
    }

    /// PostgreSQL makes no index of a whole table so.
    pub(super) fn index(&self, name: &TableName, concurrently: bool) -> Option<Refused> {
        let is_whole = |facts: &HostFacts| self.database(facts).partitioned(&name.0, &name.1).is_some();
        let whole = concurrently && self.nodes.iter().any(|(_, facts)| is_whole(facts));
        whole.then(|| Refused {
            what: format!("{}.{} is partitioned, and PostgreSQL makes no index of it CONCURRENTLY", name.0, name.1),
            instead: "write a CREATE INDEX CONCURRENTLY for each partition first; then CREATE INDEX of the whole table takes those, and is done at once".into(),
        })
    }
}

fn some(statements: impl Iterator<Item = String>) -> Option<String> {
    let text: String = statements.collect();
    (!text.is_empty()).then_some(text)
}
