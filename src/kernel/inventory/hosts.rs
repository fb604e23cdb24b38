//! Hosts and what stands on them. A host is not a member: several entries of an inventory may stand on one.

use super::{SshFiles, SshTarget};
use crate::kernel::model::{HostName, NodeName};

/// An entry of an inventory that has a role on a host.
pub trait Member {
    fn name(&self) -> &NodeName;
    fn host(&self) -> &HostName;
    /// The role's name, as it stands in the ids of steps.
    fn role(&self) -> &'static str;
}

/// Where a member is, apart from all else that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub member: NodeName,
    pub host: HostName,
    pub role: &'static str,
}

impl Member for Placement {
    fn name(&self) -> &NodeName {
        &self.member
    }

    fn host(&self) -> &HostName {
        &self.host
    }

    fn role(&self) -> &'static str {
        self.role
    }
}

/// A machine, and how galactl logs in to it.
#[derive(Debug, Clone)]
pub struct Machine {
    pub name: HostName,
    pub ssh: SshTarget,
}

/// All machines of an inventory, each once, in the order of the first entries that stand on them.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    pub files: SshFiles,
    machines: Vec<Machine>,
    members: Vec<Placement>,
}

impl Hosts {
    pub fn new<'a>(
        files: SshFiles,
        members: impl IntoIterator<Item = (&'a dyn Member, &'a SshTarget)>,
    ) -> Self {
        let mut hosts = Self { files, ..Self::default() };
        for (member, ssh) in members {
            hosts.members.push(Placement {
                member: member.name().clone(),
                host: member.host().clone(),
                role: member.role(),
            });
            if hosts.machine(member.host()).is_none() {
                hosts.machines.push(Machine { name: member.host().clone(), ssh: ssh.clone() });
            }
        }
        hosts
    }

    pub fn iter(&self) -> impl Iterator<Item = &Machine> {
        self.machines.iter()
    }

    pub fn len(&self) -> usize {
        self.machines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.machines.is_empty()
    }

    pub fn machine(&self, name: &HostName) -> Option<&Machine> {
        self.machines.iter().find(|machine| &machine.name == name)
    }

    /// The host on which a member stands; a name has one host, in all of its roles.
    pub fn of(&self, member: &NodeName) -> Option<&HostName> {
        self.members.iter().find(|it| &it.member == member).map(|it| &it.host)
    }

    /// The members that stand on a host, each in its role.
    pub fn on<'a>(&'a self, host: &'a HostName) -> impl Iterator<Item = &'a Placement> {
        self.members.iter().filter(move |it| &it.host == host)
    }
}

/// The host of each entry: those with one way to log in ([`SshTarget::is_same_machine`]) are on one machine, which
/// has the name of the first of them.
pub fn host_names<'a>(entries: impl IntoIterator<Item = (&'a NodeName, &'a SshTarget)>) -> Vec<HostName> {
    let mut known: Vec<(&SshTarget, HostName)> = Vec::new();
    let host = |(name, ssh): (&'a NodeName, &'a SshTarget)| {
        let same = |(other, _): &&(&SshTarget, HostName)| other.is_same_machine(ssh);
        if let Some((_, host)) = known.iter().find(same) {
            return host.clone();
        }
        let host = HostName::from(name);
        known.push((ssh, host.clone()));
        host
    };
    entries.into_iter().map(host).collect()
}
