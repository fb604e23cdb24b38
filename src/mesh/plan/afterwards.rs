//! What to do next, once a plan is carried out.

use super::{Command, Plan};
use crate::kernel::judge::Remedy;
use crate::kernel::model::words::names;

/// The command that leads on from here.
pub fn afterwards(plan: &Plan) -> Remedy {
    match &plan.command {
        Command::Bootstrap { .. }
        | Command::AddNode { .. }
        | Command::ApplyConfig
        | Command::Restart { .. }
        | Command::Ddl { .. } => Remedy::galactl("status", &[]).and(" shows how the mesh is"),
        Command::Skip { .. } => Remedy::galactl("status", &[])
            .and(" shows whether it goes on, and ")
            .and(Remedy::galactl("compare", &[]))
            .and(" which rows differ"),
        Command::RemoveNode { nodes, .. } => {
            Remedy::from(format!("delete {} from `nodes` in ", names(nodes, "and")))
                .and(Remedy::Inventory)
                .and(", then ")
                .and(Remedy::galactl("status", &[]))
        }
        Command::Repair { .. } => {
            Remedy::galactl("compare", &[]).and(" tells whether all tables are the same")
        }
    }
}
