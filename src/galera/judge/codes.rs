//! What can be wrong with a Galera cluster or its nodes.

use crate::kernel::judge::declare_codes;

pub use crate::kernel::judge::codes::{
    BUSY, NOT_INSTALLED, NOT_SUPPORTED, PLAN_FILE, SAME_MACHINE, STALE, UNIT_MASKED, UNREACHABLE,
    WRONG_ADDRESS,
};

declare_codes! {
    /// A Primary component is alive that is not this inventory's half-finished bootstrap.
    PRIMARY_ALIVE = "primary-alive";
    /// A node holds the state of some cluster.
    CLUSTER_STATE = "cluster-state";
    /// A server runs and is not part of a Primary component.
    NON_PRIMARY = "non-primary";
    /// A node other than the seed holds databases.
    USER_SCHEMAS = "user-schemas";
    /// Versions that cannot form one cluster.
    VERSIONS_DIFFER = "versions-differ";
    /// galactl took the node out of the cluster, and the inventory still lists it.
    REMOVED = "removed";
    /// What would remain is no majority of what votes now.
    QUORUM = "quorum";
    /// A server process runs outside its unit.
    STRAY_SERVER = "stray-server";
    /// A program or library that the plan needs is missing.
    MISSING = "missing";
    /// An option that the server found on the host does not start with.
    UNKNOWN_OPTION = "unknown-option";
    /// A running server's configuration is not the inventory's.
    CONFIG_DRIFT = "config-drift";
    /// An option file that is not galactl's would bootstrap at every start.
    ARMED_OPTION = "armed-option";
    /// With what its option files say now, a server would start outside its cluster.
    OUTSIDE_CLUSTER = "outside-cluster";
    /// Encryption between members is switched on or off, which they cannot do one after the other.
    TLS = "tls";
    /// The data would not fit.
    DISK = "disk";
    /// The cluster is not healthy enough for the command.
    UNHEALTHY = "unhealthy";
    /// The server's data or socket is elsewhere than the inventory says.
    PATH_DIFFERS = "path-differs";
    /// A port of a node is another program's, or is not open to the other nodes.
    PORTS = "ports";
    /// A node would need the whole data to come back.
    FULL_TRANSFER = "full-transfer";
    /// Nodes hold histories that part.
    DIVERGED = "diverged";
    /// What a node holds cannot be told.
    UNCLEAR = "unclear";
    /// A node holds commits that the cluster would lose.
    AHEAD = "ahead";
    /// No node was ever in a cluster.
    NOTHING_TO_RECOVER = "nothing-to-recover";
}
