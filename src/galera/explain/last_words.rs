//! What is said last. It tells that a join failed, and not why.

use super::cause::{Cause, anyones, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("backup-failed", "mariabackup failed on the donor"),
    ("transfer-failed", "the state transfer failed; the donor's log says why"),
    ("cluster-not-reached", "the node could not reach the cluster"),
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
        slug: "transfer-failed",
        told_by: &[own("Will never receive state. Need to abort")],
        cause: "the state transfer failed on the donor, whose log tells why",
        next: "galactl explain {inventory} NODE, which reads the donor's log, too",
    },
    Cause {
        slug: "transfer-failed",
        told_by: &[own("Application state transfer failed. This is unrecoverable")],
        cause: "the state transfer broke off on this node",
        next: "galactl explain {inventory} NODE, which reads the donor's log, too",
    },
    Cause {
        slug: "no-free-donor",
        told_by: &[own("Requesting state transfer failed: No donor candidates temporarily available")],
        cause: "the node waits for a donor: each other member is desynced or serves another joiner",
        next: "on the members: sudo mariadb -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"",
    },
    Cause {
        slug: "cluster-not-reached",
        told_by: &[own("failed to reach primary view")],
        cause: "the node could not reach the cluster: a port is closed, the cluster's name differs, or one side speaks TLS",
        next: "galactl check {inventory} tries the ports; compare wsrep_cluster_name and socket.ssl_* with a member's",
    },
];
