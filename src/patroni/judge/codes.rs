//! What can be wrong with a cluster that Patroni keeps, or with its hosts.

use crate::kernel::judge::declare_codes;

pub use crate::kernel::judge::codes::{
    FOREIGN_FILE, NOT_INSTALLED, NOT_SUPPORTED, PORTS, SAME_MACHINE, SHARED_ADDRESS, STALE, UNIT_MASKED,
    UNREACHABLE, WRONG_ADDRESS,
};

declare_codes! {
    /// The node whose data are to become the cluster's cannot be that as it is, or another node has data, too.
    SEED = "seed", Degraded, "a cluster is born from the data of one standalone server, and the others copy it";
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
    /// etcd has keys of an earlier cluster of this name, and not the key `initialize`: a new cluster would take its
    /// configuration from them.
    LEFT_KEYS = "left-keys", Degraded, "a new cluster would go by what was set for an earlier one";
    /// Two nodes have commits that the other has not: each was a primary after they had been parted.
    FORKED = "forked", Critical, "whichever goes on, what only the other has is lost";
    /// Whether one node's data holds all of another's cannot be told.
    UNCLEAR = "unclear", Critical, "a commit that only one of them has could be lost";
    /// A failover was asked for, and a primary leads that is well.
    LED = "led", Degraded, "a failover could lose what a switchover keeps";
    /// Another node has WAL that the one lacks which is to be promoted.
    MORE_ADVANCED = "more-advanced", Degraded, "a failover to it would lose less";
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
    /// No server that answers is a primary, and one that could not be asked may be.
    PRIMARY_UNKNOWN = "primary-unknown", Degraded, "whether the cluster serves is not known";
    /// etcd names another node as the leader than the one whose server is the primary, or none.
    LEADER_KEY = "leader-key", Degraded, "a failover is under way, or Patroni and etcd do not agree who leads";
    /// A server runs and its Patroni does not, or gives no answer; critical on the primary.
    PATRONI_DOWN = "patroni-down", Degraded, "nobody promotes, demotes or restarts its server";
    /// A standby is on another timeline than the primary, although its Patroni says that it runs.
    OTHER_TIMELINE = "other-timeline", Degraded, "it does not have what was written after the last failover";
    /// A standby does not replay what it receives, because somebody has paused that.
    REPLAY_PAUSED = "replay-paused", Degraded, "its answers are old, and a failover to it takes longer";
    /// A server has settings that wait for its restart.
    PENDING_RESTART = "pending-restart", Degraded, "it does not do yet what was set";
    /// A replication slot of the primary is not in use and keeps WAL, or has lost what it needs; a note while that is
    /// little.
    SLOT = "slot", Degraded, "kept WAL fills the disk, and the primary stops when it is full";
    /// The members of etcd that answer are just a majority: with one more that fails, there is none.
    ETCD_ROOM = "etcd-room", Degraded, "when one more fails, the primary stops";
    /// Too few members of etcd answer: there is no quorum.
    ETCD_QUORUM = "etcd-quorum", Critical, "the primary stops within seconds, and nobody takes over";
    /// The members of etcd are not one cluster, or are not those of the inventory.
    ETCD_CLUSTER = "etcd-cluster", Critical, "two stores may name two leaders";
    /// A proxy was not seen, does not run, is not set up as the inventory says, or sends clients to other nodes than
    /// those to which they belong.
    PROXY = "proxy", Degraded, "its clients may not reach the cluster";
    /// etcd has an alarm, such as NOSPACE, and takes no writes.
    ETCD_ALARM = "etcd-alarm", Critical, "nobody can renew the leader's key, and the primary stops";
    /// The database of etcd comes near to the size at which it takes no writes.
    ETCD_SIZE = "etcd-size", Degraded, "at its quota etcd takes no writes, and the primary stops";
    /// A standby receives or replays the WAL much later than the primary writes it.
    LAG = "lag", Degraded, "a failover to it takes longer, and queries there see what was";
    /// The file system of a data directory is nearly full, or has no room for the data that it is to get; critical with less
    /// than 3 % of it.
    DISK = "disk", Degraded, "a server whose disk is full stops";
    /// Data pages have no checksums.
    CHECKSUMS = "checksums", Note, "a page that the disk has damaged is read, and copied, as if it were whole";
    /// At most one node may become the leader.
    ONE_LEADER = "one-leader", Degraded, "nobody takes over when that node fails";
    /// Patroni or etcd runs, and does not start at boot.
    NOT_AT_BOOT = "not-at-boot", Degraded, "the node does not come back after a reboot";
    /// Patroni has read its file before it was written as it is now.
    FILE_UNREAD = "file-unread", Degraded, "what was set does not hold yet";
    /// A data directory was kept aside, and takes room.
    KEPT_ASIDE = "kept-aside", Note, "it takes room";
    /// A run of galactl on this cluster was cut off, and has not been gone on with.
    CUT_OFF = "cut-off", Degraded, "what it had begun may be half done";
    /// The clocks of the hosts differ.
    CLOCK = "clock", Degraded, "now() and the logs of the nodes do not agree";
}
