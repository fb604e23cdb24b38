//! The server does not come up because of what it finds in its data directory, or because of what it finds missing.

use super::cause::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("no-room-for-gcache", "the disk has no room for the write-set cache (gcache)"),
    ("disk-full", "the disk is full: of the node, of the joiner, or of the donor"),
    ("read-only", "the file system is read-only"),
    ("already-running", "another server uses the same data directory"),
    ("wrong-owner", "the server has no permission to open or write its own file"),
    ("missing-directory", "a directory that the server writes to is not there"),
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
    ("encryption-key", "the key of encrypted data is missing or wrong"),
    ("damaged-data", "InnoDB finds its files damaged"),
    ("damaged-aria", "Aria, which holds the system tables, finds its files damaged"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "no-room-for-gcache",
        told_by: &[own("Requested size {size} for '{file}' exceeds available storage space {free}")],
        cause: "the disk has no room for the write-set cache: {file} needs {size} bytes, and {free} are free",
        next: "df -h {file}; make room, or set a smaller gcache.size in provider_options",
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("file '{file}' (Errcode: 28 ")],
        cause: "the disk is full: {file} cannot be written",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("Disk is full writing '{file}'")],
        cause: "the disk is full: {file} cannot be written",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("bytes for file {file} failed with error 28")],
        cause: "the disk is full: {file} cannot be written",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("No space left on device")],
        cause: "the disk is full",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("Disk quota exceeded")],
        cause: "the server's user has used up its disk quota",
        next: DISK,
    },
    Cause {
        slug: "read-only",
        told_by: &[own("'{file}' (Errcode: 30 ")],
        cause: "the file system is read-only: {file} cannot be written",
        next: READ_ONLY,
    },
    Cause {
        slug: "read-only",
        told_by: &[own("[ERROR] {}Read-only file system")],
        cause: "a file system that the server writes to is read-only",
        next: READ_ONLY,
    },
    Cause {
        slug: "already-running",
        told_by: &[own("InnoDB: Unable to lock {file} error: 11")],
        cause: "another server is running on this data directory: it holds {file}",
        next: RUNNING,
    },
    Cause {
        slug: "already-running",
        told_by: &[own(
            "Got error 'Could not get an exclusive lock; {}' when trying to use aria control file '{file}'",
        )],
        cause: "another server is running on this data directory: it holds {file}",
        next: RUNNING,
    },
    Cause {
        slug: "already-running",
        told_by: &[own("Could not get exclusive lock on state file: {file}")],
        cause: "another server is running on this data directory: it holds {file}",
        next: RUNNING,
    },
    Cause {
        slug: "already-running",
        told_by: &[own("Another process is already listening on the socket file '{file}'")],
        cause: "another server is running: it listens on {file}",
        next: RUNNING,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] {} '{file}' {}(Errcode: 13 ")],
        cause: "the server may not open its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] {} '{file}' (Errcode: 13 ")],
        cause: "the server may not open its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Could not open state file for writing: '{file}'{}13 (Permission denied)")],
        cause: "the server may not write its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] InnoDB: The data file '{file}' must be writable")],
        cause: "the server may not write its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] InnoDB: The innodb_system data file '{file}' must be writable")],
        cause: "the server may not write its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("does not have the access rights to the directory")],
        cause: "the server may not open a file of its data directory",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Can't create test file {file}"), own("[ERROR] Aborting")],
        cause: "the server may not write into its data directory: {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Could not open file '{file}' for error logging{}ermission denied")],
        cause: "the server may not write its log file {file}",
        next: "sudo chown mysql: {file}; sudo -u mysql test -w {file} tells whether that was all",
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't create/write to file '{file}' (Errcode: 2 ")],
        cause: "the directory of {file} is not there",
        next: DIRECTORY,
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Could not open file '{file}' for error logging{}No such file")],
        cause: "the directory of {file} is not there",
        next: DIRECTORY,
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't change dir to '{file}' (Errcode: 2 ")],
        cause: "the data directory {file} is not there",
        next: "findmnt --target {file}; if its file system is not mounted: sudo mount -a; never make an empty directory in its place",
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("[ERROR] {}File '{file}' not found (Errcode: 2 "), own("[ERROR] Aborting")],
        cause: "the server needs {file}, and it or its directory is not there",
        next: "sudo ls -ld {file}; make its directory, or correct the option that names it: sudo grep -rn log /etc/mysql",
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't start server: can't create PID file: No such file")],
        cause: "the directory of the server's pid file is not there",
        next: "sudo grep -rn pid.file /etc/mysql; sudo install -d -o mysql -g mysql /run/mysqld",
    },
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
        slug: "no-memory",
        told_by: &[own("Cannot allocate memory for the buffer pool")],
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
        told_by: &[own("[ERROR] {}Out of memory (Needed {bytes} bytes)")],
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
        slug: "prepared-transactions",
        told_by: &[own("Binlog file '{file}' not found in binlog index, needed for recovery")],
        cause: "the binary log {file} is missing, and the recovery after a crash needs it",
        next: "sudo ls -l /var/lib/mysql/*-bin.*; put {file} back and its name into the index file; else galactl recover {inventory}",
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

const DISK: &str =
    "df -h /var/lib/mysql /tmp; make room, then run again what failed, or: galactl start {inventory}";
const READ_ONLY: &str = "findmnt -o TARGET,OPTIONS --target /var/lib/mysql; sudo journalctl -k -n 50 tells whether the kernel did it after a disk error";
const RUNNING: &str = "pgrep -a 'mariadbd|mysqld'; systemctl status PID names the unit of each; end the one that is not mariadb.service";
const OWNER: &str = "sudo chown -R mysql: /var/lib/mysql; where the owner was right, AppArmor or SELinux forbids it: sudo journalctl -k --grep denied";
const DIRECTORY: &str = "sudo install -d -o mysql -g mysql \"$(dirname {file})\", or correct the option that names it: sudo grep -rn \"$(dirname {file})\" /etc/mysql";
const KEEP: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; then galactl recover {inventory}";
const OLD_PACKAGES: &str = "install the old packages again, start and stop the server cleanly with them, then upgrade again; or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const NEW_PACKAGES: &str = "install the newer packages again (mariadbd --version on all nodes); or, while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard";
const MEMORY: &str = "free -m; set a smaller innodb_buffer_pool_size in the inventory and in /etc/mysql, then start the node again";
const KEYS: &str = "sudo grep -rnE 'encrypt|file_key' /etc/mysql on all nodes: plugin, key file and its owner are to be the same everywhere";
const ARIA: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; in /var/lib/mysql: sudo -u mysql aria_chk -r */*.MAI, and remove aria_log.*; then start the node again";
