//! Where a schema is, or is to be.

/// Which cluster the schema is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Data nodes of the cluster.
    pub nodes: u64,
    /// Members without data, which count in Galera's step of AUTO_INCREMENT as well.
    pub arbitrators: u64,
    /// The server that was asked is a member of one already.
    pub member: bool,
}

impl Place {
    /// What Galera sets `auto_increment_increment` to: its number of members.
    pub fn step(self) -> u64 {
        (self.nodes + self.arbitrators).max(1)
    }
}
