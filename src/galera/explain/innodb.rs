//! The server does not come up because of what it finds in its data files.

use crate::kernel::explain::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("system-tables", "the data directory has no system tables, or they cannot be read"),
    ("upgrade-after-crash", "the server was not shut down cleanly before it was upgraded"),
    ("downgrade", "the data was written by a newer server than this one"),
    ("no-memory", "the host has not enough memory for what the server is to use"),
    ("no-aio", "the kernel gives the server no asynchronous input and output"),
    ("innodb-settings", "the data was made with other settings of InnoDB than the server has now"),
    ("incomplete-data", "some files of InnoDB are missing"),
    (
        "prepared-transactions",
        "transactions are prepared, and the binary log that decides on them is missing",
    ),
    ("tc-log", "the record of two-phase commits cannot be used"),
    ("encryption-key", "the key of encrypted data is missing or wrong"),
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
        slug: "system-tables",
        told_by: &[own("ERROR: 1049  Unknown database 'mysql'")],
        cause: "the data directory has no system tables: there is no database mysql",
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
        slug: "no-memory",
        told_by: &[own("InnoDB: mmap({bytes} bytes) failed; errno 12")],
        cause: "the host has not enough memory: InnoDB needs {bytes} bytes",
        next: MEMORY,
    },
    Cause {
        slug: "no-memory",
        told_by: &[own("InnoDB: Cannot map innodb_buffer_pool_size_max={size}")],
        cause: "the host does not give InnoDB an address space of {size} (innodb_buffer_pool_size_max)",
        next: "ulimit -v; sudo grep -rn innodb.buffer.pool.size /etc/mysql; set a smaller innodb_buffer_pool_size_max, then start the node again",
    },
    Cause {
        slug: "no-memory",
        told_by: &[own("InnoDB: Cannot allocate memory; too large innodb_log_buffer_size")],
        cause: "the host has not enough memory for InnoDB's log buffer",
        next: "free -m; sudo grep -rn innodb.log.buffer.size /etc/mysql; set a smaller one, then start the node again",
    },
    Cause {
        slug: "no-aio",
        told_by: &[own("[ERROR] InnoDB: io_setup() failed with EAGAIN")],
        cause: "the kernel gives the server no asynchronous input and output: other servers of this host use up fs.aio-max-nr",
        next: AIO,
    },
    Cause {
        slug: "no-aio",
        told_by: &[own("Cannot initialize AIO sub-system")],
        cause: "the kernel gives the server no asynchronous input and output: other servers of this host use up fs.aio-max-nr",
        next: AIO,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("data file '{file}' is of a different size 0 pages than")],
        cause: "{file} is empty: InnoDB's system tablespace was never written, or a copy is not whole",
        next: KEEP,
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
        slug: "innodb-settings",
        told_by: &[own(
            "InnoDB: innodb_page_size={page} requires innodb_buffer_pool_size >= {needed} current {set}",
        )],
        cause: "innodb_buffer_pool_size is too small ({set}): pages of {page} bytes need {needed}",
        next: "sudo grep -rn innodb.buffer.pool.size /etc/mysql; set a larger one there and in the inventory",
    },
    Cause {
        slug: "innodb-settings",
        told_by: &[own("InnoDB: Unable to parse innodb_data_file_path={value}")],
        cause: "InnoDB does not understand innodb_data_file_path, {value}",
        next: "sudo grep -rn innodb.data.file.path /etc/mysql, and correct it; the files that are there: sudo ls -l /var/lib/mysql/ibdata*",
    },
    Cause {
        slug: "innodb-settings",
        told_by: &[own("The tail of the system tablespace is missing")],
        cause: "InnoDB's system tablespace is shorter than it was: innodb_data_file_path lacks a file that the data was made with",
        next: "sudo ls -l /var/lib/mysql/ibdata*; sudo grep -rn innodb.data.file.path /etc/mysql, and name all of the files there, in their order",
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own(
            "Cannot create {} because data files are corrupt or the database was not shut down cleanly after creating the data files",
        )],
        cause: "InnoDB's redo log (ib_logfile0) is missing, and the data files were not closed cleanly: a part was removed, or a copy is not whole",
        next: KEEP,
    },
    Cause {
        slug: "incomplete-data",
        told_by: &[own("InnoDB: ib_logfile0 is empty, and LSN is unknown")],
        cause: "InnoDB's redo log (ib_logfile0) is empty: a part was removed, or a copy is not whole",
        next: KEEP,
    },
    Cause {
        slug: "upgrade-after-crash",
        told_by: &[own("upgrade from older version than MariaDB 10.3 requires clean shutdown")],
        cause: "the data is of a version before MariaDB 10.3, which was not shut down cleanly before the upgrade",
        next: OLD_PACKAGES,
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
        slug: "encryption-key",
        told_by: &[own("Cannot initialize encryption. Check that all encryption parameters have been set")],
        cause: "the binary log is to be encrypted, and no plugin with a key is loaded",
        next: KEYS,
    },
    Cause {
        slug: "encryption-key",
        told_by: &[own("InnoDB: cannot enable encryption, encryption plugin is not available")],
        cause: "InnoDB is to encrypt its data, and no plugin with a key is loaded",
        next: KEYS,
    },
    Cause {
        slug: "encryption-key",
        told_by: &[own("Could not decrypt binlog: encryption key error")],
        cause: "the server has no key for its encrypted binary log, or not the right one",
        next: KEYS,
    },
    Cause {
        slug: "encryption-key",
        told_by: &[own("InnoDB: Decrypting checkpoint failed")],
        cause: "the server has no key for InnoDB's encrypted redo log, or not the right one",
        next: KEYS,
    },
    Cause {
        slug: "encryption-key",
        told_by: &[own("InnoDB: Reading log encryption info failed")],
        cause: "the server has no key for InnoDB's encrypted redo log, or not the right one",
        next: KEYS,
    },
    Cause {
        slug: "system-tables",
        told_by: &[own("[ERROR] Fatal error: mysql.user table is damaged")],
        cause: "the system table mysql.user is damaged",
        next: KEEP,
    },
];

pub const KEEP: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; then galactl recover {inventory}";
const OLD_PACKAGES: &str = "install the old packages again, start and stop the server cleanly with them, then upgrade again; or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const NEW_PACKAGES: &str = "install the newer packages again (mariadbd --version on all nodes); or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const MEMORY: &str = "free -m; set a smaller innodb_buffer_pool_size in the inventory and in /etc/mysql, then start the node again";
const KEYS: &str = "sudo grep -rnE 'encrypt|file_key' /etc/mysql on all nodes: plugin, key file and its owner are to be the same everywhere";
const AIO: &str = "cat /proc/sys/fs/aio-nr /proc/sys/fs/aio-max-nr; sudo sysctl -w fs.aio-max-nr=1048576, and the same into /etc/sysctl.d; then start the node again";
