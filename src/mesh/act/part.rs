//! What is taken away where a node leaves: on it, and on those that stay.

use std::time::Duration;

use super::Context;
use super::configure::configure;
use super::psql::{POSTGRES, ask, run, run_for};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::model::{DatabaseName, PASSWORD_FILE};
use crate::mesh::statements::{close_account, forget_node, leave, remains, stop_reading};
use crate::postgresql::Major;

/// A provider that is gone is waited for 5 s in each database.
const PATIENCE: Duration = Duration::from_secs(180);

/// $1 the password file.
const REMOVE: &str = r#"rm -f "$1""#;

/// The node reads from nobody any more.
pub async fn stop(context: &Context, node: &NodeName, databases: &[DatabaseName]) -> Outcome {
    let own = context.node(node)?;
    for database in databases {
        let statements = stop_reading(context.inventory.method, own);
        run_for(context, node, database.as_str(), &statements, PATIENCE).await?;
    }
    Ok(None)
}

/// One that stays has nothing of the node any more.
pub async fn forget(
    context: &Context,
    node: &NodeName,
    gone: &NodeName,
    databases: &[DatabaseName],
) -> Outcome {
    let (own, gone) = (context.node(node)?, context.node(gone)?);
    for database in databases {
        let statements = forget_node(&context.inventory, database, own, gone);
        run_for(context, node, database.as_str(), &statements, PATIENCE).await?;
    }
    Ok(None)
}

/// The node is no part of the mesh any more.
pub async fn apply(
    context: &Context,
    node: &NodeName,
    version: Major,
    access: &[String],
    databases: &[DatabaseName],
) -> Outcome {
    let own = context.node(node)?;
    for database in databases {
        let statements = leave(context.inventory.method, database, own);
        run_for(context, node, database.as_str(), &statements, PATIENCE).await?;
    }
    run(context, node, POSTGRES, &close_account()).await?;
    configure(context, node, version, access).await?;
    context.host(node)?.succeed(RemoteCommand::act(REMOVE, [PASSWORD_FILE])).await?;
    Ok(None)
}

/// That none of `members` has anything of `nodes`.
pub async fn verify(
    context: &Context,
    nodes: &[NodeName],
    members: &[NodeName],
    databases: &[DatabaseName],
) -> Outcome {
    let (gone, members) = (context.nodes(nodes)?, context.nodes(members)?);
    for database in databases {
        for member in &members {
            for gone in &gone {
                let question = remains(&context.inventory, database, member, gone);
                let left = ask(context, &member.name, database.as_str(), &question).await?;
                let left: Vec<_> = left.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                if !left.is_empty() {
                    return Err(StepError::new(format!(
                        "{} still has of {} in database {database}: {}; the same command again takes it away",
                        member.name,
                        gone.name,
                        left.join(", ")
                    )));
                }
            }
        }
    }
    Ok(None)
}
