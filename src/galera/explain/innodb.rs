//! The server does not come up because of what it finds in its data files.

use super::cause::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("system-tables", "the data directory has no system tables, or they cannot be read"),
    ("upgrade-after-crash", "the server was not shut down cleanly before it was upgraded"),
    ("downgrade", "the data was written by a newer server than this one"),
    ("no-memory", "the host has not enough memory for what the server is to use"),
    ("innodb-settings", "the data was made with other settings of InnoDB than the server has now"),
    ("incomplete-data", "some files of InnoDB are missing"),
    (
        "prepared-transactions",
        "transactions are prepared, and the binary log that decides on them is missing",
    ),
    ("tc-log", "the record of two-phase commits cannot be used"),
    ("encryption-key", "the key of encrypted data is missing or wrong"),
    ("damaged-data", "InnoDB finds its files damaged"),
    ("damaged-aria", "Aria, which holds the system tables, finds its files damaged"),
    ("binlog-missing", "a binary log that the server needs is missing"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "system-tables",
        told_by: &[own("Can't open and lock privilege tables: {reason}")],
        cause: "the data directory has no system tables, or they cannot be read: {reason}",
        next: KEEP,
    },
    Cause {
        slug: "upgrade-after-crash",
        told_by: &[own("Upgrade after a crash is not supported. The redo log was created with {version}. ")],
        cause: "the server was not shut down cleanly before it was upgraded: its redo log is of {version}",
        next: OLD_PACKAGES,
    },
    Cause {
        slug: "upgrade-after-crash",
        told_by: &[own("Upgrade after a crash is not supported")],
        cause: "the server was not shut down cleanly before it was upgraded: its redo log is of an older version",
        next: OLD_PACKAGES,
    },
    Cause {
        slug: "downgrade",
        told_by: &[own("Unsupported redo log format. The redo log was created with {version}")],
        cause: "the data was written by a newer server than this one: {version}",
        next: NEW_PACKAGES,
    },
    Cause {
        slug: "downgrade",
        told_by: &[own("Downgrade after a crash is not supported")],
        cause: "the data was written by a newer server than this one, which was not shut down cleanly",
        next: NEW_PACKAGES,
    },
    Cause {
        slug: "downgrade",
        told_by: &[own(
            "Table flags are {is} in the data dictionary but the flags in file {file} are {set}!",
        )],
        cause: "{file} was written by another server than this one, or by a newer one: its flags are {set}",
        next: NEW_PACKAGES,
    },
    Cause {
        slug: "downgrade",
        told_by: &[own("InnoDB: Invalid flags {flags} in {file}")],
        cause: "{file} was written by another server than this one, or by a newer one: its flags are {flags}",
        next: NEW_PACKAGES,
    },
    Cause {
        slug: "no-memory",
        told_by: &[own("annot allocate memory for the buffer pool")],
        cause: "the host has not enough memory for InnoDB's buffer pool",
        next: MEMORY,
    },
    Cause {
        slug: "no-memory",
        told_by: &[own("Could not allocate buffer pool")],
        cause: "the host has not enough memory for InnoDB's buffer pool",
        next: MEMORY,
    },
    Cause {
        slug: "no-memory",
        told_by: &[own("Out of memory (Needed {bytes} bytes)")],
        cause: "the host has not enough memory: the server needs {bytes} bytes more",
        next: MEMORY,
    },
    Cause {
        slug: "innodb-settings",
        told_by: &[own("data file '{file}' is of a different size")],
        cause: "{file} has another size than innodb_data_file_path says",
        next: "sudo ls -l /var/lib/mysql/{file}; sudo grep -rn innodb_data_file_path /etc/mysql, and give it the size that the file has",
    },
    Cause {
        slug: "innodb-settings",
        told_by: &[own("Data file '{file}' uses page size {is}, but the {}innodb_page_size{} is {set}")],
        cause: "the data was made with innodb_page_size {is}, and the option says {set}",
        next: "sudo grep -rn innodb_page_size /etc/mysql, and set it to {is}",
    },
    Cause {
        slug: "innodb-settings",
        told_by: &[own("log file {file} is of different size")],
        cause: "{file} has another size than innodb_log_file_size says",
        next: "sudo ls -l /var/lib/mysql/ib_logfile*; sudo grep -rn innodb_log_file_size /etc/mysql, and give it the size that the file has",
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("InnoDB: Only one log file found")],
        cause: "a redo log of InnoDB is missing, and another is there",
        next: KEEP,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("InnoDB: Failed to open the undo tablespace {file}")],
        cause: "a file of InnoDB is missing: {file}",
        next: KEEP,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("Creating system tablespace with existing {what} is not ")],
        cause: "InnoDB's system tablespace is missing, and other files of it are there ({what}): a state transfer broke off, or somebody removed a part",
        next: KEEP,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("InnoDB: File {file} was not found"), own("InnoDB: Plugin initialization aborted")],
        cause: "a file of InnoDB is missing: {file}",
        next: KEEP,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[
            own("InnoDB: Tablespace {} was not found at {file}."),
            own("InnoDB: Plugin initialization aborted"),
        ],
        cause: "a file of InnoDB is missing: {file}",
        next: KEEP,
    },
    Cause {
        slug: "prepared-transactions",
        told_by: &[own("Found {count} prepared transactions! It means that")],
        cause: "{count} transactions are prepared, and the binary log that decides on them is missing",
        next: "where the cluster is alive its members have what counts: sudo -u mysql mariadbd --tc-heuristic-recover=ROLLBACK on this node, then galactl recover {inventory}",
    },
    Cause {
        slug: "binlog-missing",
        told_by: &[own("Binlog file '{file}' not found in binlog index, needed for recovery")],
        cause: "the binary log {file} is missing, and the recovery after a crash needs it",
        next: "sudo ls -l /var/lib/mysql/*-bin.*; put {file} back and its name into the index file; else galactl recover {inventory}",
    },
    Cause {
        slug: "binlog-missing",
        told_by: &[own("Failed to open log (file '{file}', errno 2")],
        cause: "the index of the binary log names {file}, which is not there",
        next: "sudo ls -l /var/lib/mysql/*-bin.*; put {file} back, or take its line out of the index file; then start the node again",
    },
    Cause {
        slug: "tc-log",
        told_by: &[own("Bad magic header in tc log")],
        cause: "tc.log, the record of two-phase commits, is damaged or empty",
        next: "sudo mv /var/lib/mysql/tc.log /var/lib/mysql/tc.log.damaged; then start the node again; if it then speaks of prepared transactions: sudo -u mysql mariadbd --tc-heuristic-recover=ROLLBACK",
    },
    Cause {
        slug: "encryption-key",
        told_by: &[own("[ERROR] {}Initialization of encryption failed for {what}")],
        cause: "the server has no key for its encrypted data ({what})",
        next: KEYS,
    },
    Cause {
        slug: "encryption-key",
        told_by: &[
            own("is not found or used encryption algorithm or method does not match"),
            own("[ERROR] Aborting"),
        ],
        cause: "the server has no key for its encrypted data, or not the right one",
        next: KEYS,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Plugin initialization aborted with error Data structure corruption")],
        cause: "InnoDB finds its files on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("We detected index corruption in an InnoDB type table")],
        cause: "InnoDB finds an index on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Database page corruption on disk or a failed")],
        cause: "InnoDB finds a page of its files on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Header page consists of zero bytes in datafile: {file}")],
        cause: "InnoDB finds its file {file} on this node damaged: it begins with zeros",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Missing {what}_CHECKPOINT"), own("InnoDB: Plugin initialization aborted")],
        cause: "InnoDB finds its redo log on this node damaged: it has no {what}_CHECKPOINT",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("is in the future! Current system log sequence number"),
            own("Plugin 'InnoDB' init function returned error"),
        ],
        cause: "InnoDB's pages on this node are newer than its redo log: the redo log was removed, or the files were copied while a server wrote them",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("Your database may be corrupt or you may have copied the InnoDB tablespace but not"),
            own("InnoDB: Assertion failure"),
        ],
        cause: "InnoDB's files on this node do not belong together: the redo log was removed, or the files were copied while a server wrote them",
        next: KEEP,
    },
    Cause {
        slug: "damaged-aria",
        told_by: &[own("Aria recovery failed. Please run aria_chk")],
        cause: "Aria, which holds the system tables, finds its files on this node damaged",
        next: ARIA,
    },
    Cause {
        slug: "damaged-aria",
        told_by: &[own("Got error '{reason}' when trying to use aria control file '{file}'")],
        cause: "Aria, which holds the system tables, cannot use its control file {file}: {reason}",
        next: ARIA,
    },
];

const KEEP: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; then galactl recover {inventory}";
const OLD_PACKAGES: &str = "install the old packages again, start and stop the server cleanly with them, then upgrade again; or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const NEW_PACKAGES: &str = "install the newer packages again (mariadbd --version on all nodes); or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const MEMORY: &str = "free -m; set a smaller innodb_buffer_pool_size in the inventory and in /etc/mysql, then start the node again";
const KEYS: &str = "sudo grep -rnE 'encrypt|file_key' /etc/mysql on all nodes: plugin, key file and its owner are to be the same everywhere";
const ARIA: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; in /var/lib/mysql: sudo -u mysql aria_chk -r */*.MAI, and remove aria_log.*; then start the node again";
