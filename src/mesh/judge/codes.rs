//! What can be wrong with a mesh, or with its hosts.

use crate::kernel::judge::declare_codes;

pub use crate::kernel::judge::codes::{
    NOT_INSTALLED, NOT_SUPPORTED, SAME_MACHINE, STALE, UNIT_MASKED, UNREACHABLE, WRONG_ADDRESS,
};

declare_codes! {
    /// The seed cannot give its data to the others as it is.
    SEED = "seed", Degraded, "the others copy the seed while it serves";
    /// A node that is to join has data of its own, or is the standby of another server.
    OTHER_DATA = "other-data", Critical, "a node that joins gets the members' data in place of its own";
    /// A data directory cannot be read, or holds something that is no cluster.
    DATA_UNKNOWN = "data-unknown", Degraded, "data that cannot be seen may be there";
    /// A database belongs to a mesh with another name.
    OTHER_MESH = "other-mesh", Critical, "two meshes would send their changes into each other";
    /// A member of the mesh stands in no entry of the inventory.
    STRANGER = "stranger", Critical, "a node that joins would never get what it writes";
    /// A database that the inventory lists is no part of the mesh that is there.
    NEW_DATABASE = "new-database", Degraded, "galactl opens a database while the mesh has one node";
    /// A database has publications, subscriptions or a node of pglogical that are not galactl's.
    FOREIGN = "foreign", Degraded, "galactl leaves alone what is not this mesh's";
    /// A member's server does not run, or gives no answer.
    NOT_RUNNING = "not-running", Critical, "it takes no writes, and the others keep WAL for it";
    /// A node of the inventory is no member of the mesh.
    NOT_MEMBER = "not-member", Degraded, "nobody sends changes to it";
    /// A node was removed while it was out of reach, and takes itself for a member.
    FORGOTTEN = "forgotten", Critical, "what clients write there comes to nobody";
    /// A member of the mesh, by the word of the others, has lost its data.
    MEMBER_LOST = "member-lost", Critical, "what it wrote last may be on some of the others alone";
    /// A node does not read the changes of another one: the subscription is missing, switched off, or its worker is down.
    LINK = "link", Critical, "its data grow older, and the other node keeps WAL for it";
    /// A node cannot apply a transaction of another node, by the server's log.
    APPLY_ERROR = "apply-error", Critical, "nothing that comes after it is applied, and the other node keeps WAL for it";
    /// A replication slot of the mesh has no reader, or has lost what its reader needs.
    SLOT = "slot", Degraded, "kept WAL fills the disk, and the server stops when it is full";
    /// Prepared transactions are open on a node that is to leave.
    PREPARED = "prepared", Degraded, "what they hold is sent once they are committed, and by then nobody reads it";
    /// A server has settings that wait for its restart.
    PENDING_RESTART = "pending-restart", Degraded, "it does not do yet what was set";
    /// A file on a node of a mesh is not what the inventory says.
    CONFIG_DRIFT = "config-drift", Degraded, "what was reviewed in the inventory is not what runs";
    /// A table that is to be sent has no primary key.
    NO_KEY = "no-key", Degraded, "its rows cannot be told apart, so updates and deletes cannot be sent";
    /// A table is unlogged, and sends nothing.
    UNLOGGED = "unlogged", Degraded, "the nodes would part in it silently";
    /// The primary key of a table has no column that says to which region a row belongs.
    REGION_KEY = "region-key", Degraded, "a publication can only tell regions apart by the key";
    /// A table has no merge function, or one that does not make one row of two in every order, or another one than the inventory's.
    MERGE = "merge", Degraded, "the nodes would part in it silently";
    /// Two members have one number for their sequences, or no number is left, or a sequence counts by another step.
    NUMBER = "number", Degraded, "two nodes would give the same numbers, and inserts fail";
    /// The disk of a node is nearly full, or has no room for the data that it is to get.
    DISK = "disk", Degraded, "a server stops, and a copy fails, where the disk is full";
    /// A table is on some members and not on others.
    TABLE_MISSING = "table-missing", Critical, "the first change that is sent of it stops those that do not have it";
    /// The columns or the primary key of a table differ between members.
    COLUMNS_DIFFER = "columns-differ", Critical, "a change with a column that a node does not have stops that node";
    /// A table is on all members, and is not sent by some of them, though the inventory wants it on all.
    NOT_SENT = "not-sent", Degraded, "the nodes part in it silently";
    /// A table that several nodes write has a unique key beside its primary key.
    SECOND_KEY = "second-key", Note, "two nodes can write one value at the same time, and neither sees the other's";
    /// Foreign keys stand between tables that several nodes write.
    FOREIGN_KEY = "foreign-key", Note, "one node can delete what another one's new row points to";
    /// A trigger fires where changes of other nodes are applied, too.
    TRIGGER = "trigger", Note, "it fires once on every node for one change";
    /// A sequence has given nearly all of its numbers.
    SEQUENCE_ENDS = "sequence-ends", Degraded, "with many nodes, each takes every so-many-th number, so they go faster";
    /// A sequence of a member can give numbers that another one gives.
    SEQUENCE_STEP = "sequence-step", Degraded, "two nodes insert the same key, and one of the rows is lost, or stops the other node";
    /// A member's server does not start at boot.
    NOT_AT_BOOT = "not-at-boot", Degraded, "after a reboot, the others keep WAL for it until their disks are full";
    /// A server's settings were changed, and it has not read them.
    FILE_UNREAD = "file-unread", Degraded, "what runs is not what the inventory says";
    /// Nothing keeps the clock of a host right.
    TIME_SOURCE = "time-source", Degraded, "the update of the node whose clock is ahead wins, although it is the older one";
    /// An earlier run of galactl on this mesh was cut off.
    CUT_OFF = "cut-off", Degraded, "what it had begun may be half done";
    /// The hosts have different releases, or one that the inventory does not fit.
    VERSIONS_DIFFER = "versions-differ", Degraded, "a node is a copy of another one's server";
    /// A statement for all nodes cannot be carried out while replication goes on.
    DDL = "ddl", Degraded, "a node that gets a change which it has no place for stops";
    /// Rows cannot be made those of another node one by one.
    NOT_REPAIRABLE = "not-repairable", Degraded, "what a plan does not show row by row is not written";
    /// The clocks of the hosts differ.
    CLOCK = "clock", Degraded, "the update of the node whose clock is ahead wins, although it is the older one";
}
