//! `galactl init --from`: finding all members of a cluster that Patroni keeps.

use std::collections::BTreeMap;

use super::init_found::Place;
use super::init_members::{OTHER_ADDRESS, not_scanned};
use super::look;
use crate::exit::{CommandError, Kind};
use crate::kernel::facts::Seen;
use crate::kernel::model::{Address, NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::patroni::adopt;
use crate::patroni::adopt::Member;
use crate::patroni::config::{FoundFile, PATRONI_CONFIG};
use crate::patroni::facts::{Answer, EtcdHostFacts, HostFacts, Surroundings};
use crate::patroni::inventory;
use crate::patroni::inventory::Inventory;
use crate::patroni::observe;
use crate::ui::{Printer, notes_text};

/// All members, as one scan saw them.
pub struct Look {
    members: Vec<(Address, FoundFile, HostFacts)>,
    /// Machines with etcd alone, each with the name of its member.
    pub stores: Vec<(Address, String, EtcdHostFacts)>,
}

impl Look {
    pub fn members(&self) -> Vec<Member<'_>> {
        self.members.iter().map(|(reached_at, file, facts)| Member { reached_at, file, facts }).collect()
    }
}

/// Scans the hosts that were named, and the members that Patroni knows and nobody has named.
///
/// Errors: a host that is not seen or has no Patroni, two clusters, one of which no Patroni is at work, or one that
/// galactl must not manage. A member that is down is described by its file.
pub async fn whole_cluster(named: &[Address], place: &Place<'_>) -> Result<Look, CommandError> {
    let mut hosts = named.to_vec();
    loop {
        Printer::narrate(&format!("looking at {}", list(&hosts)));
        let look = look_at(&hosts, &[], place).await?;
        let others = not_looked_at(&look.members());
        if others.is_empty() {
            return with_stores(look, place).await;
        }
        Printer::narrate(&format!("the cluster has more members: {}", list(&others)));
        hosts = look.members.into_iter().map(|(address, ..)| address).chain(others).collect();
    }
}

fn list<'a>(hosts: impl IntoIterator<Item = &'a Address>) -> String {
    hosts.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Parses an inventory that galactl has written. Any error in it comes from the hosts or the command line.
pub fn understood(text: &str, origin: &str) -> Result<Inventory, CommandError> {
    inventory::parse(text.as_bytes()).map(|(inventory, _)| inventory).map_err(|notes| {
        Printer::narrate(&notes_text(&notes, origin, text.as_bytes(), console::colors_enabled_stderr()));
        CommandError::error("no inventory can say that; nothing was written")
    })
}

/// `stores`: machines that may have etcd alone. Those that are not seen are left out.
async fn look_at(hosts: &[Address], stores: &[Address], place: &Place<'_>) -> Result<Look, CommandError> {
    let inventory = understood(&adopt::provisional(hosts, place.ssh), "the command line")?;
    let fleet = look::connect(inventory.hosts(), place.base).await?;
    let told = observe::adopt::ask(&inventory, &fleet).await;
    let found = files(hosts, &inventory, &told, place)?;
    let known: Vec<_> = found.iter().map(|(address, file)| (address, file)).collect();
    let text = adopt::to_look_at(&known, stores, place.ssh);
    let inventory = understood(&text, "what was found")?;
    let fleet = if stores.is_empty() { fleet } else { with_more(fleet, &inventory, place).await? };
    let mut observation = asked(&inventory, &fleet).await;
    fleet.close().await;
    let mut members = Vec::new();
    for (node, (address, file)) in inventory.nodes.iter().zip(found) {
        let facts = match observation.nodes.remove(&node.name) {
            Some(Seen::Facts(facts)) => *facts,
            Some(Seen::Unreachable(why)) => return Err(unseen(&address, place, &why.to_string())),
            None => return Err(unseen(&address, place, "it was not asked")),
        };
        if facts.patroni_runs() {
            answers(&address, &file, &facts)?;
        }
        let again =
            members.iter().any(|(_, known, _): &(Address, FoundFile, HostFacts)| known.name == file.name);
        if !again {
            one_cluster(&members, &address, &file, &facts)?;
            members.push((address, file, facts));
        }
    }
    let mut others = Vec::new();
    for (member, address) in inventory.etcd_hosts.iter().zip(stores) {
        if let Some(Seen::Facts(facts)) = observation.etcd_hosts.remove(&member.name) {
            others.extend(name_of(&facts).map(|name| (address.clone(), name, *facts)));
        }
    }
    Ok(Look { members, stores: others })
}

async fn with_more(fleet: Fleet, inventory: &Inventory, place: &Place<'_>) -> Result<Fleet, CommandError> {
    fleet.close().await;
    look::connect(inventory.hosts(), place.base).await
}

async fn asked(inventory: &Inventory, fleet: &Fleet) -> crate::patroni::observation::Observation {
    let reports = observe::ask_members(inventory, fleet).await;
    let mut secrets = Secrets::default();
    reports.complete(&mut secrets);
    reports.observation(&secrets)
}

/// etcd on machines of its own is looked at where they can be reached: it may be galactl's.
async fn with_stores(look: Look, place: &Place<'_>) -> Result<Look, CommandError> {
    let mut stores = adopt::foreign_places(&look.members());
    stores.retain(|address| address.ip().is_some());
    if stores.is_empty() || stores.len().is_multiple_of(2) {
        return Ok(look);
    }
    Printer::narrate(&format!("looking at etcd on {}", list(&stores)));
    let hosts: Vec<_> = look.members.iter().map(|(address, ..)| address.clone()).collect();
    look_at(&hosts, &stores, place).await
}

fn name_of(facts: &EtcdHostFacts) -> Option<String> {
    let settings = facts.etcd.settings.as_ref()?;
    settings.text.lines().find_map(|line| line.strip_prefix("ETCD_NAME=").map(str::to_owned))
}

fn unseen(host: &Address, place: &Place<'_>, why: &str) -> CommandError {
    not_scanned(host, place.ssh.user.as_deref().unwrap_or("root"), why, OTHER_ADDRESS)
}

/// The file of each host's Patroni. One of them at least is at work.
fn files(
    hosts: &[Address],
    inventory: &Inventory,
    told: &BTreeMap<NodeName, Result<Surroundings, crate::kernel::facts::Unseen>>,
    place: &Place<'_>,
) -> Result<Vec<(Address, FoundFile)>, CommandError> {
    let (mut files, mut someone_runs) = (Vec::new(), false);
    for (node, address) in inventory.nodes.iter().zip(hosts) {
        let told = match told.get(&node.name) {
            Some(Ok(told)) => told,
            Some(Err(why)) => return Err(unseen(address, place, &why.to_string())),
            None => return Err(unseen(address, place, "it was not asked")),
        };
        let refused = |message: String| CommandError::new(Kind::Refused, message);
        let obstacles = adopt::of_host(told);
        if !obstacles.is_empty() {
            let message =
                format!("galactl must not manage the Patroni of {address}: {}", obstacles.join("; "));
            return Err(refused(message).hint(
                "nothing was written; change that on all nodes, one after the other, and run this again, or stay with patronictl (docs/how-to/adopt.md tells what galactl needs)",
            ));
        }
        let Some(file) = told.file.clone() else {
            let message = format!("{address} is no member of a cluster: there is no {PATRONI_CONFIG}");
            return Err(refused(message).hint("name a host on which Patroni runs"));
        };
        someone_runs |= told.runs;
        files.push((address.clone(), file));
    }
    if someone_runs {
        return Ok(files);
    }
    let message = format!("{} is no member of a running cluster: Patroni does not run there", list(hosts));
    Err(CommandError::new(Kind::Refused, message).hint(
        "name a host of the cluster on which Patroni runs; one that is down everywhere needs an inventory written by hand (`galactl init FILE`), and `galactl recover`",
    ))
}

/// Its Patroni tells who it is and who else there is, and its server runs.
fn answers(address: &Address, file: &FoundFile, facts: &HostFacts) -> Result<(), CommandError> {
    let name = &file.name;
    let unseen = |question: &str, why: &str, hint: &str| {
        CommandError::new(Kind::Unreachable, format!("{name} at {address}: {question}: {why}")).hint(hint)
    };
    let of_patroni = "sudo journalctl -u patroni -n 50 there tells why; then run this again";
    let of_server = "galactl asks it over its socket in /var/run/postgresql as `postgres`; where the server turns that away, write the line `local all postgres peer` first into `postgresql.pg_hba` of its Patroni, sudo systemctl reload patroni, then run this again";
    for (question, why, hint) in [
        ("its Patroni does not answer GET /patroni", why_not(&facts.patroni.node), of_patroni),
        ("its Patroni does not answer GET /cluster", why_not(&facts.patroni.cluster), of_patroni),
        ("its server gives no answer", why_not(&facts.server), of_server),
    ] {
        if let Some(why) = why {
            return Err(unseen(question, why, hint));
        }
    }
    Ok(())
}

fn why_not<T>(answer: &Answer<T>) -> Option<&str> {
    match answer {
        Answer::Told(_) => None,
        Answer::Nobody(why) | Answer::Unseen(why) => Some(why),
    }
}

fn one_cluster(
    members: &[(Address, FoundFile, HostFacts)],
    address: &Address,
    file: &FoundFile,
    facts: &HostFacts,
) -> Result<(), CommandError> {
    let Some((first, known, of_first)) = members.first() else { return Ok(()) };
    let message = if known.scope != file.scope {
        format!("{address} is in cluster `{}`, {first} in another one, `{}`", file.scope, known.scope)
    } else if differ(of_first.system_id(), facts.system_id()) {
        format!(
            "{address} and {first} are of two clusters with one name: their servers have different system identifiers"
        )
    } else {
        return Ok(());
    };
    Err(CommandError::new(Kind::Refused, message)
        .hint("an inventory describes one cluster: name hosts of one"))
}

fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// The members that Patroni's store has, and that have not been scanned yet.
fn not_looked_at(members: &[Member<'_>]) -> Vec<Address> {
    let clusters = members.iter().filter_map(|member| member.facts.patroni.cluster.told());
    let mut others: Vec<Address> = Vec::new();
    for listed in clusters.flat_map(|cluster| &cluster.members) {
        let known = members.iter().any(|member| member.file.name == listed.name);
        let address = listed.host.as_ref().and_then(|host| host.parse().ok());
        others.extend(address.filter(|address| !known && !others.contains(address)));
    }
    others
}
