//! The same command once more, for a plan that was saved.

use super::{
    Altering, Choice, Command, ConfigChoice, NoPlan, Plan, Removing, add_node, alter, apply_config,
    bootstrap, recover, remove_arbitrators, remove_node, restart, stop,
};
use crate::galera::facts::BootstrapRecord;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::observation::Observation;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

const NEXT: &str = "run the command again for a new plan";

/// A refusal for every node on which the plan of this id has bootstrapped its cluster already.
pub fn spent(id: &str, now: &Observation) -> Vec<Finding> {
    let bootstrapped = |(node, record): (&NodeName, &BootstrapRecord)| {
        let evidence = format!("this very plan was carried out here already, by {}", record.by);
        Finding::new(codes::STALE, evidence, NEXT).on(node)
    };
    let records = now.seen().filter_map(|(node, facts)| Some((node, facts.bootstrap_record.as_ref()?)));
    records.filter(|(_, record)| record.plan == id).map(bootstrapped).collect()
}

/// The plan that the same command makes of what is seen now.
///
/// Errors: as those of that command.
pub fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match &plan.command {
        Command::Bootstrap { .. } => bootstrap(basis),
        Command::AddNode { nodes } => add_node(basis, nodes, &plan.discards),
        Command::ApplyConfig { allow_sst, restart, .. } => {
            apply_config(basis, ConfigChoice { allow_sst: *allow_sst, restart: *restart })
        }
        Command::RemoveNode { nodes, unseen, drain_seconds } => {
            remove_node(basis, &Removing { nodes, unseen, drain_seconds: *drain_seconds })
        }
        Command::RemoveArbitrators { arbitrators } => remove_arbitrators(basis, arbitrators),
        Command::Restart { nodes, allow_sst } => restart(basis, nodes, *allow_sst),
        Command::Alter { table, change, by, longest_stall_ms, forecast } => {
            let (by, longest_stall_ms, agreed) = (*by, *longest_stall_ms, Some(forecast));
            alter(basis, &Altering { table, change, by, longest_stall_ms, agreed })
        }
        Command::Stop { nodes } => stop(basis, nodes),
        Command::Start { nodes } => {
            recover(basis, &Choice { only: nodes.clone(), start: true, ..Choice::default() })
        }
        Command::Recover { seed, keep_aside, .. } => {
            let choice = Choice { seed: seed.clone(), keep_aside: *keep_aside, ..Choice::default() };
            recover(basis, &choice)
        }
    }
}
