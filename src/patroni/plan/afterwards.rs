//! What to do next, once a plan is carried out.

use super::{Action, Command, EtcdAction, Plan};
use crate::kernel::judge::Remedy;
use crate::kernel::model::NodeName;

/// The command that leads on from here.
pub fn afterwards(plan: &Plan) -> Remedy {
    match &plan.command {
        Command::Recover { preliminary: true, seed, keep_aside, .. } => {
            let resets = plan
                .steps()
                .any(|step| matches!(&step.action, Action::Etcd(EtcdAction::Forget { founding: true, .. })));
            if resets {
                return Remedy::galactl("bootstrap", &[]).and(" begins again");
            }
            let mut args = Vec::new();
            args.extend(seed.iter().flat_map(|seed| ["--seed", seed.as_str()]));
            args.extend(keep_aside.then_some("--keep-aside"));
            Remedy::galactl("recover", &args).and(", which can read the data now")
        }
        Command::Stop { nodes } => {
            let nodes: Vec<_> = nodes.iter().map(NodeName::as_str).collect();
            Remedy::galactl("start", &nodes).and(" starts what was stopped")
        }
        Command::Failover { forced: true, .. } => Remedy::galactl("status", &[])
            .and(" shows how the cluster is; once the lost nodes are back: ")
            .and(Remedy::galactl("doctor", &[]))
            .and(" says which of them waits with what only it has"),
        Command::Recover { .. }
        | Command::Failover { .. }
        | Command::Bootstrap { .. }
        | Command::AddNode { .. }
        | Command::RemoveNode { .. }
        | Command::Switchover { .. }
        | Command::Restart { .. }
        | Command::Start { .. }
        | Command::ApplyConfig => Remedy::galactl("status", &[]).and(" shows how the cluster is"),
    }
}
