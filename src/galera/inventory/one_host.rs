//! Which roles may stand together on one host.

/// The role of an inventory's entry on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A data node.
    Node,
    /// A member that votes and holds no data.
    Arbitrator,
    /// What clients connect to.
    Proxy,
    /// What watches the others: Prometheus.
    Watcher,
}

impl Role {
    /// It counts in the cluster's size and for its majority.
    pub fn votes(self) -> bool {
        match self {
            Self::Node | Self::Arbitrator => true,
            Self::Proxy | Self::Watcher => false,
        }
    }
}

/// Why two entries of these roles cannot stand on one host; `None`: they can. The compiler asks for an
/// answer for each new role.
pub fn why_apart(one: Role, other: Role) -> Option<&'static str> {
    match (one, other) {
        (Role::Node, Role::Node) => {
            Some("galactl keeps one data node on a host: one unit, one data directory, one option file")
        }
        (Role::Arbitrator, Role::Arbitrator) => {
            Some("a host has one garbd: one unit, and one file of settings")
        }
        (Role::Node, Role::Arbitrator) | (Role::Arbitrator, Role::Node) => {
            Some("garbd and mariadbd both need port 4567, and both votes are lost when that host fails")
        }
        (Role::Proxy, Role::Proxy) => Some("a host has one proxy: both would need the clients' ports"),
        (Role::Node, Role::Proxy) | (Role::Proxy, Role::Node) => Some(
            "a proxy is there for the hour in which a node's host fails, and both need the clients' port",
        ),
        (Role::Node, Role::Watcher) | (Role::Watcher, Role::Node) => {
            Some("who tells that a node's host has failed must not fail with it")
        }
        (Role::Watcher, Role::Watcher) => Some("a host has one Prometheus"),
        (Role::Arbitrator, Role::Proxy | Role::Watcher)
        | (Role::Proxy, Role::Arbitrator | Role::Watcher)
        | (Role::Watcher, Role::Arbitrator | Role::Proxy) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, why_apart};

    #[test]
    fn roles_that_vote_stand_alone_and_the_order_does_not_matter() {
        let roles = [Role::Node, Role::Arbitrator, Role::Proxy, Role::Watcher];
        for (one, other) in roles.iter().flat_map(|one| roles.map(|other| (*one, other))) {
            assert!(
                why_apart(one, other).is_some() || !(one.votes() && other.votes()),
                "{one:?} and {other:?}"
            );
            assert_eq!(why_apart(one, other), why_apart(other, one), "{one:?} and {other:?}");
        }
    }
}
