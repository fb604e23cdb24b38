//! Whether users' merge functions cover every table that is sent, converge, and stand in the servers as the inventory has them.

use super::{Basis, codes, schema};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::sha256;
use crate::kernel::model::words::names;
use crate::mesh::facts::{HostFacts, Outcome, Trial};
use crate::mesh::inventory::Database;
use crate::mesh::model::Merge;

/// What stands against merging the rows of this node's tables: one that has no function, or a function that has no table.
pub fn refusals(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts) -> Vec<Finding> {
    schema::found(basis, node, facts, &[codes::MERGE])
}

/// A refusal for each function that does not make one row of two, whatever their order.
pub fn diverging(trials: &[Trial], node: &NodeName) -> Vec<Finding> {
    trials.iter().filter_map(|trial| Some(said(trial)?.on(node))).collect()
}

fn said(trial: &Trial) -> Option<Finding> {
    let evidence = match &trial.outcome {
        Outcome::Converges { .. } => return None,
        Outcome::Refused { why } => format!("it cannot be tried: {why}"),
        Outcome::Parts { law, rows, results } => {
            let rows = (!rows.is_empty()).then(|| format!("; rows: {}", rows.join(" and ")));
            let results = (!results.is_empty()).then(|| format!("; results: {}", results.join(" and ")));
            format!("{law}{}{}", rows.unwrap_or_default(), results.unwrap_or_default())
        }
    };
    let evidence = format!("merge function of {} in database {}: {evidence}", trial.table, trial.database);
    let next = Remedy::from(
        "let it decide every column by the two rows alone, so that their order makes no difference, in ",
    );
    Some(Finding::new(codes::MERGE, evidence, next.and(Remedy::Inventory)))
}

/// The functions of a database that this node does not have as the inventory says.
pub fn missing<'a>(database: &'a Database, facts: &HostFacts) -> Vec<&'a Merge> {
    let told = facts.database(&database.name);
    let there = |merge: &Merge| {
        told.and_then(|it| it.table(&merge.schema, &merge.table)?.merge.clone())
            .is_some_and(|digest| digest == sha256(&merge.function))
    };
    database.merges.iter().filter(|merge| !there(merge)).collect()
}

/// Members whose functions are not those of the inventory.
pub fn differing(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.members().into_iter().filter(|(_, facts)| facts.live().is_some()) {
        let lacks = basis.inventory.databases.iter().flat_map(|database| {
            missing(database, facts).into_iter().map(|it| format!("{} in {}", it.full_name(), database.name))
        });
        let lacks: Vec<_> = lacks.collect();
        if !lacks.is_empty() {
            let evidence = format!("merge functions are not as the inventory says: {}", names(&lacks, "and"));
            let next = Remedy::galactl("apply-config", &[]);
            found.push(Finding::new(codes::MERGE, evidence, next).on(&node.name));
        }
    }
    found
}
