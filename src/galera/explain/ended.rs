//! The log says that the server or its unit ended, but not why.

use super::innodb::KEEP;
use crate::kernel::explain::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("provider-failed", "the provider did not start"),
    ("innodb-failed", "InnoDB did not start"),
    ("aria-failed", "Aria, which holds the system tables, did not start"),
    ("crashed", "the server crashed"),
    ("recovery-failed", "the server could not find out its position before the start"),
    ("unit-command", "a command of the unit beside the server failed"),
    ("gcomm-failed", "Galera's group communication failed"),
    ("start-limit", "systemd does not start the unit again, because it failed too often"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "provider-failed",
        told_by: &[own("unknown exception when trying to create a new provider '{file}'")],
        cause: "the wsrep provider did not start, and does not say why",
        next: "sudo ls -l {file} /var/lib/mysql/galera.cache /var/lib/mysql/grastate.dat; dpkg -l galera-4 mariadb-server tells whether both are of one release",
    },
    Cause {
        slug: "provider-failed",
        told_by: &[own("[ERROR] WSREP: Failed to create a new provider '{file}' with options '{options}'")],
        cause: "the wsrep provider did not start with the options {options}; the line before says why, if it is an error",
        next: "correct what that line names: an option in provider_options, or a file of the data directory; dpkg -S {file} tells the provider's package",
    },
    Cause {
        slug: "provider-failed",
        told_by: &[own("[ERROR] WSREP: wsrep::init() failed: {code}, must shutdown")],
        cause: "the wsrep provider did not start (error {code}); the line before says why",
        next: "correct what that line names: an option in provider_options, or a file of the data directory",
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("is in the future! Current system log sequence number")],
        cause: "InnoDB's pages on this node are newer than its redo log: the redo log was removed, or the files were copied while a server wrote them",
        next: KEEP,
    },
    Cause {
        slug: "innodb-failed",
        told_by: &[own("InnoDB: File {file}: '{call}' returned OS error {code}. Cannot continue operation")],
        cause: "InnoDB cannot go on: {call} of {file} fails with error {code}",
        next: "perror {code}; sudo ls -l {file}; df -h /var/lib/mysql; sudo journalctl -k -n 50",
    },
    Cause {
        slug: "innodb-failed",
        told_by: &[own("InnoDB: Plugin initialization aborted with error {reason}")],
        cause: "InnoDB did not start: {reason}; the line before says why",
        next: INNODB,
    },
    Cause {
        slug: "innodb-failed",
        told_by: &[own("Plugin 'InnoDB' registration as a STORAGE ENGINE failed")],
        cause: "InnoDB did not start; the line before says why",
        next: INNODB,
    },
    Cause {
        slug: "innodb-failed",
        told_by: &[own("Unknown/unsupported storage engine: InnoDB")],
        cause: "InnoDB did not start; a line before says why",
        next: INNODB,
    },
    Cause {
        slug: "bad-value",
        told_by: &[own("Unknown/unsupported storage engine: {engine}")],
        cause: "the server has no storage engine {engine}, which default_storage_engine names",
        next: "sudo grep -rnE 'storage.engine|plugin' /etc/mysql; set InnoDB, or load the engine's plugin",
    },
    Cause {
        slug: "aria-failed",
        told_by: &[own("Aria engine is not enabled or did not start")],
        cause: "Aria, which holds the system tables, did not start; a line before says why",
        next: INNODB,
    },
    // SIGBUS: a page of a mapped file has no place on the disk.
    Cause {
        slug: "crashed",
        told_by: &[own(" got signal 7 ;")],
        cause: "the server crashed with signal 7: most likely the disk was full when it wrote to its write-set cache, which is mapped into memory",
        next: "df -h /var/lib/mysql; sudo journalctl -k -n 100; make room, then: galactl start {inventory}",
    },
    Cause {
        slug: "crashed",
        told_by: &[own("FSM: no such a transition {transition}")],
        cause: "the provider crashed: it came into a state that it does not know ({transition})",
        next: CRASH_NEXT,
    },
    Cause { slug: "crashed", told_by: &[own(" got signal {signal} ;")], cause: CRASHED, next: CRASH_NEXT },
    Cause {
        slug: "crashed",
        told_by: &[own("InnoDB: Assertion failure in {where}")],
        cause: "the server crashed: InnoDB found something that cannot be, in {where}",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("[InnoDB] Assertion failure: {where}")],
        cause: "the server crashed: InnoDB found something that cannot be, in {where}",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("[FATAL] InnoDB: {what}")],
        cause: "InnoDB ended the server: {what}",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("code=dumped, status={signal}")],
        cause: CRASHED,
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("code=killed, status={signal}")],
        cause: CRASHED,
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("Failed with result 'core-dump'")],
        cause: "the server crashed",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "crashed",
        told_by: &[own("Failed with result 'signal'")],
        cause: "the server was ended by a signal",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "recovery-failed",
        told_by: &[own("WSREP: Failed to start m{program} for wsrep recovery: ")],
        cause: "m{program} could not find out the position of its data before the start",
        next: "sudo -u mysql m{program} --wsrep-recover --log-error=/tmp/recover.err; sudo tail -n 30 /tmp/recover.err",
    },
    Cause {
        slug: "tc-log",
        told_by: &[own("Can't init tc log")],
        cause: "the server cannot use its record of two-phase commits (tc.log or the binary log); the line before says why",
        next: "sudo ls -l /var/lib/mysql/tc.log /var/lib/mysql/*-bin.*; where the line before names tc.log: sudo mv /var/lib/mysql/tc.log /var/lib/mysql/tc.log.damaged",
    },
    Cause {
        slug: "tc-log",
        told_by: &[own("Crash recovery failed. Either correct the problem")],
        cause: "the recovery after a crash failed: the record of two-phase commits (tc.log or the binary log) and the engines do not agree; a line before may say why",
        next: "sudo ls -l /var/lib/mysql/tc.log /var/lib/mysql/*-bin.*; while the cluster is alive, give this node its data anew: galactl add-node {inventory} NODE --discard",
    },
    Cause {
        slug: "unit-command",
        told_by: &[own("Control process exited, code=exited{}status={code}")],
        cause: "a command of the unit failed before or after the server's start (status {code})",
        next: "systemctl status mariadb names the command (ExecStartPre, ExecStartPost); systemctl cat mariadb shows it",
    },
    Cause {
        slug: "gcomm-failed",
        told_by: &[own("exception from gcomm, backend must be restarted: {reason}")],
        cause: "Galera's group communication failed: {reason}",
        next: "galactl status {inventory}; then start this node again",
    },
    Cause {
        slug: "gcomm-failed",
        told_by: &[own("failed to open gcomm backend connection: {code}: {reason}")],
        cause: "Galera's group communication did not start: {reason} ({code})",
        next: "galactl check {inventory}; sudo grep -rnE 'wsrep_(cluster_address|provider_options)' /etc/mysql",
    },
    Cause {
        slug: "unit-command",
        told_by: &[own("Process: {} ExecStartPre={command} (code=exited, status={code}/FAILURE)")],
        cause: "a command of the unit failed before the server's start: {command} (status {code})",
        next: "sudo journalctl -u mariadb -o cat -n 50 tells what it said; systemctl cat mariadb shows it",
    },
    Cause {
        slug: "crashed",
        told_by: &[own("because a fatal signal was delivered to the control process")],
        cause: "the server was ended by a signal",
        next: CRASH_NEXT,
    },
    Cause {
        slug: "start-limit",
        told_by: &[own("tart request repeated too quickly")],
        cause: "systemd does not start the unit again, because it failed too often in a short time",
        next: "sudo systemctl reset-failed mariadb; sudo systemctl start mariadb; sudo journalctl -u mariadb -o cat -n 200 tells why it fails",
    },
];

const INNODB: &str = "correct what that line names; sudo cp -a /var/lib/mysql /var/lib/mysql.damaged before anything is changed in it";
const CRASHED: &str = "the server crashed with signal {signal}";
const CRASH_NEXT: &str = "sudo journalctl -u mariadb -o cat -n 300: what stands before and after `got signal` names the function or the query; after an update, compare mariadbd --version on all nodes";
