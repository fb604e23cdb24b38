//! `galactl init --from`: finding all members of a cluster that others have set up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::look;
use crate::exit::{CommandError, Kind};
use crate::galera::adopt;
use crate::galera::adopt::Member;
use crate::galera::facts::{HostFacts, Live, Surroundings, peers_in};
use crate::galera::inventory;
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::facts::Seen;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::{Address, NodeName, Secrets, without_port};
use crate::ui::{Printer, notes_text};

/// The hint for a member that was not seen.
pub const OTHER_ADDRESS: &str =
    "where a host is reached at another address than its peers use, name it with --from as well";

/// One scan of the hosts that are known of so far.
pub struct Look {
    hosts: Vec<Host>,
    observation: Observation,
    surroundings: BTreeMap<NodeName, Surroundings>,
}

/// A host to scan.
#[derive(Clone)]
struct Host {
    /// What the scan calls it.
    name: NodeName,
    address: Address,
    /// Neither the user nor a view named it, only an option file's list. It may be no member.
    guessed: bool,
}

/// Scans the hosts that were named, and the members of their view that nobody has named.
///
/// Errors: a host that is not seen or runs no cluster, two clusters, or members that cannot be found.
pub async fn whole_cluster(named: &[Address], ssh: &RawSsh, base: &Path) -> Result<Look, CommandError> {
    let mut hosts = Vec::new();
    add(&mut hosts, named, false)?;
    loop {
        Printer::narrate(&format!("looking at {}", list(hosts.iter().map(|host| &host.address))));
        let look = look_at(hosts, ssh, base).await?;
        let known = members(&look)?;
        let others = not_looked_at(&known);
        if !others.is_empty() {
            Printer::narrate(&format!("the cluster has more members: {}", list(&others)));
            hosts = look.hosts;
            add(&mut hosts, &others, false)?;
            continue;
        }
        let Some(untold) = untold(&known) else { return Ok(look) };
        let candidates = candidates(&known);
        let new: Vec<_> = candidates.iter().filter(|it| !look.has(it)).cloned().collect();
        if new.is_empty() {
            return Err(not_found(&look, &untold, &candidates));
        }
        Printer::narrate(&format!("{untold}; trying those of wsrep_cluster_address: {}", list(&new)));
        hosts = look.hosts;
        add(&mut hosts, &new, true)?;
    }
}

fn add(hosts: &mut Vec<Host>, addresses: &[Address], guessed: bool) -> Result<(), CommandError> {
    for address in addresses {
        let name = format!("host{}", hosts.len() + 1);
        let name = name.parse().map_err(|_| CommandError::error(format!("{name} is no name")))?;
        hosts.push(Host { name, address: address.clone(), guessed });
    }
    Ok(())
}

fn list<'a>(hosts: impl IntoIterator<Item = &'a Address>) -> String {
    hosts.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Look {
    fn has(&self, address: &Address) -> bool {
        self.hosts.iter().any(|host| &host.address == address)
    }

    fn unseen(&self, host: &Host) -> Option<String> {
        match self.observation.nodes.get(&host.name) {
            Some(Seen::Unreachable(why)) => Some(why.to_string()),
            _ => None,
        }
    }
}

async fn look_at(hosts: Vec<Host>, ssh: &RawSsh, base: &Path) -> Result<Look, CommandError> {
    let addresses: Vec<_> = hosts.iter().map(|host| host.address.clone()).collect();
    let inventory = understood(&adopt::provisional(&addresses, ssh), "the command line")?;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let (reports, surroundings) =
        tokio::join!(observe::ask(&inventory, &fleet), observe::adopt::ask(&inventory, &fleet));
    fleet.close().await;
    let look = Look { hosts, observation: reports.observation(&Secrets::default()), surroundings };
    let user = ssh.user.as_deref().unwrap_or("root");
    for host in look.hosts.iter().filter(|host| !host.guessed) {
        if let Some(why) = look.unseen(host) {
            return Err(not_scanned(&host.address, user, &why, OTHER_ADDRESS));
        }
    }
    Ok(look)
}

/// A host that was named, and was not seen. `or`: what else helps.
pub fn not_scanned(host: &Address, user: &str, why: &str, or: &str) -> CommandError {
    let hint = format!("make `ssh {user}@{host}` work from here; {or}");
    CommandError::new(Kind::Unreachable, format!("{host} could not be scanned: {why}")).hint(hint)
}

/// Parses an inventory that galactl has written. Any error in it comes from the hosts or the command line.
pub fn understood(text: &str, origin: &str) -> Result<Inventory, CommandError> {
    inventory::parse(text.as_bytes()).map(|(inventory, _)| inventory).map_err(|notes| {
        Printer::narrate(&notes_text(&notes, origin, text.as_bytes(), console::colors_enabled_stderr()));
        CommandError::error("no inventory can say that; nothing was written")
    })
}

/// The hosts as members of one running cluster, each once. One that was only guessed need not be a member.
pub fn members(look: &Look) -> Result<Vec<Member<'_>>, CommandError> {
    let (mut members, mut first): (Vec<Member<'_>>, Option<(&Address, &Live)>) = (Vec::new(), None);
    for host in &look.hosts {
        let Some(facts) = look.observation.facts(&host.name) else { continue };
        let live = match member_of(host, facts, first) {
            Ok(live) => live,
            Err(_) if host.guessed => continue,
            Err(error) => return Err(error),
        };
        first.get_or_insert((&host.address, live));
        let again = members.iter().any(|member| gcomm_uuid(member.facts) == Some(&live.gcomm_uuid));
        if !again {
            let surroundings = look.surroundings.get(&host.name).unwrap_or(&NOTHING);
            members.push(Member { reached_at: &host.address, facts, surroundings });
        }
    }
    Ok(members)
}

static NOTHING: Surroundings =
    Surroundings { unit: None, packaged: BTreeSet::new(), trusted: None, certificate: String::new() };

fn gcomm_uuid(facts: &HostFacts) -> Option<&String> {
    facts.live().map(|live| &live.gcomm_uuid)
}

/// What a host's server says, if it is in the same running cluster as the first one.
fn member_of<'a>(
    host: &Host,
    facts: &'a HostFacts,
    first: Option<(&Address, &Live)>,
) -> Result<&'a Live, CommandError> {
    let refused = |message: String, hint: &str| CommandError::new(Kind::Refused, message).hint(hint);
    let address = &host.address;
    let live =
        facts.live().filter(|live| live.is_primary()).ok_or_else(|| not_in_a_cluster(address, facts))?;
    if let Some((other, known)) = first
        && (&live.cluster_name, &live.state_uuid) != (&known.cluster_name, &known.state_uuid)
    {
        let (name, others) = (&live.cluster_name, &known.cluster_name);
        let message = format!("{address} is in cluster `{name}`, {other} in another one, `{others}`");
        return Err(refused(message, "an inventory describes one cluster: name hosts of one"));
    }
    if facts.server.is_some_and(|version| version.series() < (10, 0)) {
        let message = format!("{address} runs another server than MariaDB");
        return Err(refused(message, "write its inventory by hand"));
    }
    Ok(live)
}

fn not_in_a_cluster(address: &Address, facts: &HostFacts) -> CommandError {
    if let Some(error) = without_wsrep(address, facts) {
        return error;
    }
    let message = format!("{address} is no member of a running cluster: {}", facts.state());
    CommandError::new(Kind::Refused, message).hint(
        "`galactl bootstrap` makes a new cluster, and `galactl recover` starts one that is down; both take an inventory (`galactl init`)",
    )
}

/// The error where option files name a cluster, but the server runs alone because they do not set `wsrep_on`.
fn without_wsrep(address: &Address, facts: &HostFacts) -> Option<CommandError> {
    facts.live().filter(|live| !live.wsrep_on)?;
    let name =
        facts.options.get("wsrep_cluster_name").or_else(|| facts.options.get("wsrep_cluster_address"))?;
    let message = format!(
        "the option files of {address} name the cluster `{name}`, but wsrep_on is OFF, so its server runs alone"
    );
    let hint = match facts.wsrep_files.as_slice() {
        [] => "write `wsrep_on = ON` beside them on every node; `galactl bootstrap` makes a cluster, and takes an inventory (`galactl init`)".to_owned(),
        files => format!(
            "write `wsrep_on = ON` into {} on every node; `galactl bootstrap` makes a cluster, and takes an inventory (`galactl init`)",
            files.join(" or ")
        ),
    };
    Some(CommandError::new(Kind::Refused, message).hint(hint))
}

/// The members of the view that have not been scanned yet.
fn not_looked_at(members: &[Member<'_>]) -> Vec<Address> {
    let in_view: BTreeSet<_> =
        members.iter().filter_map(|member| member.facts.live()).flat_map(|live| &live.members).collect();
    without_known(in_view.into_iter().filter_map(|member| member.parse().ok()), members)
}

/// Addresses at which the members' own option files look for the others.
fn candidates(members: &[Member<'_>]) -> Vec<Address> {
    let lists = members.iter().filter_map(|member| member.facts.options.get("wsrep_cluster_address"));
    let peers: BTreeSet<Address> =
        lists.flat_map(|list| peers_in(list)).filter_map(|peer| peer.parse().ok()).collect();
    without_known(peers.into_iter(), members)
}

fn without_known(addresses: impl Iterator<Item = Address>, members: &[Member<'_>]) -> Vec<Address> {
    let is = |address: &Address, member: &Member<'_>| match address {
        Address::Ip(ip) => member.facts.machine.addresses.contains(ip),
        Address::Host(name) => {
            let own = member.facts.options.get("wsrep_node_address");
            own.is_some_and(|own| without_port(own).eq_ignore_ascii_case(name))
        }
    };
    let known =
        |address: &Address| members.iter().any(|member| member.reached_at == address || is(address, member));
    addresses.filter(|address| !known(address)).collect()
}

/// The message where the view has more members than are known, and does not say which.
fn untold(members: &[Member<'_>]) -> Option<String> {
    let lives = || members.iter().filter_map(|member| member.facts.live());
    let size = lives().map(|live| live.cluster_size).max()?;
    let all = lives().filter_map(Live::data_nodes).max().unwrap_or(size);
    let auto = lives().any(|live| live.unnamed > 0);
    (all > members.len() as u64).then(|| {
        let why = if auto {
            ": wsrep_incoming_addresses is AUTO for a server that listens at 127.0.0.1 only (bind_address)"
        } else {
            ""
        };
        format!("the cluster has {all} members, and does not tell which{why}")
    })
}

/// The error where the lists of the option files do not lead to all members either.
fn not_found(look: &Look, untold: &str, candidates: &[Address]) -> CommandError {
    let mut message = untold.to_owned();
    for host in look.hosts.iter().filter(|host| host.guessed) {
        let why = match (look.unseen(host), look.observation.facts(&host.name)) {
            (Some(why), _) => format!("could not be scanned: {why}"),
            (None, Some(facts)) if facts.live().is_none_or(|live| !live.is_primary()) => {
                format!("is no member: {}", facts.state())
            }
            _ => continue,
        };
        message += &format!("\n{} of wsrep_cluster_address {why}", host.address);
    }
    let hint = match candidates {
        [] => "name all of its hosts with --from".to_owned(),
        some => format!("name all of its hosts with --from; wsrep_cluster_address has {}", list(some)),
    };
    CommandError::error(message).hint(hint)
}
