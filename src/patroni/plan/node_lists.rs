//! Each node's file lists the nodes of the cluster, and its proxies: they may connect to it. Patroni takes a new list
//! without a restart.

use super::{PatroniAction, Step};
use crate::kernel::judge::Finding;
use crate::kernel::plan::HostAction;
use crate::patroni::config::{as_listed, patroni_file, settings_in};
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::{Inventory, Node};
use crate::patroni::judge::{Basis, drift};
use crate::patroni::model::Software;

/// What lets all nodes know the same ones.
pub struct Lists {
    pub steps: Vec<Step>,
    /// Files that differ in more than that.
    pub refusals: Vec<Finding>,
}

/// Plans that the nodes of `wanted` that run list its nodes, and no others.
pub fn change(basis: &Basis<'_>, wanted: &Inventory, software: Software) -> Lists {
    let mut lists = Lists { steps: Vec::new(), refusals: Vec::new() };
    for node in &wanted.nodes {
        let Some(facts) = basis.observation.facts(&node.name).filter(|facts| facts.server_runs()) else {
            continue;
        };
        let file = patroni_file(wanted, node, software).put(&node.host, facts.config.as_ref());
        let reload = PatroniAction::Reload { settings: settings_in(&file.text).into_iter().collect() };
        if file.is_there(facts.config.as_ref()) {
            // A run that was cut off has put it there, and nobody has read it.
            let unread = facts.stale && facts.patroni_runs();
            let why = "Patroni was started before its file was written";
            lists.steps.extend(unread.then(|| Step::new(node, reload, why)));
            continue;
        }
        if differs_in_more(basis, node, facts, software) {
            lists.refusals.push(drift::of_file(node, facts));
            continue;
        }
        lists.steps.push(Step::new(node, HostAction::PutFile(file), "it lists the nodes that may connect"));
        lists.steps.push(Step::new(node, reload, "its server lets them in without a restart"));
    }
    lists
}

/// The file is none that galactl has written for some of the inventory's nodes and proxies.
fn differs_in_more(basis: &Basis<'_>, node: &Node, facts: &HostFacts, software: Software) -> bool {
    let Some(there) = &facts.config else { return true };
    let then = as_listed(&there.text, basis.inventory);
    then.node(&node.name).is_none()
        || !patroni_file(&then, node, software).put(&node.host, Some(there)).is_there(Some(there))
}
