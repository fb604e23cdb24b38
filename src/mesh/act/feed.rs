//! Every member reads the changes of a new node. It has written nothing so far, so there is nothing to copy.

use std::sync::Arc;

use super::Context;
use super::follow::await_reading;
use super::psql::run;
use super::reserve::databases;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::mesh::model::Method;
use crate::mesh::plan::Step;
use crate::mesh::statements::{Native, Pglogical};

pub async fn apply(context: &Arc<Context>, step: &Step, members: &[NodeName]) -> Outcome {
    let inventory = &context.inventory;
    let (joiner, members) = (context.node(&step.node)?, context.nodes(members)?);
    for database in &databases(context) {
        for member in &members {
            let statements = match inventory.method {
                Method::Native => Native { inventory, database }.subscribe(member, joiner),
                Method::Pglogical | Method::Spock | Method::Bdr => {
                    Pglogical { inventory, database }.subscribe(member, joiner, false)
                }
            };
            run(context, &member.name, database.as_str(), &statements).await?;
        }
        await_reading(context, step, database, members.iter().map(|member| (*member, joiner)).collect())
            .await?;
    }
    Ok(None)
}
