//! The kinds of exporters, and where each listens.

/// An exporter; its name is the label `job` of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// mysqld-exporter, beside each data node.
    Mysqld,
    /// The node exporter, once on each host.
    Node,
    /// HAProxy's own metrics, on each proxy of that kind.
    Haproxy,
}

impl Job {
    pub const ALL: [Self; 3] = [Self::Mysqld, Self::Node, Self::Haproxy];

    pub fn name(self) -> &'static str {
        match self {
            Self::Mysqld => "mysqld",
            Self::Node => "node",
            Self::Haproxy => "haproxy",
        }
    }

    /// The TCP port. 9104 and 9100 are those of the exporters' own defaults, 8405 is that of HAProxy's manual.
    pub fn port(self) -> u16 {
        match self {
            Self::Mysqld => 9104,
            Self::Node => 9100,
            Self::Haproxy => 8405,
        }
    }
}
