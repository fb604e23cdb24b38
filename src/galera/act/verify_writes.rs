//! A row written on each node and read on every other.

use super::{Context, Outcome};
use crate::galera::model::{WRITE_TEST_SCHEMA, is_write_test_schema};
use crate::galera::sql::literal;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::step_error::StepError;

pub async fn apply(context: &Context, nodes: &[NodeName]) -> Outcome {
    let Some(first) = nodes.first() else { return Ok(None) };
    let schema = format!("{WRITE_TEST_SCHEMA}{}", &random::id()[..16]);
    context.still_ours(first).await?;
    remove_leftovers(context, first).await?;
    // CREATE without IF NOT EXISTS: only what this run has made is dropped.
    context.database(first)?.run(&[&format!("CREATE DATABASE {schema}")]).await?;
    let outcome = write_and_read(context, nodes, &schema).await;
    // The database goes also when the test failed; its own failure counts only after that.
    let removed = context.database(first)?.run(&[&format!("DROP DATABASE {schema}")]).await;
    outcome?;
    removed?;
    Ok(None)
}

/// What a test that was cut off has left. This run holds the locks, so no other one is at work.
pub async fn remove_leftovers(context: &Context, node: &NodeName) -> Result<(), StepError> {
    let databases = context.database(node)?.run(&["SHOW DATABASES"]).await?;
    for name in databases.into_iter().flatten().filter(|name| is_write_test_schema(name)) {
        // The proof of an endpoint has an account of the same name.
        let account = format!("DROP USER IF EXISTS {}@'%'", literal(&name));
        context.database(node)?.run(&[&account, &format!("DROP DATABASE {name}")]).await?;
    }
    Ok(())
}

async fn write_and_read(context: &Context, nodes: &[NodeName], schema: &str) -> Result<(), StepError> {
    let table = format!("CREATE TABLE {schema}.rows_written (writer VARCHAR(64) PRIMARY KEY) ENGINE=InnoDB");
    context.database(&nodes[0])?.run(&[&table]).await?;
    for node in nodes {
        let insert = format!("INSERT INTO {schema}.rows_written VALUES ({})", literal(node.as_str()));
        // The table itself must have arrived before a row can be written into it.
        context.database(node)?.run(&["SET SESSION wsrep_sync_wait = 15", &insert]).await?;
    }
    let select = format!("SELECT writer FROM {schema}.rows_written ORDER BY writer");
    let mut expected: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    expected.sort();
    for node in nodes {
        let rows = context.database(node)?.run(&["SET SESSION wsrep_sync_wait = 1", &select]).await?;
        let found: Vec<_> = rows.into_iter().flatten().collect();
        if found != expected {
            let message = format!(
                "{node} has the rows of {}; written were those of {}",
                found.join(", "),
                expected.join(", ")
            );
            return Err(StepError::new(message));
        }
    }
    Ok(())
}
