//! Stages that several commands have.

use std::collections::BTreeSet;

use super::{NodeAction, Plan, Step};
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action as _, HostAction, PutFile, Width};
use crate::mesh::config::{lines, password_file, shutting_out};
use crate::mesh::facts::{HostFacts, Live};
use crate::mesh::inventory::Node;
use crate::mesh::judge::drift::settings_file;
use crate::mesh::judge::{Basis, hosts};
use crate::mesh::model::Method;
use crate::postgresql::Major;

/// Steps that bring a host to the point where its server can be started for the mesh. `admits`: clients may come in.
pub fn prepare(basis: &Basis<'_>, node: &Node, facts: &HostFacts, major: Major, admits: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let missing = hosts::missing(basis, facts);
    if !missing.is_empty() {
        let action = HostAction::InstallPackages { packages: missing };
        steps.push(Step::new(node, action, "they are missing here; no server is started"));
    }
    // The package makes the cluster, unless it was told not to: by then the step finds it and does nothing.
    if !facts.has_cluster(major) {
        steps.push(Step::new(node, NodeAction::CreateCluster { version: major }, "the host has no cluster"));
    }
    let password = password_file(&node.host, facts.password.as_ref());
    if !password.is_there(facts.password.as_ref()) {
        steps.push(Step::new(
            node,
            HostAction::PutFile(password),
            "no connection string has a password in it",
        ));
    }
    let file = settings_file(basis, node, facts, major);
    if !file.is_there(facts.settings.as_ref()) {
        steps.push(Step::new(
            node,
            HostAction::PutFile(file),
            "a mesh needs logical WAL, and room for all nodes",
        ));
    }
    // What a client wrote before anybody reads from the node would reach nobody.
    let access = if admits { lines(basis.inventory) } else { shutting_out(&basis.inventory.nodes) };
    let reads_again = facts.live().is_some() && steps.iter().any(|step| step.action.changes_settings());
    if !facts.included || facts.access != access || reads_again {
        let action = NodeAction::Configure { version: major, access };
        steps.push(Step::new(node, action, "the other nodes read its changes"));
    }
    steps
}

/// The server runs with settings that a mesh does not work with, or with others than those of its file.
pub fn needs_restart(basis: &Basis<'_>, facts: &HostFacts, prepared: &[Step]) -> bool {
    let Some(live) = facts.live() else { return false };
    let has = |name: &str, wanted: &str| live.settings.get(name).is_some_and(|it| it == wanted);
    let preloads = live.settings.get("shared_preload_libraries").is_some_and(|it| it.contains("pglogical"));
    let put = prepared.iter().find(|step| step.action.changes_settings()).and_then(|step| step.action.file());
    put.is_some_and(|file| waits_for_restart(live, facts.settings.as_ref(), &file.text))
        || !facts.included
        || !live.pending_restart.is_empty()
        || !has("wal_level", "logical")
        || !has("track_commit_timestamp", "on")
        || basis.inventory.method == Method::Pglogical && !preloads
}

/// A setting changes that a running server does not take, or that its workers keep from their start.
fn waits_for_restart(live: &Live, there: Option<&ConfigFile>, text: &str) -> bool {
    let Some(there) = there else { return true };
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (there.text.lines().collect(), text.lines().collect());
    let changed = old.symmetric_difference(&new).filter_map(|line| line.split_once(" = "));
    let mut names = changed.map(|(name, _)| name);
    names.any(|name| live.at_restart.contains(name) || name.contains('.'))
}

impl super::Action {
    /// A file of settings is put in place.
    fn changes_settings(&self) -> bool {
        self.file().is_some_and(|file| file.artefact == PutFile::SETTINGS)
    }
}

/// The proof that these nodes are one mesh.
pub fn verify(plan: &mut Plan, first: &Node, nodes: &[NodeName]) {
    let mut steps = Vec::new();
    if nodes.len() > 1 {
        let action = NodeAction::VerifyLinks { nodes: nodes.to_vec() };
        steps.push(Step::new(first, action, "what one node says proves nothing about the others"));
    }
    let action = NodeAction::VerifyRows { nodes: nodes.to_vec() };
    steps.push(Step::new(first, action, "replication is proved by rows"));
    plan.stage("Verify", Width::Serial, steps);
}
