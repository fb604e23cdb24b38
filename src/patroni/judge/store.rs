//! Whether etcd, in which Patroni keeps who leads, has its quorum, and survives one more failure.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::{bytes, names};
use crate::patroni::config::etcd_data_dir;
use crate::patroni::facts::{EtcdEndpoint, EtcdMember as Told};
use crate::patroni::inventory::{Etcd, EtcdMember};
use crate::patroni::observe::client_endpoint;

/// Findings about all members together; those of one member are in [`super::whole::etcd`].
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let found = match &basis.inventory.etcd {
        Etcd::Members(_) => [quorum(basis), several_clusters(basis), strangers(basis)],
        Etcd::Existing(_) => [of_others(basis), several_clusters(basis), None],
    };
    found.into_iter().flatten().chain(alarms(basis)).chain(large(basis)).collect()
}

/// etcd has stopped to take writes: nobody can renew the leader's key.
fn alarms(basis: &Basis<'_>) -> Option<Finding> {
    let mut endpoints = basis.observation.endpoints().filter(|(.., endpoint)| endpoint.has_alarm());
    let (_, at, endpoint) = endpoints.next()?;
    let (alarms, size) = (endpoint.alarms.told()?.join(", "), endpoint.db_size);
    let size = size.map_or_else(String::new, |size| format!("; its database has {}", bytes(size)));
    let etcdctl = format!("ETCDCTL_API=3 etcdctl --endpoints=http://{at}");
    let next = format!(
        "on a host with etcd-client, give room first: {}; then: {etcdctl} alarm disarm",
        compact(&etcdctl)
    );
    Some(Finding::new(codes::ETCD_ALARM, format!("etcd at {at} has the alarm {alarms}{size}"), next))
}

/// A member that has an alarm says that it is not healthy, though it has its quorum.
pub fn has_alarm(basis: &Basis<'_>) -> bool {
    basis.observation.endpoints().any(|(.., endpoint)| endpoint.has_alarm())
}

/// Its old versions of keys go, and what they have left free is given back.
fn compact(etcdctl: &str) -> String {
    format!(
        "{etcdctl} compact $({etcdctl} get / --write-out=json | grep -o '\"revision\":[0-9]*' | head -n 1 | cut -d : -f 2); {etcdctl} --command-timeout=60s defrag --cluster"
    )
}

/// The part of etcd's quota, 2 GiB by default, at which it is told of.
const LARGE: u64 = 3 << 29;

fn large(basis: &Basis<'_>) -> Option<Finding> {
    let sizes = basis.observation.endpoints().filter_map(|(_, at, endpoint)| Some((at, endpoint.db_size?)));
    let (at, size) = sizes.max_by_key(|(_, size)| *size).filter(|(_, size)| *size > LARGE)?;
    let etcdctl = format!("ETCDCTL_API=3 etcdctl --endpoints=http://{at}");
    let evidence = format!(
        "the database of etcd at {at} has {}, and without another quota it takes no writes from 2 GiB on",
        bytes(size)
    );
    Some(Finding::new(
        codes::ETCD_SIZE,
        evidence,
        format!("on a host with etcd-client: {}", compact(&etcdctl)),
    ))
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
    if has_alarm(basis) {
        return None;
    }
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

/// Members that have lost their data while a majority goes on without them, as on a host that was replaced.
pub fn wiped(basis: &Basis<'_>) -> Vec<Finding> {
    let members = basis.inventory.etcd.members().iter();
    members.filter_map(|member| Some(of_wiped(basis, member)?.on(&member.name))).collect()
}

fn of_wiped(basis: &Basis<'_>, member: &EtcdMember) -> Option<Finding> {
    let known = majority(basis)?;
    let own = etcd_data_dir(&basis.inventory.cluster);
    let etcd = basis.etcd_of(&member.name)?;
    if etcd.runs() || etcd.datadirs.contains_key(&own) {
        return None;
    }
    let evidence = match known.iter().any(|it| it.name == member.name.as_str()) {
        true => "its etcd has no data, and the other members still count on it",
        false => "its etcd is no member of the one that the others have",
    };
    let next = Remedy::galactl("bootstrap", &[]).and(" lets it come to the others");
    Some(Finding::new(codes::ETCD_MEMBER, evidence, next))
}

/// The members, by the word of one that tells its keys by the agreement of a majority.
pub fn majority<'a>(basis: &Basis<'a>) -> Option<&'a [Told]> {
    let agreed = |endpoint: &EtcdEndpoint| {
        [&endpoint.v3.agreed, &endpoint.v2.agreed].into_iter().any(|keys| keys.told().is_some())
    };
    let mut endpoints = basis.observation.endpoints().filter(|(.., endpoint)| agreed(endpoint));
    endpoints.find_map(|(.., endpoint)| endpoint.members.told()).map(Vec::as_slice)
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
fn told<'a>(basis: &Basis<'a>) -> Option<&'a [Told]> {
    basis.observation.endpoints().find_map(|(_, _, endpoint)| endpoint.members.told()).map(Vec::as_slice)
}

/// The inventory is to name the members that etcd has. While one comes or goes, their number is even.
pub fn as_etcd_has_it(basis: &Basis<'_>) -> Remedy {
    let all = told(basis).unwrap_or_default();
    let mut names: Vec<_> = all.iter().map(|member| member.name.as_str()).collect();
    names.sort_unstable();
    if names.len().is_multiple_of(2) || all.iter().any(|member| member.learner || member.name.is_empty()) {
        return Remedy::from("a change of etcd's members was cut off: the same add-node or remove-node again goes on from there; ")
            .and(Remedy::galactl("remove-node", &["NODE"]));
    }
    Remedy::from(format!("write `etcd: {{members: [{}]}}` in ", names.join(", ")))
        .and(Remedy::Inventory)
        .and(", as etcd has them")
}
