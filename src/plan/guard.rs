//! Refusals: why galactl does not go on.

use serde::{Deserialize, Serialize};

use crate::model::NodeName;

/// The guards. Their names are stable: they stand in messages, JSON and the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// A node could not be seen; what cannot be seen is not assumed absent.
    Unreachable,
    /// A Primary component is alive that is not this inventory's half-finished bootstrap.
    PrimaryAlive,
    /// A node holds the state of some cluster.
    ClusterState,
    /// A server runs and is not part of a Primary component.
    NonPrimary,
    /// A node other than the seed holds databases.
    UserSchemas,
    /// Versions that cannot form one cluster.
    VersionsDiffer,
    UnitMasked,
    /// galactl took the node out of the cluster, and the inventory still lists it.
    Removed,
    /// What would remain is no majority of what votes now.
    Quorum,
    /// A server process runs outside its unit.
    StrayServer,
    NotInstalled,
    /// A program or library that the plan needs is missing.
    Missing,
    /// An option that the server found on the host does not start with.
    UnknownOption,
    /// A running server's configuration is not the inventory's.
    ConfigDrift,
    /// An option file that is not galactl's would bootstrap at every start.
    ArmedOption,
    /// With what its option files say now, a server would start outside its cluster.
    OutsideCluster,
    /// Encryption between members is switched on or off, which they cannot do one after the other.
    Tls,
    /// The data would not fit.
    Disk,
    /// The cluster is not healthy enough for the command.
    Unhealthy,
    /// The flavour or system was never run.
    NotSupported,
    /// Another run is changing the hosts.
    Busy,
    /// Two names of the inventory lead to one machine.
    SameMachine,
    /// The server's data or socket is elsewhere than the inventory says.
    PathDiffers,
    /// A plan file is not whole, was changed, or is none that this galactl may carry out.
    PlanFile,
    /// A host does not have the address at which the others are to reach it.
    WrongAddress,
    /// A port of a node is another program's, or is not open to the other nodes.
    Ports,
    /// A node would need the whole data to come back.
    FullTransfer,
    /// Nodes hold histories that part.
    Diverged,
    /// What a node holds cannot be told.
    Unclear,
    /// A node holds commits that the cluster would lose.
    Ahead,
    /// No node was ever in a cluster.
    NothingToRecover,
    /// Facts changed between the plan and its execution.
    Stale,
}

/// One reason not to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub guard: Guard,
    pub node: Option<NodeName>,
    /// What was seen.
    pub evidence: String,
    /// The next command to type, or what to find out.
    pub next: String,
}

impl Refusal {
    pub fn new(guard: Guard, evidence: impl Into<String>, next: impl Into<String>) -> Self {
        Self { guard, node: None, evidence: evidence.into(), next: next.into() }
    }

    pub fn on(mut self, node: &NodeName) -> Self {
        self.node = Some(node.clone());
        self
    }
}

impl Guard {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::PrimaryAlive => "primary-alive",
            Self::ClusterState => "cluster-state",
            Self::NonPrimary => "non-primary",
            Self::UserSchemas => "user-schemas",
            Self::VersionsDiffer => "versions-differ",
            Self::UnitMasked => "unit-masked",
            Self::Removed => "removed",
            Self::Quorum => "quorum",
            Self::StrayServer => "stray-server",
            Self::NotInstalled => "not-installed",
            Self::Missing => "missing",
            Self::UnknownOption => "unknown-option",
            Self::ConfigDrift => "config-drift",
            Self::ArmedOption => "armed-option",
            Self::OutsideCluster => "outside-cluster",
            Self::Tls => "tls",
            Self::Disk => "disk",
            Self::Unhealthy => "unhealthy",
            Self::NotSupported => "not-supported",
            Self::Busy => "busy",
            Self::SameMachine => "same-machine",
            Self::PathDiffers => "path-differs",
            Self::WrongAddress => "wrong-address",
            Self::Ports => "ports",
            Self::FullTransfer => "full-transfer",
            Self::Diverged => "diverged",
            Self::Unclear => "unclear",
            Self::Ahead => "ahead",
            Self::NothingToRecover => "nothing-to-recover",
            Self::Stale => "stale",
            Self::PlanFile => "plan-file",
        }
    }
}
