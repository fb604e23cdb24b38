//! Whether the cluster has been born, and who may say so.
//!
//! Patroni does not ask before it starts: where etcd has no key `initialize`, the first one makes its own data the
//! cluster's, and the others are rewound to it without a word. So nothing is started before all of this is answered.

use std::collections::BTreeSet;

use super::other_data::other_data;
use super::{Basis, codes, seed};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::config::folder;
use crate::patroni::facts::{Contents, HostFacts, Initialize, SystemId};
use crate::patroni::inventory::Etcd;
use crate::patroni::observation::{Born, Store};

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No key, no data, no server, on any host.
    Unborn,
    /// No key, and the seed alone has data, of a standalone PostgreSQL, which may run.
    Seeded { seed: NodeName, id: SystemId },
    /// A Patroni makes the cluster: initdb is at work, or the seed's data are taken up.
    Founding(NodeName),
    /// A primary of the cluster that etcd names.
    Led { leader: NodeName, id: SystemId },
}

/// What stands there. Errors: every reason why it cannot be told, or must not be touched.
pub fn standing(basis: &Basis<'_>) -> Result<Standing, Vec<Finding>> {
    let mut refusals = hidden_data(basis);
    let born = basis.observation.born();
    // Beside a seed, each node that has data is told of apart.
    if basis.inventory.seed.is_none() || matches!(born, Born::Yes(_)) {
        refusals.extend(several_clusters(basis));
        refusals.extend(several_primaries(basis));
    }
    refusals.extend(store(basis, &born));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    match key(&born) {
        None => unborn(basis),
        Some(Initialize::InProgress | Initialize::Other(_)) => founding(basis),
        Some(Initialize::By(id)) => led(basis, id),
    }
}

fn key(born: &Born) -> Option<&Initialize> {
    match born {
        Born::Yes(stores) => stores.values().flatten().next(),
        Born::No | Born::NoStore | Born::Unknown(_) => None,
    }
}

/// Data that is there and was not seen.
fn hidden_data(basis: &Basis<'_>) -> Vec<Finding> {
    let found = |(node, facts): (&_, &HostFacts)| {
        let path = &facts.datadir.path;
        let (why, next) = match (&facts.datadir.contents, facts.hidden()) {
            (_, Some(why)) => {
                (why.to_owned(), format!("make {path} readable for root, or mount it, then run this again"))
            }
            (Contents::Other(names), None) if facts.datadir.mount_point => (
                format!("{path} is a file system of its own, and holds {}", names.join(", ")),
                format!(
                    "mount it at {} in place of {path}, which PostgreSQL makes and Patroni moves: edit /etc/fstab, then run this again",
                    above(path)
                ),
            ),
            (Contents::Other(names), None) => (
                format!("{path} holds {}, and no PG_VERSION", names.join(", ")),
                format!("look at it, and move it away if nobody needs it: sudo mv {path} {path}.aside"),
            ),
            _ => return None,
        };
        Some(Finding::new(codes::DATA_UNKNOWN, why, Remedy::on_host(next)).on(node))
    };
    basis.observation.seen().filter_map(found).collect()
}

fn above(path: &str) -> &str {
    path.trim_end_matches('/').rsplit_once('/').map_or("/", |(above, _)| above)
}

/// Identities of data and servers, and what etcd says, that are not one.
fn several_clusters(basis: &Basis<'_>) -> Option<Finding> {
    let ids = basis.observation.system_ids();
    let mut told: Vec<_> = ids
        .iter()
        .map(|(id, nodes)| {
            let nodes: Vec<_> = nodes.iter().map(|node| node.as_str()).collect();
            (id.to_string(), format!("system {id} on {}", nodes.join(", ")))
        })
        .collect();
    if let Born::Yes(stores) = basis.observation.born() {
        for value in stores.values().flatten() {
            if let Initialize::By(id) = value {
                told.push((id.to_string(), format!("system {id} in etcd")));
            }
        }
    }
    let different: BTreeSet<_> = told.iter().map(|(id, _)| id.clone()).collect();
    let evidence: Vec<_> = told.into_iter().map(|(_, text)| text).collect();
    let next = "find out which of them is this cluster; move the other's data away by hand, or take its node out of the \
                inventory; galactl deletes neither";
    (different.len() > 1).then(|| Finding::new(codes::TWO_CLUSTERS, evidence.join("; "), next))
}

fn several_primaries(basis: &Basis<'_>) -> Option<Finding> {
    let primaries: Vec<_> = basis.observation.primaries().map(|(node, _)| node.as_str()).collect();
    let next =
        Remedy::galactl("recover", &[]).and(" compares what each of them has; until then, let nobody write");
    (primaries.len() > 1)
        .then(|| Finding::new(codes::SPLIT_BRAIN, format!("{} are primaries", primaries.join(" and ")), next))
}

/// Why the store cannot be trusted to have told all.
fn store(basis: &Basis<'_>, born: &Born) -> Vec<Finding> {
    match born {
        Born::Unknown(reasons) => {
            let next = format!(
                "see that etcd runs on most of its hosts (sudo systemctl start etcd on each), then galactl status {PLACE}"
            );
            let evidence = format!("what etcd has was not told: {}", reasons.join("; "));
            vec![Finding::new(codes::STORE_UNKNOWN, evidence, next)]
        }
        Born::NoStore => stopped_stores(basis),
        Born::Yes(_) | Born::No => Vec::new(),
    }
}

/// An etcd that does not run and has data may have the key in it. So may one that is somebody else's and did not answer.
fn stopped_stores(basis: &Basis<'_>) -> Vec<Finding> {
    if let Etcd::Existing(endpoints) = &basis.inventory.etcd {
        let names: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
        let evidence = format!("no etcd answers at {}", names.join(", "));
        return vec![Finding::new(codes::STORE_UNKNOWN, evidence, "start it, or correct `etcd.endpoints`")];
    }
    let stopped = basis.observation.etcd().filter(|(_, etcd)| !etcd.datadirs.is_empty());
    stopped
        .map(|(node, etcd)| {
            let paths: Vec<_> = etcd.datadirs.keys().map(String::as_str).collect();
            let evidence = format!("etcd does not run, and has data in {}", paths.join(", "));
            let next = "sudo systemctl start etcd on all its hosts, then run this again; or, if it is nobody's, sudo rm -r that folder";
            Finding::new(codes::STORE_UNKNOWN, evidence, Remedy::on_host(next)).on(node)
        })
        .collect()
}

/// No key: nobody may have anything.
fn unborn(basis: &Basis<'_>) -> Result<Standing, Vec<Finding>> {
    let mut refusals = Vec::new();
    for (node, facts) in basis.nodes() {
        if basis.inventory.seed.is_some() {
            refusals.extend(seed::refusals(basis, node, facts));
        } else if facts.datadir.holds_cluster() {
            let id = facts.system_id().map_or_else(String::new, |id| format!(" of system {id}"));
            let evidence =
                format!("{} holds a cluster{id}, and etcd has no key `initialize`", facts.datadir.path);
            let next = Remedy::galactl("recover", &[])
                .and(" finds out who has most, and starts from there; a cluster that is to be another one's goes away by hand first");
            let next = if seed::is_standalone(facts) { seed::instead(node, next) } else { next };
            refusals.push(Finding::new(codes::DATA_WITHOUT_KEY, evidence, next).on(&node.name));
        } else if facts.server_runs() || facts.patroni_runs() {
            let what = if facts.patroni_runs() { "Patroni" } else { "a PostgreSQL server" };
            let next =
                "see whose it is: sudo systemctl status patroni postgresql; stop it if nobody needs it";
            let evidence = format!("{what} runs here, and etcd has no key `initialize`");
            refusals.push(Finding::new(codes::FOREIGN, evidence, Remedy::on_host(next)).on(&node.name));
        } else {
            refusals.extend(other_data(facts).map(|refusal| refusal.on(&node.name)));
        }
    }
    refusals.extend(left_keys(basis));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(match seed::found(basis) {
        None => Standing::Unborn,
        Some((node, facts, _)) if facts.patroni_runs() => Standing::Founding(node.name.clone()),
        Some((node, _, id)) => Standing::Seeded { seed: node.name.clone(), id: id.clone() },
    })
}

/// Keys of an earlier cluster. Patroni would take its dynamic configuration for that of the new one, also where it lets
/// commits wait for nobody, and would carry out what was ordered then.
fn left_keys(basis: &Basis<'_>) -> Vec<Finding> {
    let folder = folder(&basis.inventory.cluster);
    let left = [Store::V2, Store::V3].into_iter().filter_map(|store| {
        let keys = basis.observation.agreed(store).filter(|keys| !keys.is_empty())?;
        if let Some(alive) = elsewhere(basis) {
            return Some(alive);
        }
        let evidence = format!(
            "etcd has no key `initialize`, and keys of an earlier cluster below {folder}: {}",
            keys.names().join(", ")
        );
        let command = removal(basis, store);
        let next =
            format!("if nobody needs them, on a host with etcd-client: {command}; then run this again");
        Some(Finding::new(codes::LEFT_KEYS, evidence, next))
    });
    left.take(1).collect()
}

/// What removes all of Patroni's keys of this cluster from a store.
pub fn removal(basis: &Basis<'_>, store: Store) -> String {
    let folder = folder(&basis.inventory.cluster);
    let healthy =
        basis.observation.endpoints().find(|(_, _, endpoint)| endpoint.healthy.told() == Some(&true));
    let at = healthy.map_or("127.0.0.1:2379", |(_, at, _)| at);
    match store {
        Store::V3 => format!("ETCDCTL_API=3 etcdctl --endpoints=http://{at} del --prefix {folder}/"),
        Store::V2 => format!("ETCDCTL_API=2 etcdctl --endpoints http://{at} rm --recursive {folder}"),
    }
}

/// Somebody is alive in etcd under the cluster's name, and is no node of this inventory: it may lead, with commits that
/// nobody here has. Where no node has data, also the names of its own nodes are those of other hosts.
pub fn elsewhere(basis: &Basis<'_>) -> Option<Finding> {
    let ours = |name: &str| basis.inventory.nodes.iter().any(|node| node.name.as_str() == name);
    let is_blank = basis.nodes().all(|(_, facts)| facts.is_blank());
    let stores = [Store::V2, Store::V3].into_iter().filter_map(|store| basis.observation.agreed(store));
    let alive = stores.flat_map(|keys| keys.members.keys().chain(&keys.leader));
    let alive: BTreeSet<_> = alive.filter(|name| is_blank || !ours(name)).collect();
    let alive: Vec<_> = alive.into_iter().map(String::as_str).collect();
    let is = if alive.len() == 1 { "is" } else { "are" };
    let evidence = format!(
        "etcd says that {} {is} alive in cluster `{}`, on hosts that are not this inventory's",
        names(&alive, "and"),
        basis.inventory.cluster
    );
    let next = Remedy::from(
        "after a stop, run this again in half a minute; a node of this cluster belongs into ",
    )
    .and(Remedy::Inventory)
    .and(", or its Patroni has to be stopped; beside another cluster, this one needs another `cluster.name`");
    (!alive.is_empty()).then(|| Finding::new(codes::FOREIGN, evidence, next))
}

/// The key is there without an identity: initdb is at work, or was cut off.
fn founding(basis: &Basis<'_>) -> Result<Standing, Vec<Finding>> {
    let at_work = basis.nodes().find(|(_, facts)| facts.patroni_runs());
    match at_work {
        Some((node, _)) => Ok(Standing::Founding(node.name.clone())),
        None => {
            let evidence =
                "etcd has the key `initialize` without an identity, and no Patroni runs: initdb was cut off";
            let next = Remedy::galactl("recover", &[]).and(" tells what is left, and how to begin again");
            Err(vec![Finding::new(codes::FOUNDING_CUT_OFF, evidence, next)])
        }
    }
}

fn led(basis: &Basis<'_>, id: &SystemId) -> Result<Standing, Vec<Finding>> {
    let leader = basis.observation.primaries().next();
    match leader {
        Some((node, _)) => Ok(Standing::Led { leader: node.clone(), id: id.clone() }),
        None if seed::comes_up(basis, id) => Ok(Standing::Founding(basis.inventory.founder().name.clone())),
        None if elsewhere(basis).is_some() => Err(elsewhere(basis).into_iter().collect()),
        None => {
            let evidence = format!("etcd names system {id}, and no server is a primary");
            let next = Remedy::galactl("recover", &[]).and(
                " finds out who has most, and starts from there; after a reboot, wait half a minute first",
            );
            Err(vec![Finding::new(codes::NO_PRIMARY, evidence, next)])
        }
    }
}
