//! What a member has, and the inventory says otherwise.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::names;
use crate::kernel::plan::PutFile;
use crate::mesh::config::{Values, larger, lines, server_file, stays};
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::model::Cluster;
use crate::postgresql::Major;

/// galactl's file of settings for a node. What its server has more of than a mesh needs stays.
pub fn settings_file(basis: &Basis<'_>, node: &Node, facts: &HostFacts, major: Major) -> PutFile {
    let there = facts.settings.as_ref();
    server_file(basis.inventory, node, major, there, &of_server(facts))
}

/// In words, what stays so.
pub fn staying(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Vec<String> {
    let all = stays(basis.inventory, node, &of_server(facts)).into_iter();
    all.map(|(name, there, needed)| {
        format!("{name} of {} stays {there}, which is more than the {needed} that a mesh needs", node.name)
    })
    .collect()
}

fn of_server(facts: &HostFacts) -> Values {
    larger(facts.live().map(|live| &live.own), facts.settings.as_ref())
}

/// Files that differ, and settings that wait for a restart.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.members() {
        let Ok(major) = facts.major() else { continue };
        let file = settings_file(basis, node, facts, major);
        let mut wrong = Vec::new();
        if !file.is_there(facts.settings.as_ref()) {
            wrong.push(file.path.clone());
        }
        if !facts.included {
            wrong.push(format!("{}/postgresql.conf does not read it", Cluster(major).settings()));
        }
        if facts.access != lines(basis.inventory) {
            wrong.push(format!("galactl's lines of {}/pg_hba.conf", Cluster(major).settings()));
        }
        if !wrong.is_empty() {
            let evidence = format!("not as the inventory says: {}", names(&wrong, "and"));
            let next = Remedy::galactl("apply-config", &[]).and(" brings it to what the inventory says");
            found.push(Finding::new(codes::CONFIG_DRIFT, evidence, next).on(&node.name));
        }
        let waiting = facts.live().map(|live| live.pending_restart.clone()).unwrap_or_default();
        if !waiting.is_empty() {
            let evidence = format!("{} wait for a restart", names(&waiting, "and"));
            let next = Remedy::galactl("restart", &[node.name.as_str()]);
            found.push(Finding::new(codes::PENDING_RESTART, evidence, next).on(&node.name));
        }
    }
    found
}
