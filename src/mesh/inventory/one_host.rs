//! Which roles may stand together on one host.

/// The role of an inventory's entry on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A node of the mesh.
    Node,
}

/// Why two entries cannot stand on one host.
pub fn why_apart(_: Role, _: Role) -> Option<&'static str> {
    Some("a host has one node: one server, one data directory")
}
