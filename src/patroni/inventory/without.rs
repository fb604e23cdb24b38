//! The inventory of a cluster that has fewer nodes.

use super::etcd::member;
use super::{Etcd, EtcdMember, Inventory, Node};
use crate::kernel::model::NodeName;

impl Inventory {
    /// The same cluster without these data nodes, none of which keeps a member of etcd.
    pub fn without(&self, names: &[NodeName]) -> Self {
        let mut rest = self.clone();
        rest.nodes.retain(|node| !names.contains(&node.name));
        if let Etcd::Members(members) = &self.etcd {
            rest.etcd = Etcd::Members(members_without(members, names, &rest.nodes));
        }
        rest
    }

    /// The same cluster with these data nodes alone.
    pub fn only(&self, names: &[NodeName]) -> Self {
        let others = self.nodes.iter().map(|node| &node.name).filter(|name| !names.contains(name));
        self.without(&others.cloned().collect::<Vec<_>>())
    }

    /// The same cluster with members of etcd on these hosts, and on no others.
    pub fn with_etcd_on(&self, names: &[NodeName]) -> Self {
        let find = |name| {
            let node = || self.node(name).map(member);
            self.etcd_member(name).cloned().or_else(node)
        };
        let mut other = self.clone();
        if let Etcd::Members(_) = &self.etcd {
            other.etcd = Etcd::Members(names.iter().filter_map(find).collect());
        }
        other
    }
}

/// Data nodes that are left take the places of members that are gone, in the order of the inventory. Where there are too
/// few of them, the largest odd number of members is left.
fn members_without(members: &[EtcdMember], names: &[NodeName], nodes: &[Node]) -> Vec<EtcdMember> {
    let (mut left, gone): (Vec<_>, Vec<_>) =
        members.iter().cloned().partition(|member| !names.contains(&member.name));
    let known = left.iter().map(|member| member.name.clone()).collect::<Vec<_>>();
    let heirs = nodes.iter().filter(|node| !known.contains(&node.name));
    left.extend(heirs.take(gone.len()).map(member));
    if left.len().is_multiple_of(2) {
        left.pop();
    }
    left
}
