//! What can be wrong with a cluster that Patroni keeps, or with its hosts.

use crate::kernel::judge::declare_codes;

pub use crate::kernel::judge::codes::{
    NOT_INSTALLED, NOT_SUPPORTED, SAME_MACHINE, STALE, UNIT_MASKED, UNREACHABLE, WRONG_ADDRESS,
};

declare_codes! {
    /// Nodes have data of a cluster, and etcd has no key `initialize`: whichever Patroni starts first would make its
    /// own data the cluster's, and rewind the nodes that have more.
    DATA_WITHOUT_KEY = "data-without-key", Critical, "the first Patroni that starts decides what is lost";
    /// The key `initialize` is there, and no server is a primary.
    NO_PRIMARY = "no-primary", Critical, "the cluster serves nobody who writes";
    /// Servers or data directories have more than one system identifier, or another one than etcd.
    TWO_CLUSTERS = "two-clusters", Critical, "they are copies of different clusters, and one would be lost";
    /// More than one server says that it is a primary.
    SPLIT_BRAIN = "split-brain", Critical, "what is written to one of them is lost";
    /// Whether the cluster has been born cannot be told: etcd gives no answer, or has data and does not run.
    STORE_UNKNOWN = "store-unknown", Degraded, "a cluster that cannot be seen may be there";
    /// A data directory cannot be read, is not mounted, or holds something that is no cluster.
    DATA_UNKNOWN = "data-unknown", Degraded, "data that cannot be seen may be there";
    /// A host runs another cluster at the port, or another etcd, or has another cluster's data.
    FOREIGN = "foreign", Degraded, "galactl leaves alone what is not this cluster's";
    /// Two nodes have commits that the other has not: each was a primary after they had been parted.
    FORKED = "forked", Critical, "whichever goes on, what only the other has is lost";
    /// Whether one node's data holds all of another's cannot be told.
    UNCLEAR = "unclear", Critical, "a commit that only one of them has could be lost";
    /// No data is left where all acknowledged commits had to be.
    DATA_GONE = "data-gone", Critical, "acknowledged commits may be on no node that is left";
    /// A recovery was asked for, and there is nothing to recover.
    NOTHING_TO_RECOVER = "nothing-to-recover", Degraded, "no cluster was stopped here";
    /// The node that has all data may not lead (`failover: no`).
    MAY_NOT_LEAD = "may-not-lead", Degraded, "Patroni does not promote it";
    /// A bootstrap was cut off while initdb was at work.
    FOUNDING_CUT_OFF = "founding-cut-off", Degraded, "Patroni waits for a founder that does not come";
    /// The hosts have different releases or versions, or one that the inventory does not fit.
    VERSIONS_DIFFER = "versions-differ", Degraded, "servers of different major versions do not replicate";
    /// A file on a node of a running cluster is not what the inventory says.
    CONFIG_DRIFT = "config-drift", Degraded, "what was reviewed in the inventory is not what runs";
    /// Patroni keeps its hands off the cluster (`patronictl pause`).
    PAUSED = "paused", Degraded, "nobody takes over when the primary fails";
    /// A node does not follow the primary, or follows another history.
    NOT_FOLLOWING = "not-following", Degraded, "it cannot take over";
    /// Fewer standbys are synchronous than the inventory wants.
    NOT_SYNCHRONOUS = "not-synchronous", Degraded, "a failover has fewer nodes to choose from that lose nothing";
    /// A member of etcd does not run, or is not healthy.
    ETCD_MEMBER = "etcd-member", Degraded, "when most members are gone, the primary stops";
}
