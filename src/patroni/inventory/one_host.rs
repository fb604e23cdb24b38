//! Which roles may stand together on one host.

/// The role of an inventory's entry on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A data node, perhaps with a member of etcd beside its server.
    Node,
    /// A machine with a member of etcd alone.
    Etcd,
}

/// Why two entries of these roles cannot stand on one host; `None`: they can.
#[expect(clippy::unnecessary_wraps, reason = "the shape that every engine's table has")]
pub fn why_apart(one: Role, other: Role) -> Option<&'static str> {
    Some(match (one, other) {
        (Role::Node, Role::Node) => "a host has one Patroni: one unit, one data directory",
        (Role::Etcd, Role::Etcd) => "a host has one etcd, and a majority on one host is lost with it",
        (Role::Node, Role::Etcd) | (Role::Etcd, Role::Node) => {
            "a data node needs no entry of its own for etcd: name it in `etcd.members`"
        }
    })
}
