//! The versions that decide how a cluster's files look.

use crate::kernel::model::ServerVersion;
use crate::patroni::facts::{HostFacts, Package};
use crate::patroni::model::{Api, Major, Software};
use crate::patroni::observation::{Born, Observation, Store};

/// What all nodes can do: the versions of the one with the oldest Patroni, and the API of the keys that are there. `None`:
/// no node tells.
pub fn of_all(observation: &Observation) -> Option<Software> {
    let all = observation.seen().filter_map(|(_, facts)| of(facts).ok());
    let oldest = all.min_by_key(|software| software.patroni)?;
    Some(Software { founded: founded(observation), ..oldest })
}

/// Where both stores have a key, the one in which somebody is alive counts.
fn founded(observation: &Observation) -> Option<Api> {
    let Born::Yes(stores) = observation.born() else { return None };
    let lives = |store: &Store| {
        observation.agreed(*store).is_some_and(|keys| keys.leader.is_some() || !keys.members.is_empty())
    };
    let only = if stores.len() == 1 { stores.keys().next() } else { stores.keys().find(|it| lives(it)) };
    only.map(|store| match store {
        Store::V2 => Api::V2,
        Store::V3 => Api::V3,
    })
}

/// What a host has, or would get from its package archive.
///
/// Errors: why it is none that galactl sets up.
pub fn of(facts: &HostFacts) -> Result<Software, String> {
    let system = &facts.machine.os;
    let release = system.strip_prefix("debian ").and_then(|release| release.parse().ok());
    let postgresql = release.and_then(Major::of_debian);
    let (Some(debian), Some(postgresql)) = (release, postgresql) else {
        return Err(format!("it has {system}"));
    };
    let patroni = version(facts, "patroni").ok_or("its archive has no package patroni")?;
    Ok(Software { debian, patroni, etcd: version(facts, "etcd-server"), postgresql, founded: None })
}

/// Of the installed package, or else of the one that would be installed.
fn version(facts: &HostFacts, name: &str) -> Option<ServerVersion> {
    let Package { installed, candidate } = facts.packages.get(name)?;
    installed.as_ref().or(candidate.as_ref())?.parse().ok()
}
