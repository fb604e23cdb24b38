//! What is said last. It tells that a start or a join failed, and not why.

use super::cause::{Cause, anyones, others, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("backup-failed", "mariabackup failed on the donor"),
    ("sst-interrupted", "the connection between donor and joiner broke during the state transfer"),
    ("transfer-failed", "the state transfer failed; the donor's log says why"),
    ("transfer-refused", "no member became the donor"),
    ("cluster-not-reached", "the node could not reach the cluster"),
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
        slug: "backup-failed",
        told_by: &[anyones(
            "mariadb-backup finished with error: {code}. Check syslog or '{file}' for details",
        )],
        cause: "mariabackup failed on the donor, with exit code {code}",
        next: "on the donor: sudo tail -n 50 {file}, or: sudo journalctl --identifier=-innobackupex-backup -n 100",
    },
    Cause {
        slug: "backup-failed",
        told_by: &[anyones("backup{} finished with error: {code}. {}Check {file}")],
        cause: "the backup for the state transfer failed on the donor, with exit code {code}",
        next: "on the donor: sudo tail -n 50 {file}",
    },
    Cause {
        slug: "backup-failed",
        told_by: &[anyones("backup apply finished with errors. {}Check {file}")],
        cause: "the backup that the joiner has received cannot be prepared there",
        next: "on the joiner: sudo tail -n 50 {file}; mariadbd --version on both nodes",
    },
    Cause {
        slug: "sst-interrupted",
        told_by: &[others("rsync error: {how} (code 12)"), others("--role 'donor'")],
        cause: "the connection to the joiner broke during the state transfer ({how}): the joiner's side ended",
        next: JOINER,
    },
    Cause {
        slug: "sst-interrupted",
        told_by: &[
            others("WSREP_SST: [ERROR] Error while sending data to joiner node"),
            others("E write({}: {how}"),
        ],
        cause: "the connection to the joiner broke during the state transfer ({how}): the joiner's side ended",
        next: JOINER,
    },
    Cause {
        slug: "sst-interrupted",
        told_by: &[anyones("Error writing file 'UNKNOWN' (errno: 32 ")],
        cause: "the connection to the joiner broke while mariabackup was sending: the joiner's side ended",
        next: JOINER,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[
            own("Will never receive state. Need to abort"),
            own("requested state transfer from '{}'. Selected {} ({donor})("),
        ],
        cause: "the state transfer failed on the donor {donor}, whose log tells why",
        next: "on {donor}: sudo journalctl -u mariadb -o cat -n 200",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Will never receive state. Need to abort")],
        cause: "the state transfer failed on the donor, whose log tells why",
        next: DONOR,
    },
    Cause {
        slug: "backup-failed",
        told_by: &[own("_checkpoints missing, ")],
        cause: "the backup for the state transfer failed on the donor",
        next: DONOR,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("receiving process ended without creating magic file")],
        cause: "what the donor sent ended too early: its backup failed, and its log tells why",
        next: DONOR,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Application state transfer failed. This is unrecoverable")],
        cause: "the state transfer broke off on this node",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own(
            "Process completed with error: wsrep_sst_{method} --role 'joiner'{}: {code} ({reason})",
        )],
        cause: "the state transfer script wsrep_sst_{method} failed on this node, with {code} ({reason})",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own(
            "Process completed with error: wsrep_sst_{method} --role 'donor'{}: {code} ({reason})",
        )],
        cause: "the state transfer script wsrep_sst_{method} failed on this node, which was the donor, with {code} ({reason})",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("WSREP: Failed to prepare for '{method}' SST. Unrecoverable")],
        cause: "the state transfer script wsrep_sst_{method} failed on this node before it could receive anything",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Failed to read uuid:seqno{}from joiner script")],
        cause: "the state transfer script failed on this node",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("eceiving IST failed, node restart required: {reason}")],
        cause: "the node could not take in what it missed: {reason}",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("equest preparation failed{}: {reason}")],
        cause: "the node could not prepare its request for a state transfer: {reason}",
        next: "sudo grep -rnE 'wsrep_(node|sst|provider)' /etc/mysql: the addresses and ports of this node, also in ist.recv_addr; ip -br address",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("while reading IST stream: {reason}")],
        cause: "the incremental state transfer to this node broke off: {reason}",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("while reading ist stream: {reason}")],
        cause: "the incremental state transfer to this node broke off: {reason}",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("IST didn't contain all write sets")],
        cause: "the donor ended the incremental state transfer to this node too early",
        next: DONOR,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("WSREP: SST failed: {reason}")],
        cause: "the state transfer broke off on this node: {reason}",
        next: HERE,
    },
    Cause {
        slug: "no-free-donor",
        told_by: &[own("Requesting state transfer failed: No donor candidates temporarily available")],
        cause: "the node waits for a donor: each other member is desynced or serves another joiner",
        next: "on the members: sudo mariadb -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"",
    },
    Cause {
        slug: "no-free-donor",
        told_by: &[own("Requesting state transfer failed: -11(Resource temporarily unavailable)")],
        cause: "the node waits for a donor: each other member is desynced or serves another joiner",
        next: "on the members: sudo mariadb -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"",
    },
    Cause {
        slug: "sst-interrupted",
        told_by: &[own("WSREP_SST: [ERROR] Error while getting data from donor node")],
        cause: "the connection to the donor broke during the state transfer: the donor's side ended",
        next: DONOR,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[anyones("WSREP_SST: [ERROR] {}rsync returned code {code}:")],
        cause: "rsync failed on the donor, with exit code {code}; its own lines before this one say why",
        next: "on the donor: sudo journalctl -u mariadb -o cat -n 200; on the joiner: df -h /var/lib/mysql",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[anyones("WSREP_SST: [ERROR] rsync {what} returned code {code}:")],
        cause: "rsync failed on the donor, with exit code {code} ({what}); its own lines before this one say why",
        next: "on the donor: sudo journalctl -u mariadb -o cat -n 200; on the joiner: df -h /var/lib/mysql",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("SST magic file '{file}' not found")],
        cause: "what the donor sent ended before its last file ({file}): the donor's log tells why",
        next: DONOR,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("SST script passed bogus GTID")],
        cause: "the state transfer script brought no position that the server understands",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Failed to JOIN the cluster after SST {reason}")],
        cause: "the node has received its data, and could not join the cluster: {reason}",
        next: "galactl status {inventory}; then start this node again",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Parent mysqld process (PID: {pid}) terminated unexpectedly")],
        cause: "the server ({pid}) ended while its state transfer script was running",
        next: HERE,
    },
    Cause {
        slug: "transfer-refused",
        told_by: &[own("State transfer request failed unrecoverably: {reason}. Most likely")],
        cause: "no member became the donor: {reason}",
        next: "galactl status {inventory}; sudo grep -rn wsrep_sst_donor /etc/mysql on this node",
    },
    Cause {
        slug: "cluster-not-reached",
        told_by: &[own("failed to reach primary view")],
        cause: REACH,
        next: REACH_NEXT,
    },
    Cause {
        slug: "cluster-not-reached",
        told_by: &[own("gcs connect failed: Connection timed out")],
        cause: REACH,
        next: REACH_NEXT,
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[own("Failed to establish connection: certificate verify failed: {reason}")],
        cause: "this node does not trust the certificate of a peer: {reason}",
        next: "openssl verify -CAfile CA CERTIFICATE, with this node's socket.ssl_ca and a peer's socket.ssl_cert",
    },
    Cause {
        slug: "tls-handshake",
        told_by: &[own("handshake with remote endpoint {}://{peer} failed: {reason}")],
        cause: "the TLS handshake with {peer} broke off: {reason}",
        next: "openssl verify -CAfile CA CERTIFICATE on both, with the one's socket.ssl_ca and the other's socket.ssl_cert; sudo grep -rn socket.ssl /etc/mysql on all nodes: all of them, or none",
    },
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

const DONOR: &str =
    "on the donor, which `Selected` names in this log: sudo journalctl -u mariadb -o cat -n 200";
const JOINER: &str = "on the joiner: sudo journalctl -u mariadb -o cat -n 200; df -h /var/lib/mysql";
const HERE: &str = "on this node: sudo journalctl -u mariadb -o cat -n 200, what WSREP_SST and rsync say; df -h /var/lib/mysql";
const INNODB: &str = "correct what that line names; sudo cp -a /var/lib/mysql /var/lib/mysql.damaged before anything is changed in it";
const REACH: &str = "the node could not reach the cluster: a port is closed, the cluster's name differs, or one side speaks TLS";
const REACH_NEXT: &str =
    "galactl check {inventory} tries the ports; compare wsrep_cluster_name and socket.ssl_* with a member's";
const CRASHED: &str = "the server crashed with signal {signal}";
const CRASH_NEXT: &str = "sudo journalctl -u mariadb -o cat -n 300: what stands before and after `got signal` names the function or the query; after an update, compare mariadbd --version on all nodes";
