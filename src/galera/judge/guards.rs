//! The guards that every changing command shares. Each returns all its refusals.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Basis;
use crate::galera::alter::Tmpdir;
use crate::galera::facts::{Datadir, HostFacts, Intent};
use crate::galera::inventory::options::{Fate, fate};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::next_start::outside_in_spite_of_ours;
use crate::galera::judge::unanswered;
use crate::galera::judge::wanted::provider_candidates;
use crate::galera::judge::{codes, room};
use crate::galera::model::{Flavour, SstMethod};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::SshTarget;
use crate::kernel::judge::{Finding, Remedy, login, programs};
use crate::kernel::model::words::bytes;
use crate::kernel::model::{Address, NodeName};

/// Every node of the inventory was seen, whole.
pub fn reachable(basis: &Basis<'_>) -> Vec<Finding> {
    let unseen = |node: &Node| {
        let why = match basis.observation.nodes.get(&node.name) {
            Some(Seen::Facts(_)) => return None,
            Some(Seen::Unreachable(why)) => why.clone(),
            None => NOT_LOOKED_AT.into(),
        };
        Some(not_seen(basis.inventory, &why, &node.ssh).on(&node.name))
    };
    basis.inventory.start_order().filter_map(unseen).collect()
}

pub const NOT_LOOKED_AT: &str = "it was not scanned";

/// The refusal for a host of this login that was not seen.
pub fn not_seen(inventory: &Inventory, why: &Unseen, ssh: &SshTarget) -> Finding {
    let next = Remedy::from("make `").and(login(&inventory.ssh, ssh)).and(match why {
        Unseen::NotRoot(_) => format!(" sudo -n true` work for {}, then run this again", ssh.user),
        Unseen::Other(_) => " true` work from here, then run this again".to_owned(),
    });
    Finding::new(codes::UNREACHABLE, why.to_string(), next)
}

/// What must hold of every host, whatever is planned on it.
pub fn hosts(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = supported(basis.inventory);
    for (node, facts) in basis.nodes() {
        let found = [
            removed_or_masked(basis, node, facts),
            stray_server(facts),
            not_installed(basis.inventory, facts),
            missing_tools(basis.inventory, node, facts),
            missing_provider(basis.inventory, facts),
            armed_option(facts),
            outside_in_spite_of_ours(basis.inventory, facts),
            path_differs(basis.inventory, facts),
            wrong_address(&node.address, &node.ssh, &facts.machine.addresses),
            same_machine(basis, node, facts),
        ];
        refusals.extend(found.into_iter().flatten().map(|refusal| refusal.on(&node.name)));
        refusals.extend(room::full(facts).map(|refusal| refusal.on(&node.name)));
        refusals.extend(unknown_options(node, facts).map(|refusal| refusal.on(&node.name)));
    }
    refusals.extend(versions(basis));
    refusals
}

/// There is no Primary component of the inventory's nodes, as far as their servers answer.
pub fn no_cluster(basis: &Basis<'_>) -> Vec<Finding> {
    let unanswered = unanswered::refusals(basis);
    if !unanswered.is_empty() {
        return unanswered;
    }
    let evidence = "no node of the inventory is in a Primary component";
    let next = Remedy::galactl("bootstrap", &[])
        .and(", if there is no cluster yet; ")
        .and(Remedy::galactl("recover", &[]))
        .and(", if it is down");
    vec![Finding::new(codes::UNHEALTHY, evidence, next)]
}

fn supported(inventory: &Inventory) -> Vec<Finding> {
    if inventory.flavour.can_be_run() {
        return Vec::new();
    }
    let evidence = format!("{} is rendered, but was never run by galactl", inventory.flavour.as_str());
    vec![Finding::new(codes::NOT_SUPPORTED, evidence, Remedy::galactl("render", &["--out", "DIR"]))]
}

/// Nodes that galactl took out of the cluster, and that the inventory still lists.
pub fn removed(basis: &Basis<'_>) -> Vec<Finding> {
    basis.nodes().filter_map(|(node, facts)| removal(node, facts)).collect()
}

fn removal(node: &Node, facts: &HostFacts) -> Option<Finding> {
    let record = facts.removed()?;
    let evidence = format!("galactl removed it from cluster `{}` (by {})", record.cluster, record.by);
    Some(Finding::new(codes::REMOVED, evidence, bring_back(&node.name)).on(&node.name))
}

/// What to do about a node that galactl took out, and that the inventory still lists.
pub fn bring_back(node: &NodeName) -> Remedy {
    Remedy::from("delete it from `nodes` in the inventory; or bring it back: ")
        .and(Remedy::galactl("add-node", &[node.as_str()]))
}

fn removed_or_masked(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    removal(node, facts).or_else(|| programs::masked(&facts.unit, basis.inventory.host.unit.as_str()))
}

fn stray_server(facts: &HostFacts) -> Option<Finding> {
    let pid = facts.processes.iter().find(|_| !facts.unit.is_up())?;
    let evidence = format!("server process {pid} runs, but its unit is {}", facts.unit.active);
    Some(Finding::new(
        codes::STRAY_SERVER,
        evidence,
        Remedy::on_host(format!("ps -fp {pid}; then stop what started it")),
    ))
}

fn not_installed(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    if facts.server.is_some() {
        return None;
    }
    if !inventory.install {
        return Some(Finding::new(
            codes::NOT_INSTALLED,
            "no MariaDB server is installed",
            Remedy::from("set `cluster.install: true` in the inventory, or ")
                .and(Remedy::on_host("sudo apt-get install mariadb-server mariadb-backup")),
        ));
    }
    (!facts.machine.debian_family).then(|| {
        Finding::new(
            codes::NOT_SUPPORTED,
            format!("galactl installs packages with apt, and this is {}", facts.machine.os),
            "install MariaDB and galera-4 with the system's own tools",
        )
    })
}

/// Programs that the state transfer runs. What will be installed is not missing; but nothing is
/// installed under a running member, which may be the donor.
fn missing_tools(inventory: &Inventory, node: &Node, facts: &HostFacts) -> Option<Finding> {
    let member = facts.is_primary();
    if facts.server.is_none() || (inventory.install && !member) {
        return None;
    }
    let needed: &[(&str, &str)] = match inventory.sst.method {
        SstMethod::Mariabackup => {
            &[("mariabackup", "mariadb-backup"), ("mbstream", "mariadb-backup"), ("socat", "socat")]
        }
        SstMethod::Rsync if rsync_through_tls(inventory, node) => {
            &[("rsync", "rsync"), ("stunnel", "stunnel4")]
        }
        SstMethod::Rsync => &[("rsync", "rsync")],
    };
    let of_tls: &[_] = if inventory.tls.is_some() { &[("openssl", "openssl")] } else { &[] };
    let missing: Vec<_> =
        needed.iter().chain(of_tls).filter(|(tool, _)| !facts.tools.contains(*tool)).collect();
    let tools: Vec<_> = missing.iter().map(|(tool, _)| *tool).collect();
    let packages: BTreeSet<_> = missing.iter().map(|(_, package)| *package).collect();
    let packages: Vec<_> = packages.into_iter().collect();
    (!missing.is_empty()).then(|| {
        let tls = if tools.contains(&"openssl") { " and TLS need" } else { " needs" };
        let evidence = format!("{} SST{tls} {}", inventory.sst.method.as_str(), tools.join(", "));
        let next = Remedy::on_host(format!("sudo apt-get install {}", packages.join(" ")));
        Finding::new(codes::MISSING, evidence, next)
    })
}

/// rsync's SST script takes the server's own certificate, unless it is told otherwise, and aborts
/// where it has one and no stunnel.
fn rsync_through_tls(inventory: &Inventory, node: &Node) -> bool {
    if let Some(tls) = &inventory.tls {
        return tls.transfer;
    }
    let own = |name: &str| node.mysqld.contains_key(name);
    let told = ["encrypt", "ssl_mode", "tkey", "ssl_key"];
    own("ssl_cert") && own("ssl_key") && !told.iter().any(|name| inventory.sst.options.contains_key(*name))
}

fn missing_provider(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    if facts.server.is_none() || inventory.install || !facts.providers.is_empty() {
        return None;
    }
    let looked_for = provider_candidates(inventory).join(", ");
    let evidence = format!("no wsrep provider library; looked for {looked_for}");
    Some(Finding::new(
        codes::MISSING,
        evidence,
        Remedy::on_host("sudo apt-get install galera-4; or set `host.provider`"),
    ))
}

/// galactl removes intents from systemd and from /run; it does not edit files of others.
fn armed_option(facts: &HostFacts) -> Option<Finding> {
    let option = facts.intents.iter().find(|intent| matches!(intent, Intent::Option(_)))?;
    Some(Finding::new(
        codes::ARMED_OPTION,
        format!("{option}: every start of this server would found a new cluster"),
        Remedy::on_host(
            "sudo grep -rnE 'wsrep.new.cl|wsrep.cluster.address *= *\"?gcomm:/*\"? *$' /etc/my.cnf /etc/mysql /etc/systemd/system /etc/default; then remove that line",
        ),
    ))
}

/// Paths in the inventory are expectations: what is on the host is what was looked at.
fn path_differs(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let layout = &inventory.host;
    let paths = [
        ("datadir", layout.datadir.as_ref(), &facts.datadir.path),
        ("socket", layout.socket.as_ref(), &facts.socket),
    ];
    let (what, wanted, found) = paths
        .into_iter()
        .find_map(|(what, wanted, found)| Some((what, wanted.filter(|path| *path != found)?, found)))?;
    let evidence = format!("its {what} is {found}, and the inventory says {wanted}");
    Some(Finding::new(codes::PATH_DIFFERS, evidence, format!("correct or remove `host.{what}`")))
}

/// Peers, and state transfers with all the data, would go to another machine. Addresses behind
/// NAT are not supported.
pub fn wrong_address(address: &Address, ssh: &SshTarget, own: &BTreeSet<IpAddr>) -> Option<Finding> {
    let Address::Ip(address) = address else { return None };
    if own.is_empty() || own.contains(address) {
        return None;
    }
    let own: Vec<_> = own.iter().filter(|ip| !ip.is_loopback()).map(ToString::to_string).collect();
    let evidence = format!(
        "the host that answers at {} has no address {address}; it has {}",
        ssh.address,
        own.join(", ")
    );
    Some(Finding::new(codes::WRONG_ADDRESS, evidence, "correct `address` or `ssh_address` of this node"))
}

fn same_machine(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    let mut before = basis.nodes().take_while(|(other, _)| other.name != node.name);
    let (other, _) = before.find(|(_, other)| other.machine.is_same_as(&facts.machine))?;
    let evidence = format!("it is the same machine as {}", other.name);
    Some(Finding::new(codes::SAME_MACHINE, evidence, "give every node a machine of its own"))
}

fn unknown_options<'a>(node: &'a Node, facts: &'a HostFacts) -> impl Iterator<Item = Finding> + 'a {
    let version = facts.version();
    node.mysqld.keys().filter(move |name| version.is_some() && fate(name, version) == Fate::Fatal).map(
        move |name| {
            let version = version.map_or_else(String::new, |version| version.to_string());
            let evidence = format!("MariaDB {version} does not start with the option {name}");
            Finding::new(codes::UNKNOWN_OPTION, evidence, "remove it from `mysqld` in the inventory")
        },
    )
}

/// mariabackup does not work across release series, and a mixed cluster is a rolling upgrade,
/// not a bootstrap (MariaDB documentation, mariabackup SST method).
pub fn versions(basis: &Basis<'_>) -> Option<Finding> {
    if basis.inventory.flavour != Flavour::Mariadb {
        return None;
    }
    let known: Vec<_> =
        basis.nodes().filter_map(|(node, facts)| Some((&node.name, facts.version()?))).collect();
    let series: BTreeSet<_> = known.iter().map(|(_, version)| version.series()).collect();
    if series.len() < 2 {
        return None;
    }
    let list: Vec<_> = known.iter().map(|(name, version)| format!("{name} {version}")).collect();
    Some(Finding::new(
        codes::VERSIONS_DIFFER,
        format!("release series differ: {}", list.join(", ")),
        "install one series on all nodes",
    ))
}

/// The node has room for `data` bytes and its write-set cache, which the provider allocates whole.
/// What is there now makes room: a joiner's data is deleted by the state transfer, and the seed's
/// own is what it needs room for.
pub fn disk((node, facts): (&Node, &HostFacts), data: u64) -> Option<Finding> {
    let datadir = &facts.datadir;
    let room = datadir.free.saturating_add(datadir.bytes).saturating_add(datadir.cache);
    fits((node, facts), data, room)
}

/// As [`disk`], with what is there now kept beside it.
pub fn disk_beside((node, facts): (&Node, &HostFacts), data: u64) -> Option<Finding> {
    fits((node, facts), data, facts.datadir.free)
}

/// A member that restarts keeps its data; its write-set cache may have become larger.
pub fn disk_for_cache((node, facts): (&Node, &HostFacts)) -> Option<Finding> {
    let room = facts.datadir.free.saturating_add(facts.datadir.cache);
    fits((node, facts), 0, room)
}

/// `room`: what the change of a table writes before it ends, in bytes. A node whose disk is full meanwhile fails where
/// the others do not, and leaves the cluster.
pub fn disk_for_copy((node, facts): (&Node, &HostFacts), room: u64) -> Option<Finding> {
    let Datadir { free, path, .. } = &facts.datadir;
    (*free < room).then(|| {
        let [room, free] = [room, *free].map(bytes);
        let evidence = format!("the change of the table writes {room} before it ends, and {free} are free");
        let next = Remedy::on_host(format!("make room on the file system of {path}"));
        Finding::new(codes::DISK, evidence, next).on(&node.name)
    })
}

/// `room`: what a new index holds, in bytes; the server sorts that in a directory of its own. A node that has no room there
/// fails where the others do not, and leaves the cluster.
pub fn disk_for_sort(node: &NodeName, tmpdir: &Tmpdir, room: u64) -> Option<Finding> {
    let free = tmpdir.free.filter(|free| *free < room && !tmpdir.beside_data)?;
    let ([room, free], path) = ([room, free].map(bytes), &tmpdir.path);
    let evidence =
        format!("the server sorts up to {room} in {path} for the change, and {free} are free there");
    let next = Remedy::on_host(format!(
        "make room in {path}, or name a directory of mysql's on a larger file system, outside of the data directory: SET GLOBAL innodb_tmpdir = '/srv/tmp'"
    ));
    Some(Finding::new(codes::DISK, evidence, next).on(node))
}

fn fits((node, facts): (&Node, &HostFacts), data: u64, room: u64) -> Option<Finding> {
    let datadir = &facts.datadir;
    let gcache = node.gcache_bytes();
    (room < data.saturating_add(gcache)).then(|| {
        let [data, gcache, room] = [data, gcache, room].map(bytes);
        let evidence = format!("{data} of data and {gcache} of gcache will not fit into {room}");
        let next = Remedy::on_host(format!(
            "make room on the file system of {}, or lower gcache.size",
            datadir.path
        ));
        Finding::new(codes::DISK, evidence, next).on(&node.name)
    })
}
