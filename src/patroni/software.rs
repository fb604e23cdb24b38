//! The versions that decide how a cluster's files look.

use crate::kernel::model::ServerVersion;
use crate::patroni::facts::{HostFacts, Package};
use crate::patroni::model::{Major, Software};

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
    Ok(Software { debian, patroni, etcd: version(facts, "etcd-server"), postgresql })
}

/// Of the installed package, or else of the one that would be installed.
fn version(facts: &HostFacts, name: &str) -> Option<ServerVersion> {
    let Package { installed, candidate } = facts.packages.get(name)?;
    installed.as_ref().or(candidate.as_ref())?.parse().ok()
}
