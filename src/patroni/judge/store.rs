//! Whether etcd, in which Patroni keeps who leads, has its quorum, and survives one more failure.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::names;
use crate::patroni::facts::EtcdMember as Member;
use crate::patroni::inventory::{Etcd, EtcdMember};
use crate::patroni::observe::client_endpoint;

/// Findings about all members together; those of one member are in [`super::whole::etcd`].
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let found = match &basis.inventory.etcd {
        Etcd::Members(_) => [quorum(basis), several_clusters(basis), strangers(basis)],
        Etcd::Existing(_) => [of_others(basis), several_clusters(basis), None],
    };
    found.into_iter().flatten().collect()
}

/// What a member says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Healthy,
    /// It says that it has no quorum.
    WithoutQuorum,
    /// Its host was seen, and it gives no answer.
    Silent,
    /// Its host was not seen.
    NotSeen,
}

/// The word of a member that galactl set up.
pub fn word(basis: &Basis<'_>, member: &EtcdMember) -> Word {
    if basis.etcd_of(&member.name).is_none() {
        return Word::NotSeen;
    }
    let own = client_endpoint(member);
    let mut told = basis.observation.endpoints().filter(|(_, at, _)| *at == own);
    match told.find_map(|(_, _, endpoint)| endpoint.healthy.told()) {
        Some(true) => Word::Healthy,
        Some(false) => Word::WithoutQuorum,
        None => Word::Silent,
    }
}

/// How many members the quorum is of: as etcd itself has them, or else the inventory.
fn size(basis: &Basis<'_>) -> usize {
    let told =
        basis.observation.endpoints().filter_map(|(_, _, endpoint)| Some(endpoint.members.told()?.len()));
    told.max().unwrap_or(basis.inventory.etcd.members().len())
}

/// A member that says that it is healthy has just read with the agreement of a majority.
fn quorum(basis: &Basis<'_>) -> Option<Finding> {
    let words: Vec<_> = basis.inventory.etcd.members().iter().map(|it| word(basis, it)).collect();
    let count = |wanted: Word| words.iter().filter(|word| **word == wanted).count();
    let (healthy, size) = (count(Word::Healthy), size(basis));
    let majority = size / 2 + 1;
    let known = if count(Word::NotSeen) > 0 { "known to be " } else { "" };
    let evidence = format!("{healthy} of {size} members of etcd are {known}healthy");
    let nobody_founded = basis.observation.etcd().all(|(_, etcd)| !etcd.runs() && etcd.datadirs.is_empty());
    if healthy == 0 && count(Word::NotSeen) + count(Word::WithoutQuorum) == 0 && nobody_founded {
        return None;
    }
    let lost = count(Word::WithoutQuorum) > 0 || size.saturating_sub(count(Word::Silent)) < majority;
    if healthy == 0 && lost {
        let next = "start the others, as said of them: sudo systemctl start etcd on each of their hosts";
        return Some(Finding::new(codes::ETCD_QUORUM, format!("{evidence}: there is no quorum"), next));
    }
    let next = "bring the others back, as said of them";
    (healthy > 0 && healthy < size && healthy <= majority).then(|| {
        Finding::new(codes::ETCD_ROOM, format!("{evidence}: it has a quorum, and none to spare"), next)
    })
}

/// Of an etcd that is somebody else's, only its endpoints are known.
fn of_others(basis: &Basis<'_>) -> Option<Finding> {
    let mut told: BTreeMap<&str, bool> = BTreeMap::new();
    for (_, at, endpoint) in basis.observation.endpoints() {
        let healthy = endpoint.healthy.told() == Some(&true);
        *told.entry(at).or_default() |= healthy;
    }
    let ill: Vec<_> = told.iter().filter(|(_, healthy)| !**healthy).map(|(at, _)| *at).collect();
    let evidence = format!("etcd gives no healthy answer at {}", names(&ill, "and"));
    match ill.len() {
        0 => None,
        many if many == told.len() => {
            Some(Finding::new(codes::ETCD_QUORUM, evidence, "start it, or correct `etcd.endpoints`"))
        }
        _ => Some(Finding::new(codes::ETCD_MEMBER, evidence, "start it there, or correct `etcd.endpoints`")),
    }
}

/// Members that founded apart: each cluster of etcd may name a leader of its own.
fn several_clusters(basis: &Basis<'_>) -> Option<Finding> {
    let mut clusters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (_, at, endpoint) in basis.observation.endpoints() {
        let Some(id) = endpoint.cluster_id.as_deref() else { continue };
        let known = clusters.entry(id).or_default();
        if !known.contains(&at) {
            known.push(at);
        }
    }
    let told: Vec<_> = clusters.iter().map(|(id, at)| format!("cluster {id} at {}", at.join(", "))).collect();
    let next = "find out which of them has the keys of Patroni, and stop etcd on the hosts of the other: sudo systemctl stop etcd";
    (told.len() > 1).then(|| {
        Finding::new(codes::ETCD_CLUSTER, format!("etcd is more than one: {}", told.join("; ")), next)
    })
}

/// Members that only one of both knows: etcd or the inventory. Those on data nodes are told of these.
fn strangers(basis: &Basis<'_>) -> Option<Finding> {
    let members = told(basis)?;
    let inventory = basis.inventory;
    let of_node = |name: &str| inventory.nodes.iter().any(|node| node.name.as_str() == name);
    let ours = inventory.etcd.members();
    let is_ours = |name: &str| ours.iter().any(|own| own.name.as_str() == name);
    let foreign = members.iter().map(|it| it.name.as_str()).filter(|name| !name.is_empty());
    let foreign: Vec<_> = foreign.filter(|name| !is_ours(name) && !of_node(name)).collect();
    let missing = ours.iter().filter(|own| members.iter().all(|it| it.name != own.name.as_str()));
    let missing: Vec<_> = missing.map(|own| own.name.as_str()).collect();
    let (evidence, next) = match (foreign.as_slice(), missing.as_slice()) {
        ([], []) => return None,
        ([], missing) => (
            format!("etcd does not have {} as a member", names(missing, "and")),
            Remedy::galactl("bootstrap", &[]).and(" lets it come to the others"),
        ),
        (foreign, missing) => (
            match missing {
                [] => format!("etcd has {} as a member, and the inventory has not", names(foreign, "and")),
                _ => {
                    format!(
                        "etcd has {} as a member, and not {}",
                        names(foreign, "and"),
                        names(missing, "and")
                    )
                }
            },
            Remedy::from("add it to the inventory, or where it is gone for good: ")
                .and("ETCDCTL_API=3 etcdctl member list, and member remove with its ID"),
        ),
    };
    Some(Finding::new(codes::ETCD_CLUSTER, evidence, next).severity(Severity::Degraded))
}

/// The members as etcd itself has them.
fn told<'a>(basis: &Basis<'a>) -> Option<&'a [Member]> {
    basis.observation.endpoints().find_map(|(_, _, endpoint)| endpoint.members.told()).map(Vec::as_slice)
}

/// The inventory is to name the members that etcd has.
pub fn as_etcd_has_it(basis: &Basis<'_>) -> Remedy {
    let mut names: Vec<_> = told(basis).into_iter().flatten().map(|member| member.name.as_str()).collect();
    names.sort_unstable();
    Remedy::from(format!("write `etcd: {{members: [{}]}}` in ", names.join(", ")))
        .and(Remedy::Inventory)
        .and(", as etcd has them")
}
