//! What single lines tell, in the words of several releases, and that every known cause is told by some log.

use std::collections::BTreeSet;

use galactl::galera::explain::{documented, explain};

/// The cause, and the lines that tell it.
const TOLD: &[(&str, &str)] = &[
    (
        "inconsistent",
        "[ERROR] WSREP: receiving IST failed, node restart required: Failed to apply trx 4 4 times",
    ),
    ("inconsistent", "[ERROR] WSREP: Node consistency compromized, aborting..."),
    (
        "reversed-history",
        "[ERROR] WSREP: Local state seqno (90) is greater than group seqno (70): states diverged. Aborting",
    ),
    ("conflicting-histories", "[ERROR] WSREP: Quorum impossible: conflicting group UUIDs:"),
    ("stale-gcache", "[ERROR] WSREP: Unsupported CC action version"),
    (
        "disk-full",
        "[ERROR] WSREP: Inconsistency detected: it\n[ERROR] Slave SQL: Could not execute Write_rows_v1 event on table shop.t; The table 't' is full, Error_code: 1114; handler",
    ),
    (
        "read-only",
        "[ERROR] mariadbd: Can't create/write to file './ddl_recovery.log' (Errcode: 30 \"Read-only file system\")",
    ),
    ("already-running", "[ERROR] InnoDB: Unable to lock ./ibdata1 error: 11"),
    ("already-running", "[ERROR] InnoDB: Unable to lock ./ibdata1, error: 11"),
    (
        "access-control",
        "audit: apparmor=\"DENIED\" operation=\"open\" profile=\"/usr/sbin/mariadbd\" name=\"/srv/x\" pid=7",
    ),
    ("data-directory", "[Warning] Can't create test file /var/lib/mysql/db1.lower-test\n[ERROR] Aborting"),
    (
        "missing-directory",
        "[Warning] Can't create test file '/srv/mysql/db1.lower-test' (Errcode: 2 \"No such file or directory\")\n[ERROR] Aborting",
    ),
    (
        "wrong-owner",
        "mysqld: Can't create/write to file '/var/lib/mysql/is_writable' (Errcode: 13 - Permission denied)",
    ),
    ("wrong-owner", "[ERROR] InnoDB: ./ib_logfile0 can't be opened in read-write mode"),
    (
        "wrong-owner",
        "InnoDB: The error means mysqld does not have the access rights to\nInnoDB: the directory.",
    ),
    (
        "system-tables",
        "[ERROR] Fatal error: Can't open and lock privilege tables: Table 'mysql.db' doesn't exist",
    ),
    (
        "downgrade",
        "[ERROR] InnoDB: Unsupported redo log format. The redo log was created with MariaDB 10.11.3.",
    ),
    (
        "downgrade",
        "[ERROR] [FATAL] InnoDB: Table flags are 0 in the data dictionary but the flags in file ./ibdata1 are 0x4000!\n7:00 UTC - mysqld got signal 6 ;",
    ),
    ("no-memory", "[ERROR] InnoDB: Cannot allocate memory for the buffer pool"),
    ("no-memory", "InnoDB: Fatal error: cannot allocate memory for the buffer pool"),
    (
        "innodb-settings",
        "[ERROR] InnoDB: The Auto-extending innodb_system data file './ibdata1' is of a different size 768 pages than specified",
    ),
    (
        "incomplete-data",
        "[ERROR] InnoDB: redo log file './ib_logfile0' exists. Creating system tablespace with existing redo log file is not recommended.",
    ),
    (
        "prepared-transactions",
        "[ERROR] Found 1 prepared transactions! It means that mysqld was not shut down properly",
    ),
    ("tc-log", "[ERROR] Bad magic header in tc log"),
    ("encryption-key", "[ERROR] Initialization of encryption failed for ./shop/t.ibd"),
    (
        "damaged-data",
        "[ERROR] InnoDB: Missing FILE_CHECKPOINT(7) at 9\n[ERROR] InnoDB: Plugin initialization aborted with error Generic error",
    ),
    ("damaged-aria", "[ERROR] mariadbd: Aria recovery failed. Please run aria_chk -r on all Aria tables"),
    (
        "half-received",
        "[Note] Starting MariaDB 10.11.6 source\nRunning: 'wsrep_sst_rsync --role 'joiner' --address 'x'\n\
         [Note] Starting MariaDB 10.11.6 source\nInnoDB: Database page corruption on disk or a failed read",
    ),
    (
        "option-file",
        "error: Found option without preceding group in config file: /etc/mysql/conf.d/x.cnf at line: 1",
    ),
    ("unknown-option", "[ERROR] [MY-000067] [Server] unknown variable 'query_cache_size=512M'."),
    ("bad-value", "[ERROR] mariadbd: option '--port' requires an argument"),
    ("galera-option", "[ERROR] WSREP: MariaDB Galera does not support binlog format: STATEMENT"),
    ("server-user", "[ERROR] Please consult the Knowledge Base to find out how to run mysqld as root!"),
    (
        "no-provider",
        "[ERROR] WSREP: wsrep_load(): interface version mismatch: my version 26, provider version 25",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: Invalid value 'lots' for integer type.\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: Failed to parse parameter 'gcs.fc_single_primary': Invalid value 'perhaps' for boolean type.\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: ./gcs/src/gcs_params.cpp:params_init_double():196: gcs.fc_factor value out of range [0.000000, 1.000000]: 9.000000\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: failed to open gcomm backend connection: 34: parameter 'pc.weight' value 300 is out of range [0,255)\n[ERROR] WSREP: wsrep::connect(gcomm://) failed: 7",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: invalid value 9 for commit order mode\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: Unsupported KeySet version: FOO\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: failed to create gcomm backend connection: 131: protonet.backend 'foo' not supported (FATAL)\n[ERROR] WSREP: wsrep::connect(gcomm://) failed: 7",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: More than one value for key 'gcache.size' at 'gcache.size=64M,gmcast.segment=1' in parameter list.",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: Key without value: 'gcache.size 64M' at position '0' in parameter list.",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: Failed to open file '/srv/none/galera.cache': System error: 2 (No such file or directory)\n[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'a=1': Failed to initialize wsrep provider",
    ),
    (
        "provider-option",
        "[ERROR] WSREP: To enable SSL at least both of 'socket.ssl_key' and 'socket.ssl_cert' must be set: 22 (Invalid argument)",
    ),
    ("server-tls", "[ERROR] SSL error: Unable to get private key from '/etc/mysql/key.pem'"),
    (
        "node-address",
        "[ERROR] Can't start server: Bind on TCP/IP port. Got error: 99: Cannot assign requested address\n[ERROR] Do you already have another server running on port: 3306 ?",
    ),
    (
        "node-address",
        "WSREP: IST receiver addr using tcp://127.0.1.1:4568\nState transfer to 1.0 (db2) failed: -111 (Connection refused)\nWill never receive state. Need to abort.",
    ),
    ("port-denied", "[ERROR] Can't start server: Bind on TCP/IP port. Got error: 13: Permission denied"),
    ("port-taken", "[ERROR] Do you already have another mysqld server running on port: 3306 ?"),
    (
        "donor-left",
        "[ERROR] WSREP: Donor 0.0 is no longer in the group. State transfer cannot be completed, need to abort.",
    ),
    ("sst-write", "xbstream: Can't create/write to file './ibdata1' (Errcode: 17 - File exists)"),
    ("sst-foreign", "WSREP_SST: [ERROR] Donor does not know my secret! (20261128 08:53:19.027)"),
    ("sst-option", "WSREP_SST: [ERROR] Unrecognized ssl-mode option: 'MAYBE' (20261128 08:53:19.027)"),
    ("sst-request", "Running: 'wsrep_sst_5:4444/rsync_sst --role 'donor' --address ''"),
    (
        "sst-tls",
        "WSREP_SST: [ERROR] * The certificate and private key do not match. * (20261128 08:53:19.027)",
    ),
    (
        "sst-port-blocked",
        "socat[368] W connect(6, AF=2 192.0.2.12:4444, 16): Connection refused\nsocat[368] E TCP:192.0.2.12:4444: Connection refused",
    ),
    (
        "backup-server",
        "Failed to connect to MariaDB server: Can't connect to local server through socket '/x' (2).\nmariadb-backup finished with error: 1.",
    ),
    (
        "backup-log",
        "mariabackup: Was only able to copy log from 1 to 5, not 7; try increasing innodb_log_file_size",
    ),
    ("open-files", "[ERROR] mariadbd: Can't open file './x.frm' (errno: 24 \"Too many open files\")"),
    ("missing-program", "sh: 1: wsrep_sst_mariadbbackup: not found"),
    (
        "missing-program",
        "WSREP_SST: [ERROR] mariabackup not in path: /usr/sbin:/sbin (20261128 08:53:19.027)",
    ),
    (
        "older-provider",
        "Group requested gcs protocol: 4, max supported by this node: 2. Upgrade the node before joining this group. Must abort.",
    ),
    (
        "same-uuid",
        "[ERROR] WSREP: A node with the same UUID already exists in the cluster. Removing gvwstate.dat file",
    ),
    (
        "bad-gvwstate",
        "[ERROR] WSREP: failed to open gcomm backend connection: 131: invalid UUID: 00000000 (FATAL)",
    ),
    (
        "evicted",
        "[ERROR] WSREP: exception from gcomm, backend must be restarted: this node has been evicted out of the cluster, gcomm backend restart is required",
    ),
    ("unstable-network", "[Warning] WSREP: max install timeouts reached, will isolate node for PT20S"),
    ("no-route", "Failed to establish connection: Network is unreachable\nfailed to reach primary view"),
    ("oom-killed", "mariadb.service: A process of this unit has been killed by the OOM killer."),
    ("killed", "mariadb.service: Main process exited, code=killed, status=9/KILL"),
    (
        "unit-cannot-run",
        "mariadb.service: Failed at step EXEC spawning /usr/sbin/mariadbd: No such file or directory",
    ),
    ("sst-interrupted", "Error writing file 'UNKNOWN' (errno: 32 \"Broken pipe\")"),
    (
        "backup-failed",
        "WSREP_SST: [ERROR] innobackupex finished with error: 1.  Check /var/lib/mysql//innobackup.backup.log (2)",
    ),
    ("transfer-failed", "[ERROR] WSREP: Failed to prepare for 'xtrabackup-v2' SST. Unrecoverable."),
    (
        "transfer-refused",
        "[ERROR] WSREP: State transfer request failed unrecoverably: 22 (Invalid argument). Most likely it is",
    ),
    (
        "provider-failed",
        "[ERROR] WSREP: Failed to create a new provider '/usr/lib/galera/libgalera_smm.so' with options 'gcache.size=1G': Failed to initialize wsrep provider",
    ),
    ("gcomm-failed", "[ERROR] WSREP: exception from gcomm, backend must be restarted: NodeMap::value(i)"),
    ("innodb-failed", "[ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed."),
    ("crashed", "11:40:21 UTC - mysqld got signal 11 ;"),
    ("crashed", "mariadb.service: Failed with result 'signal'."),
    ("recovery-failed", "WSREP: Failed to start mysqld for wsrep recovery: 'x'"),
    ("unit-command", "mysql.service: Control process exited, code=exited, status=1/FAILURE"),
    ("start-limit", "mysqld.service start request repeated too quickly, refusing to start."),
    (
        "binlog-missing",
        "[ERROR] Failed to open log (file './mariadb-bin.000012', errno 2 \"No such file or directory\")",
    ),
    (
        "sst-daemon",
        "WSREP_SST: [ERROR] the rsync or stunnel daemon (PID: 7) terminated unexpectedly. (20261128 08:53:19.027)",
    ),
    ("sst-stream", "mbstream: xb_stream_read_chunk(): wrong chunk magic at offset 0x0."),
    (
        "sst-tls",
        "2026.11.28 08:53:19 LOG3[0]: SSL_connect: error:0A000086:SSL routines::certificate verify failed",
    ),
    (
        "sst-port-blocked",
        "[ERROR] WSREP: IST sender, failed to connect 'tcp://192.0.2.12:4568': connect: Connection refused: 111",
    ),
    ("no-such-donor", "[Warning] WSREP: Joiner and donor can't be the same node"),
    ("garb-settings", "garb-systemd[7998]:  ERROR! List of GALERA_NODES is not configured"),
    ("port-taken", "db1 garbd[5732]: bind: Address already in use"),
    ("unit-command", "mariadb.service: Control process exited, code=exited status=127"),
    (
        "unit-command",
        "    Process: 4029 ExecStartPre=/usr/bin/prepare mariadb (code=exited, status=1/FAILURE)",
    ),
    ("bad-value", "[ERROR] Fatal error: Illegal or unknown default time zone 'Mars/Base'"),
    ("port-blocked", "Failed to establish connection: No route to host\nfailed to reach primary view"),
    ("start-timeout", "mariadb.service: Start operation timed out. Terminating."),
    ("start-timeout", "mariadb.service: start-pre operation timed out. Terminating."),
    ("start-timeout", "mariadb.service: start-post operation timed out. Stopping."),
    ("disk-error", "[ERROR] InnoDB: Operating system error number 5 in a file operation."),
    (
        "disk-error",
        "[ERROR] mariadbd: Error reading file './mysql/db.MAI' (Errcode: 5 \"Input/output error\")",
    ),
    ("read-only", "[ERROR] InnoDB: Operating system error number 30 in a file operation."),
    ("disk-full", "InnoDB: Operating system error number 28 in a file operation."),
    (
        "innodb-failed",
        "[ERROR] InnoDB: File ./ibdata1: 'open' returned OS error 71. Cannot continue operation",
    ),
    ("backup-failed", "mariabackup: Error: it cannot\nmariadb-backup finished with error: 1."),
    (
        "backup-failed",
        "[00] FATAL ERROR: 2026-11-28 09:00:00 it cannot\nmariadb-backup finished with error: 1.",
    ),
    ("no-aio", "[ERROR] InnoDB: Cannot initialize AIO sub-system"),
    ("no-memory", "[ERROR] InnoDB: Cannot map innodb_buffer_pool_size_max=8388608m"),
    ("aria-failed", "[ERROR] Aria engine is not enabled or did not start. The Aria engine must be enabled"),
    (
        "disk-full",
        "[ERROR] InnoDB: preallocating 1048576 bytes for file ./ib_logfile101 failed with error 122",
    ),
    (
        "innodb-settings",
        "[ERROR] InnoDB: innodb_page_size=65536 requires innodb_buffer_pool_size >= 20 MiB current 8 MiB",
    ),
    ("innodb-settings", "[ERROR] InnoDB: Unable to parse innodb_data_file_path=ibdata1"),
    (
        "incomplete-data",
        "[ERROR] InnoDB: Cannot create log file because data files are corrupt or the database was not shut down cleanly after creating the data files.",
    ),
    ("incomplete-data", "[ERROR] InnoDB: ib_logfile0 is empty, and LSN is unknown."),
    (
        "upgrade-after-crash",
        "[ERROR] InnoDB: upgrade from older version than MariaDB 10.3 requires clean shutdown",
    ),
    (
        "encryption-key",
        "[ERROR] Cannot initialize encryption. Check that all encryption parameters have been set",
    ),
    ("encryption-key", "[ERROR] InnoDB: Decrypting checkpoint failed"),
    (
        "damaged-data",
        "[ERROR] InnoDB: No valid checkpoint found (corrupted redo log). You can try --innodb-force-recovery=6 as a last resort.",
    ),
    (
        "damaged-data",
        "[ERROR] InnoDB: Log scan aborted at LSN 7007\n[ERROR] Plugin 'InnoDB' init function returned error.",
    ),
    (
        "damaged-data",
        "[ERROR] InnoDB: Tablespace 7 has been found in two places: './shop/a.ibd' and './shop/b.ibd'. You must delete one of them.\n[ERROR] Plugin 'InnoDB' registration as a STORAGE ENGINE failed.",
    ),
    ("two-primaries", "[ERROR] WSREP: Found more than one re-merged primary component candidate."),
    ("system-tables", "[ERROR] Fatal error: mysql.user table is damaged or in unsupported 3.20 format."),
    ("wrong-owner", "[ERROR] Can't start server: can't create PID file: Permission denied"),
    ("bad-value", "[ERROR] Unknown locale: 'xx_YY'"),
    ("bad-value", "[ERROR] Unknown/unsupported storage engine: RocksDB"),
    (
        "galera-option",
        "[ERROR] WSREP (galera) can't be enabled if the wsrep_provider is unset or set to 'none'",
    ),
    (
        "galera-option",
        "[ERROR] wsrep_mode=[REPLICATE_MYISAM|REPLICATE_ARIA] can't be enabled if wsrep_forced_binlog != [NONE|ROW]",
    ),
    ("server-user", "[ERROR] Cannot change uid/gid (errno: 1)"),
    ("garb-settings", "garb-systemd[7998]:  ERROR! GALERA_GROUP name is not configured"),
    ("missing-program", "WSREP_SST: [ERROR] my_print_defaults not found in path (20261128 08:53:19.027)"),
    (
        "missing-program",
        "WSREP_SST: [ERROR] openssl not found but it is required for authentication (20261128 08:53:19.027)",
    ),
    (
        "missing-program",
        "WSREP_SST: [ERROR] If encryption using the xbcrypt is enabled, then you need to install xbcrypt (2)",
    ),
    (
        "sst-tls",
        "WSREP_SST: [ERROR] Peer certificate file (or path) required if encrypt=4 (20261128 08:53:19.027)",
    ),
    ("sst-write", "WSREP_SST: [ERROR] Move failed, keeping '/var/lib/mysql/.sst' for further diagnosis (2)"),
    ("sst-stream", "WSREP_SST: [ERROR] Decompression failed. Exit code: 1 (20261128 08:53:19.027)"),
    (
        "sst-versions",
        "WSREP_SST: [ERROR] The joiner is not supported for this version of donor (20261128 08:53:19.027)",
    ),
    ("node-address", "WSREP_SST: [ERROR] destination address '192.0.2.11:3306' matches source address. (2)"),
    ("sst-interrupted", "WSREP_SST: [ERROR] Error while getting data from donor node: exit codes: 0 1 (2)"),
    ("transfer-failed", "WSREP_SST: [ERROR] find/rsync returned code 123: (20261128 08:53:19.027)"),
    (
        "transfer-failed",
        "[ERROR] WSREP: State Transfer Request preparation failed: unknown exception. Can't continue, aborting.",
    ),
    ("transfer-failed", "[ERROR] WSREP: got error while reading IST stream: 104"),
    ("crashed", "[ERROR] WSREP: FSM: no such a transition JOINED -> JOINED"),
    (
        "tc-log",
        "[ERROR] Crash recovery failed. Either correct the problem (if it's, for example, out of memory error) and restart",
    ),
    (
        "tls-certificate",
        "Failed to establish connection: tlsv1 alert unknown ca\nfailed to reach primary view",
    ),
    ("peer-refuses", "garb-systemd[7]:  None of the nodes in db1:4567 is accessible"),
    ("unit-cannot-run", "mariadb.service: Failed to run 'start' task: No such file or directory"),
    (
        "unit-cannot-run",
        "mariadb.service - MariaDB 11.8 database server was skipped because of an unmet condition check (ConditionPathExists=/srv).",
    ),
];

/// What a host does at this moment, and what galactl itself finds out while it joins a node.
const NO_LOG: [&str; 3] = ["transfer-running", "starting", "nothing-to-join"];

#[test]
fn lines_tell_their_cause() {
    for (slug, lines) in TOLD {
        let found = explain(&[lines], &[]);
        assert_eq!(found.as_ref().map_or("none", |found| &*found.slug), *slug, "{lines}: {found:#?}");
    }
}

#[test]
fn every_cause_is_told_by_some_log() {
    let told: BTreeSet<_> =
        TOLD.iter().map(|(slug, _)| *slug).chain(crate::explain::told()).chain(NO_LOG).collect();
    let public: BTreeSet<_> = crate::explain_public::told().collect();
    let known = |slug: &&str| told.contains(slug) || public.contains(*slug);
    let untold: Vec<_> = documented().map(|(_, slug, _)| slug).filter(|slug| !known(slug)).collect();
    assert_eq!(untold, [""; 0]);
}

/// Lines that stand in the logs of healthy nodes, too, or that tell several things.
#[test]
fn what_may_mean_nothing_names_no_cause() {
    for line in [
        "[Note] WSREP: Quorum: No node with complete state:",
        "[Warning] WSREP: no nodes coming from prim view, prim not possible",
        "WSREP_SST: [ERROR] rsync server on the other end has incompatible protocol. Make sure you have the same version",
        "rsync error: error in rsync protocol data stream (code 12) at io.c(228) [sender=3.2.7]",
        "[ERROR] Could not open mysql.plugin table: \"Table 'mysql.plugin' doesn't exist\". Some plugins may be not loaded",
        "[Note] InnoDB: Cannot open '/var/lib/mysql/ib_buffer_pool' for reading: No such file or directory",
        "[ERROR] mariadbd: Can't lock aria control file '/x/aria_log_control' for exclusive use, error: 11. Will retry for 30 seconds",
        "[Warning] Access denied for user 'app'@'192.0.2.9' (using password: YES)",
        "[ERROR] InnoDB: The change buffer is corrupted.",
        "[ERROR] mariadbd: Got error 127 when reading table './shop/t'",
        "[Warning] WSREP: Failed to prepare for incremental state transfer: Local state UUID does not match group state UUID",
    ] {
        assert_eq!(explain(&[line], &[]), None, "{line}");
    }
}
