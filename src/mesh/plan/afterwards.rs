//! What to do next, once a plan is carried out.

use super::{Command, Plan};
use crate::kernel::judge::Remedy;

/// The command that leads on from here.
pub fn afterwards(plan: &Plan) -> Remedy {
    match &plan.command {
        Command::Bootstrap { .. } | Command::AddNode { .. } => {
            Remedy::galactl("status", &[]).and(" shows how the mesh is")
        }
    }
}
