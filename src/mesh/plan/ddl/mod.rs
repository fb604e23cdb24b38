//! One file of statements on all nodes, in an order in which replication goes on.
//!
//! A node that gets a change with a column which it does not have stops. So while only some nodes have a column, none sends it:
//! each sends a list of columns without it, before the first node changes, until all have changed.

mod parts;
mod statement;

use super::begin::begin;
use super::no_plan::refuse;
use super::{Command, NoPlan, NodeAction, Plan, Step};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::plan::Width;
use crate::mesh::facts::{Database, HostFacts, Table};
use crate::mesh::inventory::{self, Node};
use crate::mesh::judge::{Basis, codes, links, reach};
use crate::mesh::model::DatabaseName;
use crate::mesh::statements::{Sending, TableName, new_sequences, no_null, table as sql_name, trigger};
use statement::{Does, Refused, Written, beginning, is_wider};

/// Plans a file of statements on all nodes.
///
/// Errors: every reason not to go on.
pub fn ddl(basis: &Basis<'_>, database: &DatabaseName, text: &str) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    let nodes: Vec<_> = basis.members();
    let apart = basis.nodes().filter(|(node, facts)| !basis.is_member(node, facts) || facts.live().is_none());
    let apart = apart.map(|(node, _)| {
        let next = Remedy::galactl("status", &[]).and(" shows how it is");
        Finding::new(codes::NOT_MEMBER, "it is no member that answers", next).on(&node.name)
    });
    refuse(apart.collect())?;
    refuse(links::findings(basis))?;
    let finding = |why: Refused| Finding::new(codes::DDL, why.what, why.instead);
    let statements =
        statement::read(text).map_err(|wrong| NoPlan::Refused(wrong.into_iter().map(finding).collect()))?;
    let own = basis.inventory.databases.iter().find(|it| &it.name == database);
    let Some(own) = own else { return Err(NoPlan::Refused(Vec::new())) };
    let work = Work { basis, own, nodes, statements: &statements };
    refuse(work.refusals())?;
    let drops = statements.iter().any(|it| matches!(it.does, Does::DropTable { .. }));
    let command = Command::Ddl { database: database.clone(), text: text.to_owned(), drops };
    let mut plan = begin(basis, command);
    for (number, statement) in statements.iter().enumerate() {
        work.plan(&mut plan, number + 1, statement);
    }
    Ok(plan)
}

struct Work<'a> {
    basis: &'a Basis<'a>,
    own: &'a inventory::Database,
    nodes: Vec<(&'a Node, &'a HostFacts)>,
    statements: &'a [Written],
}

impl Work<'_> {
    fn database(&self, facts: &HostFacts) -> Database {
        facts.database(&self.own.name).cloned().unwrap_or_default()
    }

    fn refusals(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut changed: Vec<&TableName> = Vec::new();
        for written in self.statements {
            let (table, why) = match &written.does {
                Does::Again => continue,
                Does::Index { table, concurrently, .. } => {
                    found.extend(self.index(table, *concurrently).map(|why| refusal(written, why)));
                    continue;
                }
                Does::CreateTable { table, key } | Does::CreatePartitioned { table, key } => {
                    (table, self.new_table(key))
                }
                Does::CreatePartition { table, of } => (table, self.new_partition(written, of)),
                Does::NotNull { table, .. } => (table, self.known(table)),
                Does::AddColumn { table, .. } => (table, self.known(table).or_else(|| self.alone(table))),
                Does::DropColumn { table, column } => {
                    let why = self.known(table).or_else(|| self.alone(table));
                    (table, why.or_else(|| self.in_key(table, column)))
                }
                Does::Widen { table, column, to } => {
                    let why = self.known(table).or_else(|| self.alone(table));
                    (table, why.or_else(|| self.narrows(table, column, to)))
                }
                Does::DropTable { table } => (table, None),
            };
            let twice = changed.contains(&table).then(|| Refused {
                what: "the file changes this table twice".into(),
                instead: "write the second change into a file of its own, and run that later".into(),
            });
            changed.push(table);
            found.extend(why.or(twice).map(|why| refusal(written, why)));
        }
        found
    }

    fn new_table(&self, key: &[String]) -> Option<Refused> {
        let column = self.basis.inventory.conflicts.column.as_ref()?;
        (!key.contains(column)).then(|| Refused {
            what: format!("the primary key has no column {column}, which says to which region a row belongs"),
            instead: format!("put {column} into the primary key"),
        })
    }

    fn known(&self, name: &TableName) -> Option<Refused> {
        let lacks: Vec<_> =
            self.nodes.iter().filter(|(_, facts)| self.table(facts, name).is_none()).collect();
        let (node, _) = lacks.first()?;
        Some(Refused {
            what: format!("{} has no table {}.{} in database {}", node.name, name.0, name.1, self.own.name),
            instead: "correct the name; it is taken as schema.name, or as one of schema public".into(),
        })
    }

    fn in_key(&self, name: &TableName, column: &str) -> Option<Refused> {
        let table = self.nodes.iter().find_map(|(_, facts)| self.table(facts, name))?;
        table.key.iter().any(|it| it == column).then(|| Refused {
            what: "the column is in the primary key, by which nodes find a row".into(),
            instead: "make a new table, and move the rows by the application".into(),
        })
    }

    fn narrows(&self, name: &TableName, column: &str, to: &str) -> Option<Refused> {
        let kinds = self.nodes.iter().filter_map(|(_, facts)| kind(&self.table(facts, name)?, column));
        let narrow = kinds.into_iter().find(|from| !is_wider(from, to))?;
        Some(Refused {
            what: format!("{to} does not hold all values of {narrow}"),
            instead: "add a new column, fill it by the application, and drop the old one later".into(),
        })
    }

    fn plan(&self, plan: &mut Plan, number: usize, written: &Written) {
        let sql = format!("{};\n", written.sql);
        match &written.does {
            Does::CreateTable { table, .. } => self.create_table(plan, number, (table, table), &sql),
            Does::CreatePartition { table, of } => self.create_table(plan, number, (table, of), &sql),
            Does::CreatePartitioned { table, .. } => {
                self.everywhere(plan, number, &sql, |facts| self.table(facts, table).is_none());
            }
            Does::AddColumn { table, column } => self.column(plan, number, (table, column), &sql, true),
            Does::DropColumn { table, column } => self.column(plan, number, (table, column), &sql, false),
            Does::DropTable { table } => self.drop_table(plan, number, table, &sql),
            Does::Widen { table, column, to } => {
                plan.consequences.push(format!("{}.{} may be written anew on each node, and clients wait for it meanwhile; only write larger values once this is done", table.0, table.1));
                self.everywhere(plan, number, &sql, |facts| {
                    let from = self.table(facts, table).and_then(|it| kind(&it, column));
                    from.is_none_or(|from| !is_wider(to, &from))
                });
            }
            Does::NotNull { table, column } => {
                plan.consequences.push(format!("from now on no client may write a NULL into {}.{}.{column}: it would stop the other nodes", table.0, table.1));
                let check = no_null(table, column);
                self.stage(plan, number, "no-null", "See that no NULL is there", &check, |_| true);
                self.everywhere(plan, number, &sql, |facts| {
                    self.table(facts, table)
                        .and_then(|it| definition(&it, column))
                        .is_some_and(|it| !it.contains(" NOT NULL"))
                });
            }
            Does::Index { name, concurrently, .. } => {
                let full = format!("{}.{}", name.0, name.1);
                let missing = |facts: &HostFacts| !self.database(facts).indexes.contains(&full);
                let steps = self.nodes.iter().filter(|(_, facts)| missing(facts)).map(|(node, _)| {
                    let action = self.action(number, "change", &sql, *concurrently);
                    Step::new(*node, action, "an index is a node's own matter")
                });
                plan.stage(&beginning(&sql), Width::Serial, steps.collect());
            }
            Does::Again => self.everywhere(plan, number, &sql, |_| true),
        }
    }

    fn action(&self, number: usize, what: &str, sql: &str, alone: bool) -> NodeAction {
        NodeAction::Ddl {
            number,
            what: what.to_owned(),
            database: self.own.name.clone(),
            statements: sql.to_owned(),
            alone,
        }
    }

    /// The statement on each node that needs it, one after the other.
    fn everywhere(&self, plan: &mut Plan, number: usize, sql: &str, needs: impl Fn(&HostFacts) -> bool) {
        self.stage(plan, number, "change", &beginning(sql), sql, needs);
    }

    fn stage(
        &self,
        plan: &mut Plan,
        number: usize,
        what: &str,
        title: &str,
        sql: &str,
        needs: impl Fn(&HostFacts) -> bool,
    ) {
        let needing = self.nodes.iter().filter(|(_, facts)| needs(facts));
        let step = |(node, _): &(&Node, &HostFacts)| {
            Step::new(*node, self.action(number, what, sql, false), "replication carries no definitions")
        };
        plan.stage(title, Width::Serial, needing.map(step).collect());
    }

    /// Steps whose statements are other ones on each node.
    fn each(
        &self,
        plan: &mut Plan,
        (number, what, title): (usize, &str, &str),
        why: &str,
        sql: impl Fn(&Node, &HostFacts) -> Option<String>,
    ) {
        let step = |(node, facts): &(&Node, &HostFacts)| {
            Some(Step::new(*node, self.action(number, what, &sql(node, facts)?, false), why))
        };
        plan.stage(title, Width::Serial, self.nodes.iter().filter_map(step).collect());
    }

    fn sent(&self, plan: &mut Plan, number: usize) {
        let step = |(node, _): &(&Node, &HostFacts)| {
            let action = NodeAction::AwaitSent { number, database: self.own.name.clone() };
            Step::new(*node, action, "changes that were written before may still be on their way")
        };
        plan.stage("Wait for the readers", Width::Serial, self.nodes.iter().map(step).collect());
    }

    fn sending<'b>(&'b self, node: &'b Node, name: &'b TableName) -> Sending<'b> {
        Sending { inventory: self.basis.inventory, node, database: &self.own.name, table: name }
    }

    /// `whole`: the table that it is a part of, or itself.
    fn create_table(
        &self,
        plan: &mut Plan,
        number: usize,
        (name, whole): (&TableName, &TableName),
        sql: &str,
    ) {
        self.everywhere(plan, number, sql, |facts| self.table(facts, name).is_none());
        if !self.is_wanted(name, whole) {
            plan.consequences
                .push(format!("{}.{} is not sent, because the inventory excepts it", name.0, name.1));
            return;
        }
        plan.consequences.push(format!(
            "only write to {}.{} once this is done: earlier rows may stay on their node",
            name.0, name.1
        ));
        let is_sent = |facts: &HostFacts| self.table(facts, name).is_some_and(|it| it.sent);
        let column = self.basis.inventory.conflicts.column.as_deref();
        let step = self.basis.inventory.sequence_step;
        self.each(
            plan,
            (number, "send", "Send the table"),
            "each node says itself what it sends",
            |node, facts| {
                if is_sent(facts) {
                    return None;
                }
                let own = self.database(facts).member(&node.name).map(|it| it.number)?;
                let regions = column.map(|column| trigger(name, column)).unwrap_or_default();
                Some(regions + &new_sequences(own, step) + &self.sending(node, name).begin(None))
            },
        );
        // Whether a native reader has been told is not seen, so it is told again.
        let steps = self.nodes.iter().filter_map(|(node, _)| {
            let sql = self.sending(node, name).refresh(self.basis.inventory);
            let action = self.action(number, "read", &sql, true);
            (!sql.is_empty())
                .then(|| Step::new(*node, action, "a reader learns of new tables when it is told"))
        });
        plan.stage("Read the table", Width::Serial, steps.collect());
    }

    /// A column comes (`adds`) or goes.
    fn column(
        &self,
        plan: &mut Plan,
        number: usize,
        (name, column): (&TableName, &str),
        sql: &str,
        adds: bool,
    ) {
        let has =
            |facts: &HostFacts| self.table(facts, name).and_then(|it| definition(&it, column)).is_some();
        let to_change = |facts: &HostFacts| has(facts) != adds;
        let changes = self.nodes.iter().any(|(_, facts)| to_change(facts));
        if changes {
            plan.consequences.push(match adds {
                true => format!("only write {column} once this is done: earlier values are not sent"),
                false => format!("the application must not use {column} any more: what is written into it is not sent, and its values are lost"),
            });
            self.each(
                plan,
                (number, "narrow", "Send a list of columns without it"),
                "a change with a column that a node does not have stops it",
                |node, facts| self.narrow(node, facts, name, column),
            );
            if !adds {
                self.sent(plan, number);
            }
            self.everywhere(plan, number, sql, to_change);
        }
        self.each(
            plan,
            (number, "widen", "Send all columns"),
            "all nodes have the same columns by now",
            |node, facts| self.widen(node, facts, name, changes),
        );
    }

    fn drop_table(&self, plan: &mut Plan, number: usize, name: &TableName, sql: &str) {
        let there = |facts: &HostFacts| self.table(facts, name).is_some();
        if !self.nodes.iter().any(|(_, facts)| there(facts)) {
            return;
        }
        plan.consequences.push(format!("DISCARDED on all nodes: all rows of {}", sql_name(name)));
        self.each(
            plan,
            (number, "end", "Send nothing of it any more"),
            "a change of a table that a node does not have stops it",
            |node, facts| self.end(node, facts, name),
        );
        self.sent(plan, number);
        self.everywhere(plan, number, sql, there);
    }
}

fn refusal(written: &Written, why: Refused) -> Finding {
    Finding::new(codes::DDL, format!("{}: {}", beginning(&written.sql), why.what), why.instead)
}

/// `name type …` of a column.
fn definition(table: &Table, column: &str) -> Option<String> {
    let rest = table.columns.iter().find_map(|it| it.strip_prefix(column)?.strip_prefix(' '))?;
    Some(format!("{rest} "))
}

fn kind(table: &Table, column: &str) -> Option<String> {
    let text = definition(table, column)?;
    let end = [" NOT NULL", " DEFAULT "].iter().filter_map(|word| text.find(word)).min();
    Some(text[..end.unwrap_or(text.len())].trim().to_owned())
}
