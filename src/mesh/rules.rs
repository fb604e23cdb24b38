//! The rules of lint for a mesh: names, severities, what comes of it, and where that is known from. Bootstrap and doctor judge by
//! some of them, too.

use crate::kernel::lint::declare_rules;

declare_rules! {
    /// A table that is to be sent has no primary key.
    NO_KEY = "no-key", Degraded, "its rows cannot be told apart, so updates and deletes cannot be sent, and bootstrap is refused",
        "pglogical 2.4.5 refuses it; PostgreSQL documentation, Logical Replication: Publication";
    /// A table is UNLOGGED.
    UNLOGGED = "unlogged", Degraded, "it sends nothing, so that the nodes would part in it silently; bootstrap is refused",
        "PostgreSQL documentation, Logical Replication: Restrictions";
    /// With strategy `region`: the primary key of a table has no column that says to which region a row belongs.
    REGION_KEY = "region-key", Degraded, "a publication can only tell regions apart by the key; bootstrap is refused",
        "PostgreSQL documentation, Logical Replication: Row Filters";
    /// The replica identity of a table is not its primary key: it is FULL, NOTHING, or another index. A note where the method sends
    /// the table all the same.
    REPLICA_IDENTITY = "replica-identity", Degraded,
        "rows are found on the other nodes by something else than the key by which conflicts are settled, or the table cannot be sent, and bootstrap is refused",
        "pglogical 2.4.5 refuses FULL and NOTHING: table does not have PRIMARY KEY";
    /// With strategy `custom`: a table has no merge function, or one that does not make one row of two in every order, or another one
    /// than the inventory's; or it has a generated column or a second unique key; or a function has no table.
    MERGE = "merge", Degraded, "the nodes would part in it silently; bootstrap is refused",
        "measured with pglogical 2.4.2 and 2.4.5";
    /// A table that several nodes write has a unique key beside its primary key. With strategy `region`, only a key without the
    /// region's column counts.
    SECOND_KEY = "second-key", Note, "two nodes can write one value at the same time, and neither sees the other's",
        "measured with pglogical 2.4.2 and 2.4.5, and with PostgreSQL 17; the table of conflicts in this book";
    /// A table has an exclusion constraint. With strategy `region`, only one without the region's column counts.
    EXCLUSION = "exclusion", Degraded,
        "two rows of two nodes that exclude each other stop both nodes: neither applies the other's, nor anything behind it",
        "measured with pglogical 2.4.5 on PostgreSQL 17";
    /// A foreign key stands between tables that several nodes write. With strategy `region`, only one without the region's column
    /// counts.
    FOREIGN_KEY = "foreign-key", Note,
        "it is not checked where changes of other nodes are applied: one node can delete what another one's new row points to",
        "measured with pglogical 2.4.2 and 2.4.5";
    /// A foreign key deletes or changes rows of its table with the row that they point to. Where rows have regions, as above.
    FOREIGN_KEY_CASCADE = "foreign-key-cascade", Note,
        "only rows that this node has by then go; one that another node inserts at that time stays, and points to nothing",
        "measured with pglogical 2.4.5";
    /// A table that is sent has a foreign key to one that is not.
    FOREIGN_KEY_OUTSIDE = "foreign-key-outside", Degraded, "on the other nodes, its rows point to rows that they do not have",
        "measured with pglogical 2.4.5";
    /// A trigger fires where changes of other nodes are applied, too (ENABLE ALWAYS or REPLICA).
    TRIGGER = "trigger", Note, "it fires once on every node for one change",
        "PostgreSQL documentation, ALTER TABLE; measured with pglogical 2.4.5";
    /// A trigger fires on the node of the client alone, and does more than write to tables that are sent: it notifies, writes to a
    /// table that is not sent, refreshes a view, or is in a language that `lint` does not read.
    TRIGGER_ORIGIN = "trigger-origin", Note, "the other nodes get the row without what the trigger does besides",
        "PostgreSQL documentation, ALTER TABLE; measured with pglogical 2.4.5";
    /// A sequence counts by something else than 1, and not by the mesh's step either.
    SEQUENCE_INCREMENT = "sequence-increment", Degraded, "all nodes would give the same numbers; bootstrap is refused",
        "measured with pglogical 2.4.5";
    /// A sequence comes round (CYCLE).
    SEQUENCE_CYCLE = "sequence-cycle", Degraded,
        "it cannot be kept apart from those of the other nodes, so two of them give the same number",
        "PostgreSQL documentation, CREATE SEQUENCE";
    /// A sequence comes to its end, because each node takes only every so many-th number.
    SEQUENCE_ENDS = "sequence-ends", Degraded, "at its last number no row can be inserted any more",
        "PostgreSQL documentation, CREATE SEQUENCE";
    /// A sequence belongs to no column, and no column has it as its default.
    SEQUENCE_ALONE = "sequence-alone", Note,
        "its numbers leave out those of other nodes, and their order is no order of time; whoever copies it by setval() undoes that, and nothing tells its largest number in use",
        "PostgreSQL documentation, CREATE SEQUENCE";
    /// The database has large objects.
    LARGE_OBJECT = "large-object", Degraded, "those of later are on one node only, and rows of the others name what they do not have",
        "PostgreSQL documentation, Logical Replication: Restrictions";
    /// A materialized view.
    MATERIALIZED_VIEW = "materialized-view", Note, "its rows are not sent: each node has what was refreshed there",
        "PostgreSQL documentation, Logical Replication: Restrictions";
    /// A table has partitions.
    PARTITIONED = "partitioned", Note, "each partition is sent by itself; a new one is not sent before it is added on all nodes",
        "measured with pglogical 2.4.5: rows of a partition are sent for the partition, never for its table";
    /// A table is not sent, because the inventory lists other tables and does not name it under `except`.
    NOT_LISTED = "not-listed", Note, "each node has rows of its own there", "the inventory";
    /// An extension has tables with rows of its own.
    EXTENSION = "extension-state", Note, "they are not sent: what is set there on one node is not set on the others",
        "PostgreSQL documentation, Packaging Related Objects into an Extension";
    /// A function or procedure runs TRUNCATE; degraded with RESTART IDENTITY.
    TRUNCATE = "truncate", Note,
        "rows that another node inserts at that time are gone on that node and stay on this one; RESTART IDENTITY lets a sequence give numbers again that it has given",
        "measured with pglogical 2.4.5";
    /// A function or procedure takes a lock by name (pg_advisory_lock), or runs LOCK TABLE.
    LOCK = "lock", Note, "the lock is one node's own: two clients on two nodes both get it",
        "PostgreSQL documentation, Explicit Locking";
    /// A table is on some members and not on others.
    TABLE_MISSING = "table-missing", Critical, "the first change that is sent of it stops those that do not have it",
        "measured with pglogical 2.4.5 and PostgreSQL 17";
    /// The columns or the primary key of a table differ between members.
    COLUMNS_DIFFER = "columns-differ", Critical, "a change with a column that a node does not have stops that node",
        "measured with pglogical 2.4.5 and PostgreSQL 17";
    /// A table is on all members, and is not sent by some of them, though the inventory wants it on all.
    NOT_SENT = "not-sent", Degraded, "the nodes part in it silently", "measured with pglogical 2.4.5";
}
