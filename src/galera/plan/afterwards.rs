//! What to do next, once a plan is carried out.

use super::{Action, Command, Plan, is_preliminary};
use crate::kernel::judge::Remedy;
use crate::kernel::model::NodeName;

/// The command that leads on from here.
pub fn afterwards(plan: &Plan) -> Remedy {
    match &plan.command {
        Command::ApplyConfig { first_round: true, .. } => {
            Remedy::galactl("apply-config", &[]).and(" again, for the second round")
        }
        Command::Recover { .. } | Command::Start { .. } if is_preliminary(plan) => {
            let stops = plan.steps().any(|step| matches!(step.action, Action::Server(_)));
            Remedy::galactl("recover", &[]).and(match stops {
                true => " again: what was stopped can be read now",
                false => " again: it sees whether they have found each other by themselves",
            })
        }
        Command::Stop { nodes } => {
            let names: Vec<_> = nodes.iter().map(NodeName::as_str).collect();
            Remedy::galactl("start", &names).and(" brings it back")
        }
        Command::Bootstrap { .. } | Command::AddNode { .. } => {
            Remedy::galactl("doctor", &[]).and(" tells what the next failure or restart would find")
        }
        _ => Remedy::galactl("status", &[]).and(" shows how the cluster is"),
    }
}
