//! The last lines of a failed start or join. They say that it failed, but not why.

use crate::kernel::explain::{Cause, anyones, others, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("backup-failed", "mariabackup failed on the donor"),
    ("sst-interrupted", "the connection between donor and joiner broke during the state transfer"),
    ("transfer-failed", "the state transfer failed; the donor's log says why"),
    ("transfer-refused", "no member became the donor"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "backup-failed",
        told_by: &[anyones("mariabackup: Error: {what}"), anyones("finished with error")],
        cause: "mariabackup failed on the donor: {what}",
        next: DONOR,
    },
    Cause {
        slug: "backup-failed",
        told_by: &[anyones("FATAL ERROR: {what}"), anyones("finished with error")],
        cause: "mariabackup failed on the donor: {what}",
        next: DONOR,
    },
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
        slug: "transfer-failed",
        told_by: &[own("Failed to read 'ready <addr>' from: wsrep_sst_{method} --role 'joiner'")],
        cause: "the state transfer script wsrep_sst_{method} failed on this node before it could receive anything",
        next: HERE,
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("[WSREP-SST] FATAL: {what}")],
        cause: "the state transfer script failed on this node: {what}",
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
];

const DONOR: &str =
    "on the donor, which `Selected` names in this log: sudo journalctl -u mariadb -o cat -n 200";
const JOINER: &str = "on the joiner: sudo journalctl -u mariadb -o cat -n 200; df -h /var/lib/mysql";
const HERE: &str = "on this node: sudo journalctl -u mariadb -o cat -n 200, what WSREP_SST and rsync say; df -h /var/lib/mysql";
