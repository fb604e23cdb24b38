//! The rules, each with its documentation, its severity, what comes of it, and where that is known from.

use crate::kernel::lint::{Rule, declare_rules};

/// Pages of MariaDB's documentation, by their names.
macro_rules! page {
    ($name:literal) => {
        concat!("MariaDB documentation, ", $name)
    };
}

declare_rules! {
    /// Tables of users are of an engine that Galera does not replicate.
    TABLE_ENGINE = "table-engine", Degraded, "rows that clients write there are on one node only",
        page!("MariaDB Galera Cluster - Known Limitations");
    /// Tables of users have no primary key, and no unique key of columns that are NOT NULL.
    PRIMARY_KEY = "primary-key", Note,
        "for each row that changes there, the other nodes read the whole table, and all writes wait",
        page!("MariaDB Galera Cluster - Known Limitations");
    /// A table of MyISAM or Aria has a FULLTEXT key. InnoDB has other limits for the length of words and other
    /// stopwords.
    FULLTEXT_ENGINE = "fulltext-engine", Note, "in InnoDB the same search finds other rows",
        page!("Full-Text Index Overview");
    /// A table of InnoDB has a FULLTEXT key. InnoDB adds no column to it at once (ALGORITHM=INSTANT), and rebuilds it instead;
    /// with two such keys it copies the table (ALGORITHM=COPY).
    FULLTEXT_ALTER = "fulltext-alter", Note,
        "an ALTER TABLE that is done at once elsewhere takes the more time, the more rows there are, and all nodes wait",
        "measured on 10.5, 10.11 and 11.8";
    /// A table or a partition has a DATA DIRECTORY.
    DATA_DIRECTORY = "data-directory", Degraded,
        "a node without this directory leaves the cluster at the CREATE TABLE, as inconsistent, and mariabackup cannot bring it back",
        "measured on 10.5, 10.11 and 11.8";
    /// A table is partitioned by RANGE, and has no partition for values above the last one.
    PARTITION_END = "partition-end", Note,
        "a row above the last partition is refused: error 1526; ADD PARTITION stops the writes of the whole cluster while it runs",
        "measured on 10.5, 10.11 and 11.8; MariaDB documentation, wsrep_osu_method";
    /// An AUTO_INCREMENT comes to its end, because each node of a cluster takes only every so many-th value.
    AUTO_INCREMENT_ROOM = "auto-increment-room", Degraded, "at its last value no row can be inserted any more",
        page!("auto_increment_increment, wsrep_auto_increment_control");
    /// A foreign key changes or deletes rows of its table with the row that they belong to.
    FOREIGN_KEY_CASCADE = "foreign-key-cascade", Note,
        "a change of the parent row aborts, with error 1213, whatever other nodes are writing to its child rows",
        "measured on 10.5 and 11.8";
    /// A sequence has a cache, and an increment other than 0.
    SEQUENCE_CACHE = "sequence-cache", Degraded,
        "a cluster refuses to create it (error 1235), so that its dump is not restored; where it exists already, each value skips the whole cache",
        "measured on 10.5 and 11.8";
    /// A sequence without a cache has an increment other than 0.
    SEQUENCE_STEP = "sequence-step", Note,
        "each value is a write to one row, for which all nodes compete; with INCREMENT BY 0 each node has values of its own",
        page!("CREATE SEQUENCE");
    /// An event that is switched on changes data; a note where no more than one node runs it now.
    EVENT_CHANGES_DATA = "event-changes-data", Degraded,
        "a state transfer switches it on on the joiner as well, and then each node runs it: twice, or in conflict with each other",
        "measured on 10.11; MariaDB documentation, Events";
    /// An event is switched on, and changes no data that `lint` can see.
    EVENT_ENABLED = "event-enabled", Note, "after a state transfer each node runs it",
        "measured on 10.11; MariaDB documentation, Events";
    /// A trigger, event, routine or view belongs to an account that does not exist.
    DEFINER = "definer", Degraded,
        "whoever uses it gets error 1449; mariadb-dump stops at such a view",
        "measured on 10.5, 10.11 and 11.8";
    /// A program takes a lock by name (GET_LOCK).
    NAMED_LOCK = "named-lock", Degraded, "the lock is one node's own: two clients on two nodes both get it",
        "measured on 10.11; MariaDB documentation, MariaDB Galera Cluster - Known Limitations";
    /// A program runs LOCK TABLES.
    LOCK_TABLES = "lock-tables", Degraded, "it locks the table on one node only; writes on the others go on",
        "measured on 10.11; MariaDB documentation, MariaDB Galera Cluster - Known Limitations";
    /// A program runs FLUSH TABLES.
    FLUSH_TABLES = "flush-tables", Note,
        "it closes tables on every node; WITH READ LOCK, the node stops to apply the others' writes until the lock ends",
        "measured on 10.5 and 11.8";
    /// A program runs an XA transaction.
    XA = "xa", Degraded, "a cluster refuses it: error 1235",
        "measured on 10.11; MariaDB documentation, MariaDB Galera Cluster - Known Limitations";
    /// A program switches `sql_log_bin` or `wsrep_on` off.
    SQL_LOG_BIN = "sql-log-bin", Degraded,
        "with sql_log_bin off, rows are replicated all the same; with wsrep_on off, the node's data differs from then on",
        "measured on 10.5 and 11.8; MariaDB documentation, Galera Cluster System Variables";
    /// SERIALIZABLE is set, for the server or in a program.
    SERIALIZABLE = "serializable", Note,
        "it holds between clients of one node, and not between those of two",
        "Galera Cluster documentation, Isolation Levels";
    /// A program leaves a temporary table behind for whoever has called it.
    TEMPORARY_TABLE = "temporary-table", Note,
        "the table is in one session on one node; a proxy that sends the next statement elsewhere does not find it",
        page!("CREATE TABLE");
    /// A program changes the definition of tables.
    DDL_IN_PROGRAM = "ddl-in-program", Note,
        "each such statement stops the writes of the whole cluster while it runs",
        "measured on 10.11; MariaDB documentation, wsrep_osu_method";
    /// An event deletes or updates rows without a LIMIT.
    UNBOUNDED_CHANGE = "unbounded-change", Note,
        "all of its rows are one write-set, for which every node waits",
        page!("wsrep_max_ws_size");
    /// The slow query log or the general log of a server has transactions of 10,000 rows and more, or of more than
    /// wsrep_max_ws_rows, with which a member refuses them. `lint` reads the last 8 MiB of a file, or the last entries of
    /// a table.
    LARGE_TRANSACTION = "large-transaction", Note,
        "all rows of a transaction are one write-set, for which every node waits; Galera's own measure is 10,000 rows, at which wsrep_load_data_splitting cuts LOAD DATA",
        page!("wsrep_load_data_splitting, wsrep_max_ws_rows");
    /// With `--written`: rows of one region were written by several nodes, as a binary log tells.
    REGION_CROSSED = "region-crossed", Degraded,
        "two nodes that write rows with the same key abort each other with error 1213",
        "Galera Cluster documentation, Certification-Based Replication; measured on 10.5, 10.11 and 11.8";
    /// One row can be larger than the largest write-set.
    ROW_SIZE = "row-size", Note, "such a row cannot be written: error 1180", page!("wsrep_max_ws_size");
    /// A table looks like one of counters, whose few rows everybody changes.
    HOT_ROW = "hot-row", Note,
        "writes to one row from several nodes abort each other with error 1213", "measured on 10.11";
    /// Tables or columns have the character set utf8mb3, which older releases call utf8.
    CHARSET_UTF8MB3 = "charset-utf8mb3", Note,
        "it cannot hold every character, and a later change to utf8mb4 copies the tables while all nodes wait",
        page!("Unicode");
    /// The server's character set is utf16, utf32 or ucs2.
    SERVER_CHARSET = "server-charset", Degraded, "a state transfer by rsync or mysqldump fails",
        page!("MariaDB Galera Cluster - Known Limitations");
    /// A table has ROW_FORMAT=COMPRESSED.
    ROW_FORMAT_COMPRESSED = "row-format-compressed", Note,
        "MariaDB 10.6 began to take it out of use: there it is read-only where innodb_read_only_compressed is ON",
        page!("InnoDB COMPRESSED Row Format");
    /// A member does not have `innodb_autoinc_lock_mode` 2.
    AUTOINC_LOCK_MODE = "autoinc-lock-mode", Degraded, "inserts of two nodes may wait for each other without end",
        page!("Configuring MariaDB Galera Cluster");
    /// Galera does not set the step of AUTO_INCREMENT, and it is less than the number of nodes.
    AUTO_INCREMENT_STEP = "auto-increment-step", Degraded,
        "two nodes give the same value, and one of both clients gets an error",
        page!("wsrep_auto_increment_control");
    /// The general or the slow query log is a table.
    LOG_OUTPUT = "log-output", Note, "Galera does not support these logs in tables; it wants files",
        page!("MariaDB Galera Cluster - Known Limitations");
    /// Galera is told to replicate MyISAM or Aria.
    WSREP_MODE = "wsrep-mode", Note, "it is experimental, and such a table has no transactions that could be undone",
        page!("wsrep_mode");
    /// InnoDB does not write each commit to the disk; a note where the inventory says so.
    DURABILITY = "durability", Degraded, "if all nodes lose power at once, the last commits are gone",
        "measured on 10.11; MariaDB documentation, innodb_flush_log_at_trx_commit";
    /// An option in the server's option files is not known to the next release of Debian's MariaDB.
    NEXT_RELEASE = "next-release", Note, "after an upgrade it has no effect, or the server does not start",
        "measured on 10.5, 10.11 and 11.8";
}

/// The rule of this name.
pub fn rule(name: &str) -> Option<Rule> {
    ALL.iter().find(|rule| rule.code.name == name).copied()
}
