//! Hosts and what stands on them. A host is not a member: several entries of an inventory may stand on one.

use super::{Entry, Member, SshFiles, SshTarget};
use crate::kernel::model::{HostName, NodeName};

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
    pub fn new<'a>(files: SshFiles, members: impl IntoIterator<Item = &'a dyn Entry>) -> Self {
        let mut hosts = Self { files, ..Self::default() };
        for member in members {
            hosts.members.push(Placement {
                member: member.name().clone(),
                host: member.host().clone(),
                role: member.role(),
            });
            if hosts.machine(member.host()).is_none() {
                hosts.machines.push(Machine { name: member.host().clone(), ssh: member.ssh().clone() });
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

/// Gives every entry its host: those with one way to log in ([`SshTarget::is_same_machine`]) are on one machine,
/// which has the name of the first of them.
pub fn settle_on_hosts<'a>(entries: impl IntoIterator<Item = &'a mut dyn Entry>) {
    let mut known: Vec<(SshTarget, HostName)> = Vec::new();
    for entry in entries {
        let same = known.iter().find(|(ssh, _)| ssh.is_same_machine(entry.ssh()));
        let host = same.map_or_else(|| HostName::from(entry.name()), |(_, host)| host.clone());
        known.push((entry.ssh().clone(), host.clone()));
        entry.stand_on(host);
    }
}
