//! What a host needs before its server may start as a member, and after.

use similar::TextDiff;

use super::action::{Action, PutFile};
use super::{Basis, Step};
use crate::config::{Difference, RenderError, differences, lines_in_force, presentable};
use crate::facts::{ConfigFile, HostFacts};
use crate::inventory::{Inventory, Node};
use crate::model::{
    Address, Distribution, Gtid, NodeName, SecretName, ServerVersion, SstMethod, StateUuid, sha256,
    without_port,
};
use crate::recovery::known_restarts;

/// A join that shows no progress for this long has failed. A state transfer that moves is never
/// given up.
const PATIENCE_SECONDS: u64 = 600;

/// Provider libraries to look for on a host, the likeliest first.
pub fn provider_candidates(inventory: &Inventory) -> Vec<&str> {
    match &inventory.host.provider {
        Some(provider) => vec![provider],
        None => Distribution::of(inventory.flavour).providers.to_vec(),
    }
}

/// The option file as the inventory wants it on one host. Secrets stand in it as placeholders.
pub struct Wanted {
    pub text: String,
    library: String,
}

const OWNER: &str = "root";
const GROUP: &str = "mysql";
const MODE: &str = "640";

/// Renders a node's option file for what its host has.
pub fn wanted_config(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Wanted, RenderError> {
    let inventory = basis.inventory;
    let found = facts.providers.first().map(String::as_str);
    let library = found.unwrap_or_else(|| provider_candidates(inventory)[0]).to_owned();
    let text = basis.renderer.render(inventory, node, &library, &inventory.cluster_address())?;
    Ok(Wanted { text, library })
}

impl Wanted {
    /// The file is there and says, for a running server, what the inventory says; or the files of
    /// somebody else do.
    pub fn in_force(&self, facts: &HostFacts) -> bool {
        match &facts.config {
            Some(there) => lines_in_force(&there.text) == lines_in_force(&self.text),
            None => self.not_in_effect(facts).is_empty(),
        }
    }

    /// The options that are not in effect on the host, from whatever file.
    pub fn not_in_effect(&self, facts: &HostFacts) -> Vec<Difference> {
        // A running member that says nothing of its address uses one of its host's.
        let own = |wanted: &str| wanted.parse().is_ok_and(|ip| facts.addresses.contains(&ip));
        let found_out = |it: &Difference| {
            it.option == "wsrep_node_address" && it.there.is_none() && facts.is_primary() && own(&it.wanted)
        };
        let mut differences = differences(&self.text, &facts.in_effect(), &facts.sst_options);
        differences.retain(|difference| !found_out(difference));
        differences
    }

    fn in_place(&self, there: Option<&ConfigFile>) -> bool {
        there.is_some_and(|there| {
            there.text == self.text && there.mode == MODE && there.owner == OWNER && there.group == GROUP
        })
    }

    /// What is to be done to have it in place of what is there.
    pub fn put(self, inventory: &Inventory, node: &Node, there: Option<&ConfigFile>) -> PutFile {
        let path = inventory.host.config_file.clone();
        let before = there.map(|there| presentable(&there.text, &self.text));
        PutFile {
            owner: OWNER.into(),
            group: GROUP.into(),
            mode: MODE.into(),
            sha256: sha256(&self.text),
            library: Some(self.library),
            without: Vec::new(),
            replaces: there.is_some(),
            diff: diff(&node.name, &path, before.as_deref(), &self.text),
            path,
        }
    }
}

/// What changes in a file, unified; of one that is not there, all of it is new.
pub fn diff(node: &NodeName, path: &str, before: Option<&str>, text: &str) -> String {
    let new = format!("{node}:{path}");
    let old = if before.is_some() { &new } else { "/dev/null" };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), text);
    diff.unified_diff().header(old, &new).to_string()
}

/// The host's option file is, for a running server, the one that galactl writes for this node.
pub fn is_ours(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<bool, RenderError> {
    Ok(wanted_config(basis, node, facts)?.in_force(facts))
}

/// The addresses that the server would look for its cluster at are nodes of it, and it is not alone
/// among them. Names cannot be told here, and are taken for nodes.
fn finds_its_cluster(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> bool {
    let nodes = &basis.inventory.nodes;
    let list = facts.options.get("wsrep_cluster_address").and_then(|list| list.strip_prefix("gcomm://"));
    let list = list.and_then(|list| list.split('?').next()).unwrap_or_default();
    let peers: Vec<_> = list.split(',').map(str::trim).filter(|peer| !peer.is_empty()).collect();
    let addresses: Vec<_> =
        peers.iter().filter_map(|peer| without_port(peer).parse::<Address>().ok()).collect();
    let known = |address: &Address| match address {
        Address::Ip(_) => nodes.iter().any(|node| &node.address == address),
        Address::Host(_) => true,
    };
    let others = addresses.iter().filter(|address| **address != node.address).count();
    addresses.len() == peers.len() && addresses.iter().all(known) && (others > 0 || nodes.len() == 1)
}

/// Removes an armed bootstrap intent from a member: its next start would found a second cluster.
pub fn disarm_step(node: &Node, facts: &HostFacts) -> Option<Step> {
    let action = Action::Disarm { intents: facts.intents.clone() };
    let why = "the next start would found a second cluster";
    (!facts.intents.is_empty()).then(|| Step::new(&node.name, action, why))
}

/// Writes the option file where it differs. On a running server it takes effect at the next start.
pub fn config_step(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Option<Step>, RenderError> {
    let wanted = wanted_config(basis, node, facts)?;
    let there = facts.config.as_ref();
    if wanted.in_place(there) {
        return Ok(None);
    }
    // What others have set up stays theirs, until the inventory wants something else.
    if there.is_none() && wanted.in_force(facts) && finds_its_cluster(basis, node, facts) {
        return Ok(None);
    }
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
    Ok(Some(Step::new(&node.name, Action::PutFile(file), why)))
}

/// Steps that bring a host to the point where its server can be started as a member.
pub fn before_start(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Vec<Step>, RenderError> {
    let inventory = basis.inventory;
    let unit = inventory.host.unit.clone();
    let step = |action, why: &str| Step::new(&node.name, action, why);
    let mut steps = Vec::new();
    if facts.removal.is_some() {
        steps.push(step(Action::Unmask { unit: unit.clone() }, "it was removed, and is to come back"));
    }
    let packages = missing_packages(inventory, facts);
    if !packages.is_empty() {
        let provider = provider_candidates(inventory)[0].to_owned();
        let action = Action::InstallPackages { packages, unit: unit.clone(), provider };
        steps.push(step(action, "they are missing here; their own server start is held back"));
    }
    if !facts.intents.is_empty() {
        let action = Action::Disarm { intents: facts.intents.clone() };
        steps.push(step(action, "the next start would found a cluster of its own"));
    }
    if facts.unit.is_up() {
        let why = match facts.live() {
            Some(live) if !live.wsrep_on => "it runs as a standalone server",
            _ => "it must start with the inventory's configuration",
        };
        steps.push(step(Action::StopServer { unit }, why));
    }
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
    wanted.into_iter().filter(|package| !installed(package)).map(str::to_owned).collect()
}

/// Starts a prepared node as a joiner.
pub fn join_step(basis: &Basis<'_>, node: &Node, source: &NodeName, why: impl Into<String>) -> Step {
    let live = basis.observation.facts(source).and_then(HostFacts::live);
    let state = live.and_then(|live| live.state_uuid.as_ref());
    let action = Action::Join {
        unit: basis.inventory.host.unit.clone(),
        patience_seconds: PATIENCE_SECONDS,
        source: source.clone(),
        after: state.map_or_else(Vec::new, |state| restarts_of(basis, state)),
    };
    Step::new(&node.name, action, why)
}

/// Waits until every member that a wave counts on is free to give. The first donor of a cluster that
/// was just founded is, and a cluster without a second one has no choice.
pub fn await_donors(joiners: &[NodeName], donors: &[NodeName], kept: usize) -> Option<Step> {
    let (first, _) = joiners.split_first().filter(|_| donors.len() > 1)?;
    let action = Action::AwaitDonors { nodes: donors.to_vec(), patience_seconds: PATIENCE_SECONDS };
    let each = match joiners.len() {
        1 => "the joiner finds a donor".to_owned(),
        joiners => format!("each of the {joiners} joiners finds a donor of its own"),
    };
    let clients = if kept > 0 { ", and another member stays free for clients" } else { "" };
    Some(Step::new(first, action, each + clients))
}

/// The known restarts of one history, which a node that joins now takes part in.
pub fn restarts_of(basis: &Basis<'_>, state: &StateUuid) -> Vec<Gtid> {
    let mut known = known_restarts(basis.nodes().map(|(_, facts)| facts));
    known.retain(|restart| &restart.uuid == state);
    known
}

/// Enables the unit where it is not enabled.
pub fn enable_step(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Step> {
    let action = Action::EnableUnit { unit: basis.inventory.host.unit.clone() };
    let why = "the node must come back by itself after a reboot";
    (!facts.unit.is_enabled()).then(|| Step::new(&node.name, action, why))
}

/// The donor's account, where the SST method needs one.
pub fn sst_account_step(basis: &Basis<'_>, on: &Node, version: Option<ServerVersion>) -> Option<Step> {
    let inventory = basis.inventory;
    let needed = Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method);
    let action = Action::SstAccount {
        user: inventory.sst.user.clone(),
        privileges: sst_privileges(version),
        password: SecretName::SstPassword,
    };
    let why = "donors log in with it to copy the data; it replicates to all nodes";
    needed.then(|| Step::new(&on.name, action, why))
}

/// The least that mariabackup needs on a donor (MariaDB documentation, mariabackup SST method;
/// proved on 10.5, 10.11 and 11.8). BINLOG MONITOR exists since 10.5.
pub fn sst_privileges(version: Option<ServerVersion>) -> Vec<String> {
    let old = version.is_some_and(|version| version.series() < (10, 5));
    let binlog = if old { "REPLICATION CLIENT" } else { "BINLOG MONITOR" };
    ["RELOAD", "PROCESS", "LOCK TABLES", binlog].map(str::to_owned).to_vec()
}
