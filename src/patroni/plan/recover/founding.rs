//! A bootstrap that was cut off while initdb was at work: nobody has data yet, and Patroni waits for a founder that does
//! not come.

use super::store;
use crate::kernel::plan::Width;
use crate::patroni::facts::{Contents, Datadir, HostFacts, Initialize, Timeline};
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, codes};
use crate::patroni::observation::Born;
use crate::patroni::plan::{NoPlan, PatroniAction, Plan, Step};

/// The key is there without an identity, nothing runs, and at most one node has what initdb left.
pub fn cut_off(basis: &Basis<'_>) -> bool {
    let Born::Yes(stores) = basis.observation.born() else { return false };
    let mut values = stores.values().flatten();
    let unnamed = values.all(|value| matches!(value, Initialize::InProgress));
    let quiet = basis.nodes().all(|(_, facts)| !facts.server_runs() && !facts.patroni_runs());
    let all_seen = basis.observation.unseen().next().is_none();
    let left: Vec<_> = left(basis).collect();
    unnamed
        && quiet
        && all_seen
        && left.len() <= 1
        && left.iter().all(|(_, facts)| is_half_made(&facts.datadir))
}

fn left<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> {
    basis.nodes().filter(|(_, facts)| !facts.datadir.is_blank())
}

/// initdb writes no more than the first file of WAL, which is the second one by its number, and Patroni gives the
/// cluster its identity in etcd before anybody is let in. A file system that is not mounted hides something else.
fn is_half_made(datadir: &Datadir) -> bool {
    let first_file = |control: &crate::patroni::facts::ControlData| {
        control.redo.bytes() < 2 * control.wal_segment && control.timeline == Timeline::FIRST
    };
    match &datadir.contents {
        Contents::Cluster(_) => datadir.histories.is_empty() && datadir.control.told().is_none_or(first_file),
        Contents::Other(_) => datadir.missing.is_none(),
        Contents::Absent | Contents::Empty | Contents::Unreadable(_) => false,
    }
}

/// What is left goes aside, then the key goes; `bootstrap` begins again after it.
///
/// Errors: what is left cannot be moved aside.
pub fn begin_again(basis: &Basis<'_>, mut plan: Plan) -> Result<Plan, NoPlan> {
    plan.consequences =
        vec!["a bootstrap was cut off while initdb was at work: etcd has the key `initialize` without an identity, so no cluster was born".into()];
    let mut steps = Vec::new();
    for (node, facts) in left(basis) {
        let datadir = facts.datadir.path.clone();
        if facts.datadir.mount_point {
            let next = crate::kernel::judge::Remedy::on_host(format!(
                "remove what is in {datadir}, then run this again"
            ));
            let evidence = format!("{datadir} holds what initdb left, and is a file system of its own");
            let finding = crate::kernel::judge::Finding::new(codes::FOUNDING_CUT_OFF, evidence, next);
            return Err(NoPlan::Refused(vec![finding.on(&node.name)]));
        }
        let free = |name: &String| !facts.datadir.kept.contains(name);
        let names = (1..).map(|number| format!("{}.kept-initdb-{number}", datadir.trim_end_matches('/')));
        let Some(kept) = names.into_iter().find(free) else { continue };
        plan.consequences
            .push(format!("{}: {datadir}, which holds what initdb left, is moved to {kept}", node.name));
        steps.push(Step::new(
            node,
            PatroniAction::KeepAside { datadir, kept },
            "initdb wants an empty place",
        ));
    }
    plan.stage("Keep aside", Width::NodesInParallel, steps);
    let why = "Patroni would wait for a founder that does not come";
    plan.stage("Forget the founding", Width::Serial, store::forget(basis, true, why));
    Ok(plan)
}
