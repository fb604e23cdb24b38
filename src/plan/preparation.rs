//! What a host needs before its server may start as a member, and after.

use super::action::{Action, PutFile};
use super::{Basis, Step};
use crate::config::{RenderError, lines_in_force, presentable};
use crate::facts::{ConfigFile, HostFacts};
use crate::inventory::{Inventory, Node};
use crate::model::{Distribution, SecretName, ServerVersion, SstMethod};

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

/// The option file as the inventory wants it on this host.
pub fn wanted_config(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<PutFile, RenderError> {
    let inventory = basis.inventory;
    let found = facts.providers.first().map(String::as_str);
    let library = found.unwrap_or_else(|| provider_candidates(inventory)[0]);
    let text = basis.renderer.render(inventory, node, library, &inventory.cluster_address())?;
    Ok(PutFile {
        path: inventory.host.config_file.clone(),
        owner: "root".into(),
        group: "mysql".into(),
        mode: "640".into(),
        before: facts.config.as_ref().map(|config| presentable(&config.text, &text)),
        text,
    })
}

/// The file is there and says, for a running server, what the inventory says.
pub fn in_force(config: Option<&ConfigFile>, wanted: &PutFile) -> bool {
    config.is_some_and(|config| lines_in_force(&config.text) == lines_in_force(&wanted.text))
}

/// The host's option file is, for a running server, the one that galactl writes for this node.
pub fn is_ours(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<bool, RenderError> {
    Ok(in_force(facts.config.as_ref(), &wanted_config(basis, node, facts)?))
}

fn in_place(config: Option<&ConfigFile>, wanted: &PutFile) -> bool {
    config.is_some_and(|config| {
        config.text == wanted.text
            && config.mode == wanted.mode
            && config.owner == wanted.owner
            && config.group == wanted.group
    })
}

/// Writes the option file where it differs. On a running server it takes effect at the next start.
pub fn config_step(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Option<Step>, RenderError> {
    let wanted = wanted_config(basis, node, facts)?;
    if in_place(facts.config.as_ref(), &wanted) {
        return Ok(None);
    }
    let why = match &wanted.before {
        None => "the node has no configuration for this cluster",
        Some(_) if facts.is_primary() => {
            "the list of nodes changed; a running server reads it at its next start"
        }
        Some(_) => "the file is not what the inventory says",
    };
    Ok(Some(Step::new(&node.name, Action::PutFile(wanted), why)))
}

/// Steps that bring a host to the point where its server can be started as a member.
pub fn before_start(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Vec<Step>, RenderError> {
    let inventory = basis.inventory;
    let unit = inventory.host.unit.clone();
    let step = |action, why: &str| Step::new(&node.name, action, why);
    let mut steps = Vec::new();
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
pub fn join_step(basis: &Basis<'_>, node: &Node, source: (&Node, &HostFacts), why: &str) -> Step {
    let action = Action::Join {
        unit: basis.inventory.host.unit.clone(),
        patience_seconds: PATIENCE_SECONDS,
        source: source.0.name.clone(),
        data_bytes: source.1.datadir.bytes,
    };
    Step::new(&node.name, action, why)
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
fn sst_privileges(version: Option<ServerVersion>) -> Vec<String> {
    let old = version.is_some_and(|version| version.series() < (10, 5));
    let binlog = if old { "REPLICATION CLIENT" } else { "BINLOG MONITOR" };
    ["RELOAD", "PROCESS", "LOCK TABLES", binlog].map(str::to_owned).to_vec()
}
