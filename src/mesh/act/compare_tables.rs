//! The proof that tables are the same on all nodes.

use std::sync::Arc;

use super::Context;
use crate::kernel::compare::{Table, Verdict, compare};
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::mesh::compare::asked::{Nodes, limits};

pub async fn apply(context: &Arc<Context>, tables: &[String]) -> Outcome {
    let names: Vec<_> = context.inventory.nodes.iter().map(|node| node.name.clone()).collect();
    let hosts = names.iter().map(|name| Ok((name.clone(), context.host(name)?)));
    let nodes = Nodes::new(context.inventory.clone(), hosts.collect::<Result<_, StepError>>()?, false);
    let wanted = |table: &Table| tables.contains(&table.name.to_string()).then_some(true);
    let report = compare(&nodes, &names, &wanted, (&limits(), 0), &|_| {}).await;
    match report.verdict() {
        Verdict::Equal => Ok(Some("equal on all nodes".into())),
        Verdict::Busy => Ok(Some("equal, but for rows that are written to all the time".into())),
        Verdict::Incomplete => {
            Err(StepError::new("not all nodes could be compared; galactl compare tells why"))
        }
        Verdict::Differs => Err(StepError::new(
            "rows differ still, or again; galactl compare shows which, and the same command mends them",
        )),
    }
}
