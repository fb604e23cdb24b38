//! What a member has, and the inventory says otherwise.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::names;
use crate::mesh::config::{lines, server_file};
use crate::mesh::model::Cluster;

/// Files that differ, and settings that wait for a restart.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.members() {
        let Ok(major) = facts.major() else { continue };
        let file = server_file(basis.inventory, node, major, facts.settings.as_ref());
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
