//! Whether the cluster has been born, and who may say so.
//!
//! Patroni does not ask before it starts: where etcd has no key `initialize`, the first one makes its own data the
//! cluster's, and the others are rewound to it without a word. So nothing is started before all of this is answered.

use std::collections::BTreeSet;

use super::{Basis, codes};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Contents, HostFacts, Initialize, SystemId};
use crate::patroni::inventory::Etcd;
use crate::patroni::observation::Born;

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No key, no data, no server, on any host.
    Unborn,
    /// A Patroni has taken the key, and initdb is at work.
    Founding(NodeName),
    /// A primary of the cluster that etcd names.
    Led { leader: NodeName, id: SystemId },
}

/// What stands there. Errors: every reason why it cannot be told, or must not be touched.
pub fn standing(basis: &Basis<'_>) -> Result<Standing, Vec<Finding>> {
    let mut refusals = hidden_data(basis);
    refusals.extend(several_clusters(basis));
    refusals.extend(several_primaries(basis));
    let born = basis.observation.born();
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
        if facts.datadir.holds_cluster() {
            let id = facts.system_id().map_or_else(String::new, |id| format!(" of system {id}"));
            let evidence =
                format!("{} holds a cluster{id}, and etcd has no key `initialize`", facts.datadir.path);
            let next = Remedy::galactl("recover", &[])
                .and(" finds out who has most, and starts from there; a cluster that is to be another one's goes away by hand first");
            refusals.push(Finding::new(codes::DATA_WITHOUT_KEY, evidence, next).on(&node.name));
        } else if facts.server_runs() || facts.patroni_runs() {
            let what = if facts.patroni_runs() { "Patroni" } else { "a PostgreSQL server" };
            let next =
                "see whose it is: sudo systemctl status patroni postgresql; stop it if nobody needs it";
            let evidence = format!("{what} runs here, and etcd has no key `initialize`");
            refusals.push(Finding::new(codes::FOREIGN, evidence, Remedy::on_host(next)).on(&node.name));
        }
    }
    if refusals.is_empty() { Ok(Standing::Unborn) } else { Err(refusals) }
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
        None => {
            let evidence = format!("etcd names system {id}, and no server is a primary");
            let next = Remedy::galactl("recover", &[]).and(
                " finds out who has most, and starts from there; after a reboot, wait half a minute first",
            );
            Err(vec![Finding::new(codes::NO_PRIMARY, evidence, next)])
        }
    }
}
