//! The state transfer fails. The reason is mostly in the donor's log.

use crate::kernel::explain::{Cause, anyones, others, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("sst-login", "the donor could not log in with the SST account"),
    ("sst-grant", "the SST account lacks a privilege"),
    ("missing-program", "a program that the state transfer runs is missing, on the joiner or on the donor"),
    ("missing-stunnel", "rsync SST with server TLS needs stunnel, which is not installed"),
    ("sst-port-blocked", "the donor cannot connect to the port at which the joiner receives the data"),
    ("sst-versions", "donor and joiner have versions that cannot transfer data to each other"),
    (
        "sst-tls",
        "one side of the state transfer speaks TLS and the other does not, or does not trust the certificate",
    ),
    ("no-free-donor", "no donor was free in time: each other member is desynced or serves another joiner"),
    (
        "donor-lacks-a-view",
        "the donor was itself receiving its data when this node came, and cannot send what happened meanwhile",
    ),
    ("sst-timeout", "the donor sent nothing within `sst-initial-timeout`"),
    ("ist-damaged", "what the node missed came damaged from its donor"),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "sst-login",
        told_by: &[anyones("Failed to connect to {}server: Access denied for user '{user}'@'{host}'")],
        cause: "the donor could not log in with the SST account '{user}'@'{host}': there is none, or its password is not that of wsrep_sst_auth",
        next: "on the donor: sudo mariadb -e \"SHOW GRANTS FOR '{user}'@'{host}'\"; then ALTER USER it to the password of wsrep_sst_auth",
    },
    Cause {
        slug: "sst-grant",
        told_by: &[
            anyones("Error: missing required privilege {privilege} on {level}"),
            anyones("Connecting to {}server host: {host}, user: {user}, password"),
        ],
        cause: "the SST account {user} lacks a privilege: {privilege} on {level}",
        next: GRANT,
    },
    Cause {
        slug: "sst-grant",
        told_by: &[
            anyones("Access denied; you need (at least one of) the {privilege} privilege(s)"),
            anyones("Connecting to {}server host: {host}, user: {user}, password"),
        ],
        cause: "the SST account {user} lacks a privilege: {privilege}",
        next: GRANT,
    },
    Cause {
        slug: "sst-grant",
        told_by: &[anyones("Error: missing required privilege {privilege} on {level}")],
        cause: "the SST account lacks a privilege: {privilege} on {level}",
        next: GRANT_UNNAMED,
    },
    Cause {
        slug: "sst-grant",
        told_by: &[anyones("Access denied; you need (at least one of) the {privilege} privilege(s)")],
        cause: "the SST account lacks a privilege: {privilege}",
        next: GRANT_UNNAMED,
    },
    Cause {
        slug: "disk-full",
        told_by: &[others("[receiver] write failed on \"{file}\"{}: No space left on device")],
        cause: "the joiner's disk is full: {file} cannot be written",
        next: "df -h /var/lib/mysql on the joiner; make room, then run again what failed, or: galactl start {inventory}",
    },
    Cause {
        slug: "disk-full",
        told_by: &[others("No space left on device"), others("mariadb-backup finished with error")],
        cause: "the donor's disk is full",
        next: "on the donor: df -h /tmp /var/lib/mysql",
    },
    Cause {
        slug: "missing-program",
        told_by: &[own("WSREP_SST: [ERROR] '{program}' not found in path")],
        cause: "a program that the state transfer runs is missing on this node: {program}",
        next: "sudo apt-get install {program}",
    },
    Cause {
        slug: "missing-program",
        told_by: &[own("WSREP_SST: [ERROR] {program} binary not found in path")],
        cause: "a program that the state transfer runs is missing on this node: {program}",
        next: "sudo apt-get install {program}",
    },
    Cause {
        slug: "missing-program",
        told_by: &[others("WSREP_SST: [ERROR] '{program}' not found in path")],
        cause: "a program that the state transfer runs is missing on the donor: {program}",
        next: "on the donor: sudo apt-get install {program}",
    },
    Cause {
        slug: "missing-program",
        told_by: &[others("WSREP_SST: [ERROR] {program} binary not found in path")],
        cause: "a program that the state transfer runs is missing on the donor: {program}",
        next: "on the donor: sudo apt-get install {program}",
    },
    Cause {
        slug: "missing-stunnel",
        told_by: &[anyones("ssl-mode is set to '{mode}', but the 'stunnel' binary was not found")],
        cause: "rsync SST with server TLS (ssl-mode {mode}) needs stunnel, which is not installed",
        next: "sudo apt-get install stunnel4 on every node, or set sst.options.ssl-mode: DISABLED",
    },
    Cause {
        slug: "sst-port-blocked",
        told_by: &[anyones("socat[{}] E connect({}, AF={} {address}, {}): {how}")],
        cause: "the donor cannot connect to {address}, where the joiner receives the state: {how}",
        next: PORTS,
    },
    Cause {
        slug: "sst-port-blocked",
        told_by: &[anyones("rsync: {} failed to connect to {} ({address}): {how} (")],
        cause: "the donor cannot connect to {address}, port 4444, where the joiner receives the state: {how}",
        next: PORTS,
    },
    Cause {
        slug: "sst-port-blocked",
        told_by: &[anyones("rsync: failed to connect to {} ({address}): {how} (")],
        cause: "the donor cannot connect to {address}, port 4444, where the joiner receives the state: {how}",
        next: PORTS,
    },
    // socat 1.8 names the address once more, after it has tried all that the name has.
    Cause {
        slug: "sst-port-blocked",
        told_by: &[
            anyones("socat[{}] E {}:{address}: {how}"),
            anyones("socat[{}] W connect({}, AF={} {address}, {}): {how}"),
        ],
        cause: "the donor cannot connect to {address}, where the joiner receives the state: {how}",
        next: PORTS,
    },
    // MariaDB 11 gave the file another name.
    Cause {
        slug: "sst-port-blocked",
        told_by: &[anyones("IST sender, failed to connect '{address}': {how}")],
        cause: "the donor cannot connect to {address}, where the joiner receives what it missed: {how}",
        next: PORTS,
    },
    // The donor's own state transfer held a later view already, so its write-set cache does not (docs/decisions,
    // serial-joins).
    Cause {
        slug: "donor-lacks-a-view",
        told_by: &[own("IST didn't contain all write sets, expected last: {wanted} last received: {got}'")],
        cause: "the donor sent write-sets up to {got}, and this node needs {wanted}: the donor was itself receiving its data when this node came",
        next: "start this node again, now that all members are Synced: galactl recover {inventory}; let one node join after the other",
    },
    Cause {
        slug: "sst-versions",
        told_by: &[
            own("receiving process ended without creating magic file ({}/xtrabackup_galera_info)"),
            own("/mariadb_backup_galera_info"),
        ],
        cause: "the donor runs a newer MariaDB than this node, whose mariabackup cannot receive its state",
        next: VERSIONS,
    },
    Cause {
        slug: "sst-versions",
        told_by: &[anyones("protocol version mismatch -- is your shell clean?")],
        cause: "the versions of rsync on donor and joiner do not understand each other",
        next: "rsync --version on all nodes; install one version everywhere",
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("socat[{}] E SSL_{}(): {how}")],
        cause: "one side of the state transfer speaks TLS, and the other does not, or trusts another authority: {how}",
        next: "sudo grep -rnE 'encrypt|tkey|tcert|tca|ssl.mode' /etc/mysql on all nodes, and make the [sst] sections one",
    },
    Cause {
        slug: "sst-tls",
        told_by: &[anyones("LOG3[{}]: SSL_{what}: {how}")],
        cause: "stunnel on one side of the state transfer does not accept the other (SSL_{what}): {how}",
        next: "sudo grep -rnE 'encrypt|tkey|tcert|tca|ssl.mode' /etc/mysql on all nodes, and make the [sst] sections one",
    },
    Cause {
        slug: "no-free-donor",
        told_by: &[
            own("Possible timeout in receiving first data from donor"),
            own("No donor candidates temporarily available"),
        ],
        cause: "no donor was free in the time of sst-initial-timeout: each other member is desynced or serves another joiner",
        next: DONORS,
    },
    Cause {
        slug: "sst-timeout",
        told_by: &[own("Possible timeout in receiving first data from donor")],
        cause: "the donor sent nothing in the time of sst-initial-timeout",
        next: PORTS,
    },
    Cause {
        slug: "no-free-donor",
        told_by: &[
            own("Possible timeout in receving first data from donor"),
            own("No donor candidates temporarily available"),
        ],
        cause: "no donor was free in the time of sst-initial-timeout: each other member is desynced or serves another joiner",
        next: DONORS,
    },
    Cause {
        slug: "sst-timeout",
        told_by: &[own("Possible timeout in receving first data from donor")],
        cause: "the donor sent nothing in the time of sst-initial-timeout",
        next: PORTS,
    },
    Cause {
        slug: "ist-damaged",
        told_by: &[own("Writeset checksum failed")],
        cause: "what this node missed came damaged from its donor (incremental state transfer)",
        next: IST,
    },
    Cause {
        slug: "ist-damaged",
        told_by: &[own("RecordSet checksum does not match")],
        cause: "what this node missed came damaged from its donor (incremental state transfer)",
        next: IST,
    },
    Cause {
        slug: "ist-damaged",
        told_by: &[own("Corrupted IST message header")],
        cause: "what this node missed came damaged from its donor (incremental state transfer)",
        next: IST,
    },
    Cause {
        slug: "ist-damaged",
        told_by: &[own("CC action checksum mismatch")],
        cause: "what this node missed came damaged from its donor (incremental state transfer)",
        next: IST,
    },
];

const IST: &str = "start this node again; when it fails again: galactl add-node {inventory} NODE --discard, which takes a full copy; the donor, which `Selected` names in this log, has a damaged galera.cache, or its network alters packets";
const DONORS: &str = "on the members: sudo mariadb -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"; start this node again when one is Synced";
const VERSIONS: &str =
    "mariadbd --version on all nodes; install one version everywhere, upgrading the node that lags behind";
const PORTS: &str = "galactl check {inventory} tries every port in both directions";
const GRANT: &str = "on a member: sudo mariadb -e \"GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO '{user}'@'{host}'\"";
const GRANT_UNNAMED: &str =
    "on a member: GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* to the account of wsrep_sst_auth";
