//! What a host needs before its server may start as a member, and after.

use super::Step;
use crate::galera::config::RenderError;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::Basis;
use crate::galera::judge::wanted::provider_candidates;
use crate::galera::judge::wanted::to_put;
use crate::galera::model::{Distribution, Gtid, SST_PASSWORD, SstMethod, StateUuid};
use crate::galera::plan::ServerAction;
use crate::galera::recovery::known_restarts;
use crate::galera::tls;
use crate::kernel::model::{NodeName, ServerVersion};
use crate::kernel::plan::HostAction;

/// A join that shows no progress for this long has failed. A state transfer that moves is never
/// given up.
const PATIENCE_SECONDS: u64 = 600;

/// Removes an armed bootstrap intent from a member: its next start would bootstrap a second cluster.
pub fn disarm_step(node: &Node, facts: &HostFacts) -> Option<Step> {
    let action = ServerAction::Disarm { intents: facts.intents.clone() };
    let why = "the next start would found a second cluster";
    (!facts.intents.is_empty()).then(|| Step::new(node, action, why))
}

/// Writes the option file where it differs. On a running server it takes effect at the next start.
pub fn config_step(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Option<Step>, RenderError> {
    let Some(wanted) = to_put(basis, node, facts)? else { return Ok(None) };
    let there = facts.config.as_ref();
    let why = match there {
        _ if facts.is_primary() && wanted.in_force(facts) => {
            "the list of nodes changed; a running server reads it at its next start".to_owned()
        }
        None if facts.is_primary() => {
            let differences: Vec<_> = wanted.not_in_effect(facts).iter().map(ToString::to_string).collect();
            differences.join("; ")
        }
        None => "the node has no configuration for this cluster".into(),
        Some(_) => "the file is not what the inventory says".into(),
    };
    let file = wanted.put(basis.inventory, node, there);
    Ok(Some(Step::new(node, HostAction::PutFile(file), why)))
}

/// Steps that bring a host to the point where its server can be started as a member.
pub fn before_start(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Vec<Step>, RenderError> {
    let inventory = basis.inventory;
    let unit = inventory.host.unit.clone();
    let step = |action, why: &str| Step::new(node, action, why);
    let mut steps = Vec::new();
    if facts.removal.is_some() {
        steps.push(step(ServerAction::Unmask { unit: unit.clone() }, "it was removed, and is to come back"));
    }
    let packages = missing_packages(inventory, facts);
    if !packages.is_empty() {
        let provider = provider_candidates(inventory)[0].to_owned();
        let action = ServerAction::InstallPackages { packages, unit: unit.clone(), provider };
        steps.push(step(action, "they are missing here; their own server start is held back"));
    }
    if !facts.intents.is_empty() {
        let action = ServerAction::Disarm { intents: facts.intents.clone() };
        steps.push(step(action, "the next start would bootstrap a cluster of its own"));
    }
    if facts.unit.is_up() {
        let why = match facts.live() {
            Some(live) if !live.wsrep_on => "it runs as a standalone server",
            _ => "it must start with the inventory's configuration",
        };
        steps.push(step(ServerAction::StopServer { unit }, why));
    }
    steps.extend(tls::steps::before_start(basis, &node.name));
    steps.extend(config_step(basis, node, facts)?);
    Ok(steps)
}

fn missing_packages(inventory: &Inventory, facts: &HostFacts) -> Vec<String> {
    if !inventory.install {
        return Vec::new();
    }
    let installed = |package: &str| facts.packages.keys().any(|name| name.starts_with(package));
    let mut wanted = vec!["mariadb-server", "galera-4", "rsync", "socat"];
    if inventory.sst.method == SstMethod::Mariabackup {
        wanted.push("mariadb-backup");
    }
    if let Some(tls) = &inventory.tls {
        wanted.push("openssl");
        wanted.extend((inventory.sst.method == SstMethod::Rsync && tls.transfer).then_some("stunnel4"));
    }
    wanted.into_iter().filter(|package| !installed(package)).map(str::to_owned).collect()
}

/// Starts a prepared node as a joiner.
pub fn join_step(basis: &Basis<'_>, node: &Node, source: &NodeName, why: impl Into<String>) -> Step {
    let live = basis.observation.facts(source).and_then(HostFacts::live);
    let state = live.and_then(|live| live.state_uuid.as_ref());
    let action = ServerAction::Join {
        unit: basis.inventory.host.unit.clone(),
        patience_seconds: PATIENCE_SECONDS,
        source: source.clone(),
        after: state.map_or_else(Vec::new, |state| restarts_of(basis, state)),
        switching: false,
    };
    Step::new(node, action, why)
}

/// Waits until every member that a wave counts on is free to give. The first donor of a cluster that
/// was just bootstrapped is, and a cluster without a second one has no choice.
pub fn await_donors(
    basis: &Basis<'_>,
    joiners: &[NodeName],
    donors: &[NodeName],
    kept: usize,
) -> Option<Step> {
    let (first, _) = joiners.split_first().filter(|_| donors.len() > 1)?;
    let action = ServerAction::AwaitDonors { nodes: donors.to_vec(), patience_seconds: PATIENCE_SECONDS };
    let each = match joiners.len() {
        1 => "the joiner finds a donor".to_owned(),
        joiners => format!("each of the {joiners} joiners finds a donor of its own"),
    };
    let clients = if kept > 0 { ", and another member stays free for clients" } else { "" };
    Some(Step::new(&basis.inventory.placement(first), action, each + clients))
}

/// The known restarts of one history, which a node that joins now takes part in.
pub fn restarts_of(basis: &Basis<'_>, state: &StateUuid) -> Vec<Gtid> {
    let mut known = known_restarts(basis.nodes().map(|(_, facts)| facts));
    known.retain(|restart| &restart.uuid == state);
    known
}

/// Enables the unit where it is not enabled.
pub fn enable_step(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Step> {
    let action = HostAction::EnableUnit { unit: basis.inventory.host.unit.clone() };
    let why = "the node must come back by itself after a reboot";
    (!facts.unit.is_enabled()).then(|| Step::new(node, action, why))
}

/// The donor's account, where the SST method needs one.
pub fn sst_account_step(basis: &Basis<'_>, on: &Node, version: Option<ServerVersion>) -> Option<Step> {
    let inventory = basis.inventory;
    let needed = Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method);
    let action = ServerAction::SstAccount {
        user: inventory.sst.user.clone(),
        privileges: sst_privileges(version),
        password: SST_PASSWORD.clone(),
    };
    let why = "donors log in with it to copy the data; it replicates to all nodes";
    needed.then(|| Step::new(on, action, why))
}

/// The least that mariabackup needs on a donor (MariaDB documentation, mariabackup SST method;
/// proved on 10.5, 10.11 and 11.8). BINLOG MONITOR exists since 10.5.
pub fn sst_privileges(version: Option<ServerVersion>) -> Vec<String> {
    let old = version.is_some_and(|version| version.series() < (10, 5));
    let binlog = if old { "REPLICATION CLIENT" } else { "BINLOG MONITOR" };
    ["RELOAD", "PROCESS", "LOCK TABLES", binlog].map(str::to_owned).to_vec()
}
