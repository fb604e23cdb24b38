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
    ("crashed", "the server crashed"),
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
        slug: "provider-failed",
        told_by: &[own("[ERROR] WSREP: Failed to create a new provider '{file}' with options")],
        cause: "the wsrep provider did not start; the line before says why",
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
        slug: "crashed",
        told_by: &[own("[ERROR] {} got signal {signal} ;")],
        cause: "the server crashed with signal {signal}",
        next: "sudo journalctl -u mariadb -o cat -n 300: what stands before and after `got signal` names the function or the query; after an update, compare mariadbd --version on all nodes",
    },
    Cause {
        slug: "start-limit",
        told_by: &[own("Start request repeated too quickly")],
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
