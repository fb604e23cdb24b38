//! The first node of a mesh.

use super::Context;
use super::psql::{POSTGRES, ask, run, run_for};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::mesh::inventory::Node;
use crate::mesh::model::{DatabaseName, MESH_PASSWORD, Merge, Method};
use crate::mesh::plan::SentTable;
use crate::mesh::statements::{
    Beyond, Native, Pglogical, TableName, account, enter, merging, own_table, sequences, trigger,
};
use crate::postgresql::sql::{QUIETLY, identifier, literal};

/// A foreign transaction may hold a table for a while.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

/// Whoever waits for a table stands before all that come later. So it does not wait long, and can be done again.
const LOCKS: &str = "SET lock_timeout = '10s';\n";

/// The account with which nodes read each other's changes.
pub async fn give_account(context: &Context, node: &NodeName) -> Outcome {
    let Some(password) = context.secrets.get(MESH_PASSWORD) else {
        return Err(StepError::new(format!("no value for {MESH_PASSWORD}")));
    };
    run(context, node, POSTGRES, &format!("{QUIETLY}{}", account(password))).await?;
    Ok(None)
}

/// Makes a database, where it is not there, and a mesh of one node in it. The node enters itself last, so what was cut off is
/// done again.
pub async fn apply(
    context: &Context,
    node: &NodeName,
    database: &DatabaseName,
    number: u16,
    (tables, merges): (&[SentTable], &[Merge]),
) -> Outcome {
    let (name, known) = (identifier(database.as_str()), literal(database.as_str()));
    let make = format!(
        "SELECT {} WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = {known}) \\gexec\n",
        literal(&format!("CREATE DATABASE {name}"))
    );
    run(context, node, POSTGRES, &make).await?;
    let inventory = &context.inventory;
    let own = context.node(node)?;
    let tables: Vec<TableName> = tables.iter().map(|it| (it.schema.clone(), it.name.clone())).collect();
    // Each transaction locks one thing that clients use: with two of them, it would wait for a client that waits for it.
    let mut statements = format!("{LOCKS}{}", own_table());
    statements += &sequences(number, inventory.sequence_step, Beyond::ItsLast);
    if let Some(column) = &inventory.conflicts.column {
        let guarded = |name| format!("BEGIN;\n{}COMMIT;\n", trigger(name, column));
        statements.extend(tables.iter().map(guarded));
    }
    statements += &merging(merges);
    statements += &sending(context, own, database, &tables);
    statements += &enter(node.as_str(), inventory.cluster.as_str(), number, own.region.as_deref());
    let opened = run_for(context, node, database.as_str(), &statements, PATIENCE).await;
    opened.map_err(|error| {
        error.left(format!("{node} is no member in database {database}; the same command begins again"))
    })?;
    let there = ask(context, node, database.as_str(), "SELECT count(*) FROM galactl.node;\n").await?;
    Ok(Some(format!("{} member in galactl.node", there.trim())))
}

/// What a node does to send these tables.
pub fn sending(context: &Context, node: &Node, database: &DatabaseName, tables: &[TableName]) -> String {
    let inventory = &context.inventory;
    match inventory.method {
        Method::Native => Native { inventory, database }.open(node, tables),
        Method::Pglogical | Method::Spock | Method::Bdr => {
            Pglogical { inventory, database }.open(node, tables)
        }
    }
}
