//! Which roles may stand together on one host.

/// The role of an inventory's entry on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A data node, perhaps with a member of etcd beside its server.
    Node,
    /// A machine with a member of etcd alone.
    Etcd,
    /// What clients connect to.
    Proxy,
}

/// Why two entries of these roles cannot stand on one host; `None`: they can.
pub fn why_apart(one: Role, other: Role) -> Option<&'static str> {
    match (one, other) {
        (Role::Node, Role::Node) => Some("a host has one Patroni: one unit, one data directory"),
        (Role::Etcd, Role::Etcd) => Some("a host has one etcd, and a majority on one host is lost with it"),
        (Role::Node, Role::Etcd) | (Role::Etcd, Role::Node) => {
            Some("a data node needs no entry of its own for etcd: name it in `etcd.members`")
        }
        (Role::Proxy, Role::Proxy) => Some("a host has one proxy: both would need the clients' ports"),
        (Role::Node, Role::Proxy) | (Role::Proxy, Role::Node) => {
            Some("a proxy is there for the hour in which a node's host fails")
        }
        (Role::Etcd, Role::Proxy) | (Role::Proxy, Role::Etcd) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, why_apart};

    #[test]
    fn the_order_does_not_matter() {
        let roles = [Role::Node, Role::Etcd, Role::Proxy];
        for (one, other) in roles.iter().flat_map(|one| roles.map(|other| (*one, other))) {
            assert_eq!(why_apart(one, other), why_apart(other, one), "{one:?} and {other:?}");
        }
    }
}
