//! The server does not come up because of disks, owners and directories.

use crate::kernel::explain::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("no-room-for-gcache", "the disk has no room for the write-set cache (gcache)"),
    ("disk-full", "the disk is full: of the node, of the joiner, or of the donor"),
    ("read-only", "the file system is read-only"),
    ("disk-error", "the disk fails: the kernel gives input and output errors"),
    ("already-running", "another server uses the same data directory"),
    ("no-file-locks", "the file system of the data directory gives no locks"),
    ("access-control", "AppArmor or SELinux forbids something to the server"),
    ("wrong-owner", "the server has no permission to open or write its own file"),
    ("data-directory", "the server cannot use its data directory"),
    ("missing-directory", "a directory that the server writes to is not there"),
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
        told_by: &[own("bytes for file {file} failed with error 122")],
        cause: "the server's user has used up its disk quota: {file} cannot be written",
        next: DISK,
    },
    // EOPNOTSUPP
    Cause {
        slug: "data-directory",
        told_by: &[own("bytes for file {file} failed with error 95")],
        cause: "the file system of the data directory cannot reserve space for a file ({file})",
        next: "findmnt --target /var/lib/mysql; move the data to a local file system (ext4, xfs), or set innodb_use_native_aio = OFF and innodb_flush_method = fsync and try again",
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
    // ENOLCK
    Cause {
        slug: "no-file-locks",
        told_by: &[own("InnoDB: Unable to lock {file} error: 37")],
        cause: "the file system of the data directory gives no locks, without which {file} could be opened twice: an NFS without its lock service",
        next: "findmnt --target /var/lib/mysql; for NFS: systemctl status rpc-statd on this host and on the file server; better a local disk",
    },
    // EAGAIN, and EACCES where a lock is held.
    Cause {
        slug: "disk-error",
        told_by: &[own("[ERROR] {}nput/output error")],
        cause: "the disk of this node fails: the kernel gives an input/output error",
        next: DISK_ERROR,
    },
    Cause {
        slug: "disk-error",
        told_by: &[own("InnoDB: Operating system error number 5 in a file operation")],
        cause: "the disk of this node fails: the kernel gives an input/output error",
        next: DISK_ERROR,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("InnoDB: Operating system error number 28 in a file operation")],
        cause: "the disk is full",
        next: DISK,
    },
    Cause {
        slug: "disk-full",
        told_by: &[own("InnoDB: Operating system error number 122 in a file operation")],
        cause: "the server's user has used up its disk quota",
        next: DISK,
    },
    Cause {
        slug: "read-only",
        told_by: &[own("InnoDB: Operating system error number 30 in a file operation")],
        cause: "a file system that InnoDB writes to is read-only",
        next: READ_ONLY,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("InnoDB: Operating system error number 13 in a file operation")],
        cause: "the server may not open a file of its data directory",
        next: OWNERS,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("InnoDB: The system tablespace must be writable")],
        cause: "the server may not write InnoDB's system tablespace (ibdata1)",
        next: OWNERS,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Can't open and lock privilege tables: Table '{table}' is read only")],
        cause: "the server may not write its system table {table}",
        next: OWNERS,
    },
    Cause {
        slug: "already-running",
        told_by: &[own("InnoDB: Unable to lock {file} error: 11")],
        cause: "another server is running on this data directory: it holds {file}",
        next: RUNNING,
    },
    Cause {
        slug: "already-running",
        told_by: &[own("InnoDB: Unable to lock {file} error: 13")],
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
        slug: "already-running",
        told_by: &[own("mysqld_safe A m{} process already exists")],
        cause: "another server is running",
        next: RUNNING,
    },
    Cause {
        slug: "access-control",
        told_by: &[own("apparmor={}DENIED{} name={file} ")],
        cause: "AppArmor forbids the server {file}",
        next: "sudo aa-status; add the path to /etc/apparmor.d/local/ of the server's profile, then sudo systemctl reload apparmor",
    },
    Cause {
        slug: "access-control",
        told_by: &[own("avc:  denied {}comm={program} ")],
        cause: "SELinux forbids something to {program}",
        next: "sudo ausearch -m avc -ts recent; sudo restorecon -Rv /var/lib/mysql",
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
        told_by: &[own("Can't create/write to file '{file}' (Errcode: 13 ")],
        cause: "the server may not write {file}",
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
        told_by: &[own("does not have the access rights to")],
        cause: "the server may not open a file of its data directory",
        next: OWNERS,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Failed to open file '{file}'{}13 (Permission denied)")],
        cause: "the provider may not open its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't create test file '{file}' (Errcode: 2 ")],
        cause: "the data directory is not there, or leads nowhere: {file} cannot be made",
        next: "sudo ls -ld /var/lib/mysql; findmnt --target /var/lib/mysql; if its file system is not mounted: sudo mount -a; never make an empty directory in its place",
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("Can't create test file '{file}' (Errcode: 13 ")],
        cause: "the server may not write into its data directory: {file}",
        next: OWNER,
    },
    Cause {
        slug: "data-directory",
        told_by: &[own("Can't create test file {file}"), own("[ERROR] Aborting")],
        cause: "the server cannot make a file in its data directory ({file}): the directory is not there, or belongs to another user",
        next: "sudo ls -ld /var/lib/mysql; findmnt --target /var/lib/mysql; mount what is missing; where it is there: sudo chown mysql: /var/lib/mysql",
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("[ERROR] InnoDB: {file} can't be opened in read-write mode")],
        cause: "the server may not write its own file {file}",
        next: OWNER,
    },
    Cause {
        slug: "wrong-owner",
        told_by: &[own("InnoDB: Error number 13 means")],
        cause: "the server may not open a file of its data directory",
        next: OWNERS,
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
        slug: "wrong-owner",
        told_by: &[own("Can't start server: can't create PID file: Permission denied")],
        cause: "the server may not write its pid file",
        next: "sudo grep -rn pid.file /etc/mysql; sudo ls -ld /run/mysqld, which is to belong to mysql",
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't find messagefile '{file}'"), own("[ERROR] Aborting")],
        cause: "the file of the server's messages, {file}, is not there or is of another version",
        next: "sudo grep -rnE 'lc.messages|language' /etc/mysql: correct or remove it; sudo apt-get install --reinstall mariadb-server-core tells the path that the package has: dpkg -L mariadb-server-core",
    },
    Cause {
        slug: "missing-directory",
        told_by: &[own("Can't start server: can't create PID file: No such file")],
        cause: "the directory of the server's pid file is not there",
        next: "sudo grep -rn pid.file /etc/mysql; sudo install -d -o mysql -g mysql /run/mysqld",
    },
];

const DISK: &str =
    "df -h /var/lib/mysql /tmp; make room, then run again what failed, or: galactl start {inventory}";
const DISK_ERROR: &str = "sudo journalctl -k -n 100 names the disk; sudo smartctl -a /dev/DISK; on a sound disk, while the cluster is alive: galactl add-node {inventory} NODE --discard";
const READ_ONLY: &str = "findmnt -o TARGET,OPTIONS --target /var/lib/mysql; sudo journalctl -k -n 50 tells whether the kernel did it after a disk error";
const RUNNING: &str = "pgrep -a 'mariadbd|mysqld'; systemctl status PID names the unit of each; end the one that is not mariadb.service";
const OWNER: &str = "sudo ls -ld {file} \"$(dirname {file})\"; what belongs to another user: sudo chown -R mysql: /var/lib/mysql; where the owner is right, AppArmor or SELinux forbids it: sudo journalctl -k --grep denied";
const OWNERS: &str = "sudo chown -R mysql: /var/lib/mysql; where the owner was right, AppArmor or SELinux forbids it: sudo journalctl -k --grep denied";
const DIRECTORY: &str = "sudo install -d -o mysql -g mysql \"$(dirname {file})\", or correct the option that names it: sudo grep -rn \"$(dirname {file})\" /etc/mysql";
