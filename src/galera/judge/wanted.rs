//! The option file as the inventory wants it on a host.

use super::Basis;
use crate::galera::config::{Difference, RenderError, differences, lines_in_force, presentable};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::{Distribution, Service};
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{Address, with_port, without_port};
use crate::kernel::plan::{Check, Follows, PutFile, diff};

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
}

/// The server reads the file as at a start, and ends.
const SERVER_TRIES: [&str; 5] = [
    "sh",
    "-c",
    concat!(include_str!("known_options.sh"), include_str!("server_tries.sh")),
    "sh",
    "{candidate}",
];
const OWNER: &str = "root";
const GROUP: &str = "mysql";
const MODE: &str = "640";

/// Renders a node's option file for what its host has.
pub fn wanted_config(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Wanted, RenderError> {
    let inventory = basis.inventory;
    let found = facts.providers.first().map(String::as_str);
    let library = found.unwrap_or_else(|| provider_candidates(inventory)[0]).to_owned();
    let text = basis.renderer.render(inventory, node, &library, &inventory.cluster_address_of(&node.name))?;
    Ok(Wanted { text })
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
        let own = |wanted: &str| wanted.parse().is_ok_and(|ip| facts.machine.addresses.contains(&ip));
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

    /// The file as it lies on the host once it is put in place.
    pub fn in_its_place(self) -> ConfigFile {
        let [mode, owner, group] = [MODE, OWNER, GROUP].map(str::to_owned);
        ConfigFile { mode, owner, group, text: self.text }
    }

    /// What is to be done to have it in place of what is there.
    pub fn put(self, inventory: &Inventory, node: &Node, there: Option<&ConfigFile>) -> PutFile {
        let path = inventory.host.config_file.clone();
        let before = there.map(|there| presentable(&there.text, &self.text));
        PutFile {
            owner: OWNER.into(),
            group: GROUP.into(),
            mode: MODE.into(),
            artefact: PutFile::SETTINGS.into(),
            stage: None,
            check: Check::new("server", &SERVER_TRIES),
            follows: Follows::Restart(inventory.host.unit.clone()),
            replaces: there.is_some(),
            diff: diff(&node.host, &path, before.as_deref(), &self.text),
            text: self.text,
            path,
        }
    }
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
    let usual = Service::GroupCommunication.usual_port();
    let place = |peer: &&str| {
        let (address, port) = with_port(peer).unwrap_or_else(|| (without_port(peer).to_owned(), usual));
        Some((address.parse::<Address>().ok()?, port))
    };
    let places: Vec<_> = peers.iter().filter_map(place).collect();
    let is = |node: &Node, address: &Address, port: u16| {
        &node.address == address && node.port(Service::GroupCommunication) == port
    };
    let known = |(address, port): &(Address, u16)| match address {
        Address::Ip(_) => nodes.iter().any(|node| is(node, address, *port)),
        Address::Host(_) => true,
    };
    let others = places.iter().filter(|(address, _)| *address != node.address).count();
    places.len() == peers.len() && places.iter().all(known) && (others > 0 || nodes.len() == 1)
}

/// The option file, where it has to be put in place of what is there; `None` where it need not.
///
/// Errors: a template that does not render.
pub fn to_put(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<Option<Wanted>, RenderError> {
    let wanted = wanted_config(basis, node, facts)?;
    let there = facts.config.as_ref();
    // What others have set up stays theirs, until the inventory wants something else.
    let others_do = there.is_none() && wanted.in_force(facts) && finds_its_cluster(basis, node, facts);
    Ok((!wanted.in_place(there) && !others_do).then_some(wanted))
}
