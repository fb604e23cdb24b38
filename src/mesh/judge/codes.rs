//! What can be wrong with a mesh, or with its hosts.

use crate::kernel::judge::{Code, declare_codes};
use crate::mesh::rules;

pub use crate::kernel::judge::codes::{
    NOT_INSTALLED, NOT_SUPPORTED, SAME_MACHINE, STALE, UNIT_MASKED, UNREACHABLE, WRONG_ADDRESS,
};

pub const NO_KEY: Code = rules::NO_KEY.code;
pub const UNLOGGED: Code = rules::UNLOGGED.code;
pub const REGION_KEY: Code = rules::REGION_KEY.code;
pub const REPLICA_IDENTITY: Code = rules::REPLICA_IDENTITY.code;
pub const MERGE: Code = rules::MERGE.code;
pub const TABLE_MISSING: Code = rules::TABLE_MISSING.code;
pub const COLUMNS_DIFFER: Code = rules::COLUMNS_DIFFER.code;
pub const NOT_SENT: Code = rules::NOT_SENT.code;
pub const SECOND_KEY: Code = rules::SECOND_KEY.code;
pub const EXCLUSION: Code = rules::EXCLUSION.code;
pub const FOREIGN_KEY: Code = rules::FOREIGN_KEY.code;
pub const FOREIGN_KEY_CASCADE: Code = rules::FOREIGN_KEY_CASCADE.code;
pub const FOREIGN_KEY_OUTSIDE: Code = rules::FOREIGN_KEY_OUTSIDE.code;
pub const TRIGGER: Code = rules::TRIGGER.code;
pub const SEQUENCE_INCREMENT: Code = rules::SEQUENCE_INCREMENT.code;
pub const SEQUENCE_ENDS: Code = rules::SEQUENCE_ENDS.code;
pub const SEQUENCE_ALONE: Code = rules::SEQUENCE_ALONE.code;

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
    /// Two members have one number for their sequences, or no number is left, or a sequence counts by another step.
    NUMBER = "number", Degraded, "two nodes would give the same numbers, and inserts fail";
    /// The disk of a node is nearly full, or has no room for the data that it is to get.
    DISK = "disk", Degraded, "a server stops, and a copy fails, where the disk is full";
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
