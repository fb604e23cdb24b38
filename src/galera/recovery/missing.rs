//! Nodes whose data is not there to be seen, and that must have some.

use super::evidence::Evidence;
use super::holding::Holding;
use super::verdict::{Doubt, DoubtKind};
use crate::galera::facts::LastView;
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;

pub(super) fn next() -> String {
    format!(
        "see that all its file systems are mounted (on that host: findmnt, systemctl --failed), then run this again; if its disk is gone, and what was on it, choose the node to go on from: galactl recover {PLACE} --seed NODE"
    )
}

/// The last view has more members than there are arbitrators, and nodes that hold something of a
/// cluster: then a node without anything was one of them.
pub(super) fn uncounted(evidence: &Evidence<'_>, held: &[(&NodeName, Holding)]) -> Vec<Doubt> {
    let views = held.iter().filter_map(|(node, _)| evidence.facts(node)?.datadir.gvwstate.view());
    let Some(view) = views.max_by_key(|view| number(view)) else { return Vec::new() };
    let (blank, others): (Vec<_>, Vec<_>) = held.iter().partition(|(node, holding)| {
        let nothing = matches!(holding, Holding::Stranger(_) | Holding::Void { data: None, .. });
        nothing && evidence.facts(node).is_some_and(|facts| facts.datadir.is_blank())
    });
    if view.members.len() <= others.len() + evidence.observation.arbitrators.len() {
        return Vec::new();
    }
    if view.members.len() > held.len() + evidence.observation.arbitrators.len() {
        let members = view.members.len();
        let what = format!("the last view had {members} members, and the inventory lists {}", held.len());
        let next = format!(
            "list the member that is missing under `nodes` again, and let it answer; or choose the node to go on from: galactl recover {PLACE} --seed NODE"
        );
        return vec![Doubt::new(DoubtKind::Unseen, what, next)];
    }
    let what = format!(
        "its data directory is empty, and it was one of the last view's {} members: no other node can have been",
        view.members.len()
    );
    blank.iter().map(|(node, _)| Doubt::new(DoubtKind::Unclear, what.clone(), next()).on(node)).collect()
}

/// The number of a view: each view of a cluster has the next number.
pub(super) fn number(view: &LastView) -> u64 {
    view.view_id.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
