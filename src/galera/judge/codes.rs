//! What can be wrong with a Galera cluster or its nodes.

use crate::galera::lint::codes as lint;
use crate::kernel::judge::{Code, declare_codes};

pub use crate::kernel::judge::codes::{
    BUSY, FOREIGN_FILE, NOT_INSTALLED, NOT_SUPPORTED, PLAN_FILE, PORTS, SAME_MACHINE, SHARED_ADDRESS, STALE,
    UNIT_MASKED, UNREACHABLE, WRONG_ADDRESS,
};

/// Rules of `galactl lint` that others find as well.
pub const OF_LINT: [Code; 3] = [TABLE_ENGINE, PRIMARY_KEY, DURABILITY];
pub const TABLE_ENGINE: Code = lint::TABLE_ENGINE.code;
pub const PRIMARY_KEY: Code = lint::PRIMARY_KEY.code;
pub const DURABILITY: Code = lint::DURABILITY.code;

declare_codes! {
    /// A Primary component is alive that is not a half-finished bootstrap of this inventory, or that has
    /// members which the inventory does not name; or garbd runs where no cluster is known.
    PRIMARY_ALIVE = "primary-alive", Degraded, "galactl makes no plan until this is fixed";
    /// A node has the state of a cluster, has a higher seqno than the cluster that it would join, or its
    /// state cannot be read.
    CLUSTER_STATE = "cluster-state", Degraded, "joining would delete it";
    /// A server runs as part of a cluster without a Primary component, or gives no answer.
    NON_PRIMARY = "non-primary", Degraded, "it serves nobody";
    /// A node that is not the seed has databases of users, and joining would delete them.
    USER_SCHEMAS = "user-schemas", Degraded, "joining would delete them";
    /// A running member has another configuration than the inventory's.
    CONFIG_DRIFT = "config-drift", Degraded, "what was reviewed in the inventory is not what runs";
    /// The nodes have release series that do not form one cluster.
    VERSIONS_DIFFER = "versions-differ", Degraded, "a state transfer between them fails";
    /// galactl removed the node, and the inventory still lists it.
    REMOVED = "removed", Degraded, "galactl makes no plan until this is fixed";
    /// `remove-node`: the remaining nodes would have no majority, or no node would remain.
    QUORUM = "quorum", Degraded, "the rest of the cluster would stop";
    /// A server process runs outside its systemd unit.
    STRAY_SERVER = "stray-server", Degraded,
        "systemd does not watch it, and its next start collides with it";
    /// An option file would bootstrap a new cluster at every start of the server.
    ARMED_OPTION = "armed-option", Critical, "its next start bootstraps a cluster of its own";
    /// With its present option files, the server would start outside its cluster.
    OUTSIDE_CLUSTER = "outside-cluster", Critical,
        "what clients write to it after its next start is in no cluster";
    /// What the nodes say to each other is not encrypted as the inventory says, or that cannot be changed as things are.
    TLS = "tls", Degraded, "others on the network can read what the nodes say to each other";
    /// A certificate has expired or soon will, is not the one that the inventory means, or cannot be issued.
    CERTIFICATE = "certificate", Degraded, "the others turn a node away whose certificate is not valid";
    /// The server that is installed on the host does not start with an option of the inventory, or with the option
    /// files that are there.
    UNKNOWN_OPTION = "unknown-option", Degraded, "its next start fails";
    /// A tool or the provider library is missing, and `cluster.install` is off.
    MISSING = "missing", Degraded, "a state transfer from or to it fails";
    /// A file system is full or read-only on which the server or galactl writes.
    DISK_FULL = "disk-full", Critical, "a server that cannot write leaves its cluster, and a change breaks off halfway";
    /// The hosts run another cluster than that of the inventory.
    OTHER_CLUSTER = "other-cluster", Degraded, "galactl makes no plan until this is fixed";
    /// `recover`, `start`: the hosts know of a member that the inventory does not list.
    UNLISTED = "unlisted-member", Degraded, "it may hold the last commits, or run the cluster right now";
    /// The data does not fit on the node's disk.
    DISK = "disk", Degraded, "a node that needs a state transfer could not get it";
    /// `add-node`, `remove-node`, `apply-config`, `restart`, `stop`, `recover`: the cluster is not complete and
    /// healthy, or would not be afterwards.
    UNHEALTHY = "unhealthy", Degraded, "a change could take its majority away";
    /// The server's data directory or socket is not where the inventory says.
    PATH_DIFFERS = "path-differs", Degraded, "galactl makes no plan until this is fixed";
    /// Two members have no connection with each other, so that others carry their messages.
    MISSING_LINK = "missing-link", Degraded,
        "when the member between them leaves, they lose each other, and the cluster its majority";
    /// A node that restarts would need an SST to come back, and `--allow-sst` was not given.
    FULL_TRANSFER = "full-transfer", Degraded, "the cluster copies all of its data to it";
    /// `recover`: the nodes have different histories, or two Primary components are alive.
    DIVERGED = "diverged", Degraded, "one side's commits would be lost";
    /// `recover`: galactl cannot tell what a node's data contains, or the data is not there.
    UNCLEAR = "unclear", Degraded, "commits could be lost";
    /// `recover`: a node has commits that the cluster would lose.
    AHEAD = "ahead", Degraded, "commits would be lost";
    /// `recover`: no node was ever in a cluster.
    NOTHING_TO_RECOVER = "nothing-to-recover", Degraded, "there is nothing to start";
    /// A bootstrap intent is set: the next start of the node would bootstrap a second cluster.
    ARMED_INTENT = "armed-intent", Critical, "its next start bootstraps a cluster of its own";
    /// The server does not start after a reboot.
    UNIT_DISABLED = "unit-disabled", Degraded, "after a reboot its server stays down";
    /// grastate.dat has the flag on a node that was not the last one: a bootstrap by the flag may lose data.
    SAFE_TO_BOOTSTRAP = "safe-to-bootstrap", Degraded,
        "who bootstraps by that flag may lose what the others hold";
    /// The running server is older than the installed packages.
    OLD_PROCESS = "old-process", Degraded,
        "what the update fixes is not fixed, and an unplanned restart changes the version";
    /// The node's list of addresses is not the inventory's; the node uses it at its next start.
    ADDRESS_LIST = "address-list", Degraded,
        "at its next start it finds the cluster only through those";
    /// galactl's option file has another owner, mode or content than galactl writes.
    OPTION_FILE = "option-file", Degraded, "it holds the SST password, or says what is not so";
    /// An option file is not read to its end, because an option stands above its first group.
    UNREAD_FILE = "unread-file", Degraded, "what stands below in it is not in force";
    /// A file that is read after galactl's file overrides one of its options.
    STRAY_OPTION = "stray-option", Degraded, "the server does not do what the inventory says";
    /// An option of the inventory has no effect in this version of the server.
    IGNORED_OPTION = "ignored-option", Note, "it looks as if it did something";
    /// `wsrep_provider_options` is set several times in the option files of others: only the last one counts;
    /// degraded where the others switch encryption on.
    VOID_OPTIONS = "void-options", Note, "it looks as if they did something";
    /// `wsrep_sst_donor` names a member that is none.
    DONOR = "donor", Degraded, "a node that needs a state transfer gets none while no donor of the list is there";
    /// galactl's option file takes the place of what other files say of the cluster.
    SUPERSEDED = "superseded", Note, "those files say in vain what they say";
    /// The write-set cache holds less than `thresholds.ist_window` (30 min) of the present writes.
    GCACHE = "gcache", Degraded, "a node that was away for longer comes back by SST of all data";
    /// The SST account is missing, lacks a privilege, or cannot log in, so that no node can be a donor.
    SST_ACCOUNT = "sst-account", Degraded,
        "no node can be a donor, so that none that needs the whole data comes back";
    /// `innodb_force_recovery` is set; critical from 4 on, where it can damage the data itself.
    FORCE_RECOVERY = "force-recovery", Degraded, "damage of its data stays hidden, and goes to every joiner";
    /// `galactl lint` finds more in the databases of users than the tables above, worse than a note.
    SCHEMA = "schema", Note, "a cluster does otherwise with it than one server";
    /// systemd would kill the server in the middle of a state transfer.
    START_TIMEOUT = "start-timeout", Degraded,
        "systemd would kill it in the middle of a state transfer";
    /// The nodes have different versions.
    VERSIONS = "versions", Degraded, "what works on one node may not on another";
    /// Looking up a peer's name is slow, and so is joining.
    LOOKUP = "lookup", Note, "joining takes that much longer";
    /// SELinux or AppArmor may deny a state transfer.
    CONFINEMENT = "confinement", Degraded, "a state transfer may be denied when it is needed";
    /// Two Primary components are alive, and clients may write to both.
    SPLIT = "split", Critical, "clients write into two clusters, and one side's writes will be lost";
    /// No server that answers is in a Primary component, and those that do not answer may be in one.
    UNKNOWN = "unknown", Degraded, "whether the cluster serves is not known";
    /// No node is in a Primary component: nothing can be written.
    NO_PRIMARY = "no-primary", Critical, "the cluster is down";
    /// The view has more or fewer members than the inventory.
    SIZE = "size", Degraded, "the cluster is not as the inventory says";
    /// An arbitrator does not run, was not seen, or is not in the nodes' view.
    ARBITRATOR = "arbitrator", Degraded, "its vote is missing when nodes fail";
    /// A server is not Synced; critical where it is Inconsistent, NonPrimary or Disconnected.
    SERVER_STATE = "server-state", Degraded, "it does not serve yet";
    /// A server takes no connections over the network (`skip_networking`).
    NO_NETWORK = "no-network", Degraded, "no client on another host can use it";
    /// Flow control stops replication for a part of the time.
    FLOW_CONTROL = "flow-control", Degraded, "every write of the cluster waits for the slowest node";
    /// Write-sets wait to be applied.
    RECEIVE_QUEUE = "receive-queue", Degraded, "every write of the cluster waits for the slowest node";
    /// Write-sets wait to be sent.
    SEND_QUEUE = "send-queue", Degraded, "its writes reach the others late";
    /// A data node cannot tell proxies whether it serves, or tells another thing than galactl sees.
    HEALTH_UNIT = "health-unit", Degraded, "clients are not sent to it, or are sent to it in vain";
    /// A data node is drained: it tells proxies to send no new client to it.
    DRAINED = "drained", Degraded, "it takes no new clients until that ends";
    /// A proxy was not seen, does not run, is not set up as the inventory says, waits for one that was not seen, or is
    /// of another opinion than galactl.
    PROXY = "proxy", Degraded, "its clients may not reach the cluster";
    /// An exporter, Prometheus or its Alertmanager does not run, or not as the inventory says.
    MONITORING = "monitoring", Note, "what goes wrong there is not told";
    /// An even number of votes: half of them is no majority; degraded with two votes.
    EVEN_VOTES = "even-votes", Note, "half of the votes is no majority";
    /// The clocks of the hosts differ.
    CLOCK = "clock", Degraded, "NOW() and the logs of the nodes do not agree";
    /// Buffer pool and gcache are larger than the host's memory allows.
    MEMORY = "memory", Degraded, "it swaps, or is killed for its memory";
    /// The hosts have different processors.
    ARCHITECTURE = "architecture", Note, "what works on one node may not on another";
    /// The last run of galactl from this machine was cut off.
    CUT_OFF = "cut-off", Degraded, "what it was about is half done";
    /// An unfinished state transfer left files; a note where they do no harm.
    SST_LEFTOVERS = "sst-leftovers", Degraded, "its data is half a copy";
    /// Data that a recovery kept with `--keep-aside` is still there.
    KEPT_DATA = "kept-data", Note, "it takes room";
    /// A proof of writes that was cut off left its database.
    WRITE_TEST = "write-test", Note, "it is nobody's data";
    /// A trial of `galactl alter` that was cut off left its database, on this node alone.
    TRIED_CHANGE = "tried-change", Note, "it is nobody's data";
    /// The host has galactl's record of a bootstrap, but the data directory of that cluster is gone.
    BOOTSTRAP_RECORD = "bootstrap-record", Note, "the data directory of an earlier bootstrap is gone";
    /// The server refuses the change of a table, or it is no table that galactl changes.
    TABLE_CHANGE = "table-change", Degraded, "the same statement would fail on the cluster";
    /// The nodes have different definitions of one table.
    TABLE_DIFFERS = "table-differs", Degraded, "one change would make different tables of it, and a node may leave the cluster";
    /// A change of a table would stop all writes for longer than `--longest-stall`.
    WRITE_STALL = "write-stall", Degraded, "every client that writes waits so long";
    /// A pt-online-schema-change was interrupted, and has left its triggers and its copy.
    PT_OSC = "pt-osc", Note, "each write to the table is made a second time, in a copy that nobody reads";
    /// After a change, the views of the nodes are not those of one whole cluster.
    NOT_WHOLE = "not-whole", Critical, "the cluster is not what the plan was to make";
}
