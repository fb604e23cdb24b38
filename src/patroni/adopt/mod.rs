//! A cluster that others have set up → the inventory that describes it. Pure: facts in, text out.
//!
//! The inventory holds what the nodes' own files and Patroni's dynamic configuration say, as far as it has a word for it.
//! No password stands in it: galactl reads those that the nodes' files have. What it has no word for is told by the plan
//! that would put galactl's own files in place.

mod down;
mod dynamic;
mod obstacles;
mod settings;
mod store;
mod write;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kernel::inventory::Settings;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::Address;
use crate::patroni::config::{FoundFile, is_on};
use crate::patroni::facts::{EtcdHostFacts, HbaRule, HostFacts, Live};
use crate::patroni::inventory::SyncMode;
use crate::patroni::model::{Account, Network, POSTGRESQL_PORT, Timing};

pub use obstacles::{of_cluster, of_host};
pub use store::{foreign_places, is_galactls};
pub use write::{provisional, to_look_at};

/// A data node of the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Where galactl reaches it.
    pub reached_at: &'a Address,
    pub file: &'a FoundFile,
    pub facts: &'a HostFacts,
}

/// A machine with a member of etcd and no data.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    pub reached_at: &'a Address,
    pub name: &'a str,
    pub facts: &'a EtcdHostFacts,
}

/// The inventory's text, and notes about what it could not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    pub text: String,
    pub notes: Vec<Note>,
}

/// What could not be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line of the text that it is about; 0: none.
    pub line: usize,
    pub text: String,
}

/// A note, and how the line begins that it is about.
struct Remark {
    at: Option<&'static str>,
    text: String,
}

impl Remark {
    fn new(text: String) -> Self {
        Self { at: None, text }
    }

    fn at(place: &'static str, text: String) -> Self {
        Self { at: Some(place), text }
    }
}

/// Everything that the inventory says about the cluster.
struct Description {
    cluster: String,
    port: u16,
    settings: Settings,
    clients: Vec<Network>,
    mode: SyncMode,
    synchronous_nodes: u64,
    timing: Timing,
    etcd: store::Described,
    nodes: Vec<Described>,
}

struct Described {
    name: String,
    address: String,
    ssh_address: Option<String>,
    tags: Vec<(&'static str, String)>,
    settings: Settings,
}

/// Describes the cluster of these members, at least one; the order in which they were found does not matter.
/// `configuration`: Patroni's dynamic one.
pub fn adopt(
    mut members: Vec<Member<'_>>,
    stores: &[Store<'_>],
    configuration: &Value,
    ssh: &RawSsh,
) -> Adopted {
    in_order(&mut members);
    let mut remarks = Vec::new();
    let settings::Found { common, mut own } = settings::of(&members, configuration, &mut remarks);
    let mode = dynamic::mode(configuration);
    let nodes: Vec<_> = members
        .iter()
        .map(|member| described(member, own.remove(&member.file.name).unwrap_or_default(), &mut remarks))
        .collect();
    let description = Description {
        cluster: members[0].file.scope.clone(),
        port: port(&members[0]),
        settings: common,
        clients: clients(&members, &mut remarks),
        mode,
        synchronous_nodes: dynamic::synchronous_nodes(configuration, mode, &members, &mut remarks),
        timing: dynamic::timing(configuration, &mut remarks),
        etcd: store::of(&members, stores),
        nodes,
    };
    remarks.extend(dynamic::paused(configuration));
    remarks.extend(down::remarks(&members));
    remarks.extend(down::remark(&members, stores));
    let text = write::text(&description, ssh);
    let line = |at: &str| 1 + text.lines().position(|line| line.trim_start().starts_with(at)).unwrap_or(0);
    let notes = remarks.into_iter().map(|it| Note { line: it.at.map_or(0, line), text: it.text }).collect();
    Adopted { text, notes }
}

/// In the order in which the server's rules let them replicate, which is that of the inventory where galactl wrote them; or
/// else by name.
fn in_order(members: &mut [Member<'_>]) {
    let rules = members.iter().find_map(|member| member.facts.live()).map(|live| &live.hba);
    let of_replication = rules.into_iter().flatten().filter(|rule| rule.databases == ["replication"]);
    let places: Vec<_> = of_replication.filter_map(|rule| rule.address.clone()).collect();
    let place = |member: &Member<'_>| {
        let at = |(address, _): &(String, u16)| places.iter().position(|it| it == address);
        member.file.server.as_ref().and_then(at).unwrap_or(places.len())
    };
    members.sort_by_cached_key(|member| (place(member), member.file.name.clone()));
}

fn port(member: &Member<'_>) -> u16 {
    member.file.server.as_ref().map_or(POSTGRESQL_PORT, |(_, port)| *port)
}

fn described(member: &Member<'_>, settings: Settings, remarks: &mut Vec<Remark>) -> Described {
    let reached_at = member.reached_at.to_string();
    let address =
        member.file.server.as_ref().map_or_else(|| reached_at.clone(), |(address, _)| address.clone());
    Described {
        name: member.file.name.clone(),
        ssh_address: (reached_at != address).then_some(reached_at),
        address,
        tags: tags(member, remarks),
        settings,
    }
}

/// The inventory's words for Patroni's tags.
fn tags(member: &Member<'_>, remarks: &mut Vec<Remark>) -> Vec<(&'static str, String)> {
    let FoundFile { name, tags, .. } = member.file;
    let on = |tag: &str| member.file.has_tag(tag);
    let priority: Option<u16> = tags.get("failover_priority").and_then(|it| it.parse().ok());
    let mut all = Vec::new();
    if on("nofailover") || priority == Some(0) {
        all.push(("failover", "no".to_owned()));
    }
    if on("nosync") {
        all.push(("synchronous", "no".to_owned()));
    }
    if let Some(priority) = priority.filter(|it| *it > 0 && !on("nofailover")) {
        all.push(("priority", priority.to_string()));
    }
    let known = ["nofailover", "nosync", "failover_priority"];
    let others = tags.iter().filter(|(tag, value)| !known.contains(&tag.as_str()) && is_on(value));
    remarks.extend(others.map(|(tag, _)| {
        Remark::new(format!("{name}: left out is the tag `{tag}`: an inventory has no word for it"))
    }));
    all
}

/// Networks from which everybody may connect to everything with a password, by the rules of the primary's server.
fn clients(members: &[Member<'_>], remarks: &mut Vec<Remark>) -> Vec<Network> {
    let lives = members.iter().filter_map(|member| member.facts.live());
    let Some(live) = lives.min_by_key(|live| live.in_recovery) else { return Vec::new() };
    let by_password = |method: &str| method == "scram-sha-256" || method == "md5" && !locked_out(live);
    let mut networks: Vec<Network> = Vec::new();
    for (at, rule) in live.hba.iter().enumerate() {
        let of_clients = rule.kind == "host" && rule.is_of_everybody() && by_password(&rule.method);
        let network = rule.network().filter(|_| of_clients).and_then(|it| it.parse().ok());
        let Some(network) = network.filter(|it| !networks.contains(it)) else { continue };
        match live.hba[..at].iter().find(|earlier| keeps_out_of(earlier, network)) {
            None => networks.push(network),
            Some(earlier) => remarks.push(Remark::new(format!(
                "left out of `clients` is {network}: `{}` of pg_hba keeps somebody out there, and an inventory has no word for that",
                earlier.line()
            ))),
        }
    }
    networks
}

/// This rule turns somebody away who comes from the network. What its own network is cannot always be told.
fn keeps_out_of(rule: &HbaRule, network: Network) -> bool {
    let own = rule.network().and_then(|it| it.parse::<Network>().ok());
    let own_user = |user: &String| Account::ALL.iter().any(|account| account.user() == user);
    rule.method == "reject"
        && rule.kind != "local"
        // Patroni's accounts are kept out by a rule of galactl's, too.
        && !rule.users.iter().all(own_user)
        && rule.databases != ["replication"]
        && own.is_none_or(|own| own.overlaps(network))
}

/// Somebody would not get in by SCRAM, which galactl's rules ask for.
fn locked_out(live: &Live) -> bool {
    !live.md5_accounts.is_empty()
}

/// Names of settings with their values, by node.
type ByNode = BTreeMap<String, Settings>;
