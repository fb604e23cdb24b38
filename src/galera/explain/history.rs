//! The node's data is not part of the cluster's history. Such a node must not simply be started again.

use crate::kernel::explain::{Cause, own};

const RECOVER: &str = "galactl recover {inventory}";

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    (
        "reversed-history",
        "the node has a higher seqno than the cluster: the cluster was bootstrapped from a node that was behind",
    ),
    ("inconsistent", "the node's data differs from the cluster's data, and the node has left the cluster"),
    (
        "two-primaries",
        "the node met two Primary components at once: the cluster was bootstrapped twice, or split and made Primary on both sides",
    ),
    ("conflicting-histories", "nodes with data of different clusters want to form one cluster"),
    (
        "stale-gcache",
        "the node's own write-set cache (galera.cache) is damaged, or does not fit the cluster any more",
    ),
    (
        "not-safe-to-bootstrap",
        "Galera refuses to bootstrap from this node, because another node stopped later",
    ),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "reversed-history",
        told_by: &[own("Reversing history: {at} -> {group}, this member has applied {more} more events")],
        cause: "this node is ahead of the cluster: it holds {more} more events ({at}, the cluster {group}), so the cluster was bootstrapped on a node that knew less",
        next: "sudo systemctl stop mariadb here, before the cluster gets past {at} and overwrites them; then galactl recover {inventory}",
    },
    Cause {
        slug: "reversed-history",
        told_by: &[own("Local state seqno ({at}) is greater than group seqno ({group}): states diverged")],
        cause: "this node is ahead of the cluster: it is at {at}, the cluster at {group}, so the cluster was bootstrapped on a node that knew less",
        next: "do not remove grastate.dat, as the server proposes: this node's events would be lost; galactl recover {inventory}",
    },
    // A full disk makes a node fail where all others succeed. Its data was right until then.
    Cause {
        slug: "disk-full",
        told_by: &[
            own(INCONSISTENT),
            own("Could not execute {} event on table {table}; {}is full, Error_code: 1114"),
        ],
        cause: "this node's disk is full: it could not write {table} as the others did, and has left the cluster",
        next: FULL,
    },
    Cause {
        slug: "disk-full",
        told_by: &[
            own(INCONSISTENT),
            own("Could not execute {} event on table {table}; {}No space left on device"),
        ],
        cause: "this node's disk is full: it could not write {table} as the others did, and has left the cluster",
        next: FULL,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[
            own("Inconsistency detected: "),
            own("Could not execute {} event on table {table}; {reason}, Error_code: "),
        ],
        cause: "this node's data differs from the cluster's, which it has left: {table}, {reason}",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[own("Inconsistency detected: {how}")],
        cause: "this node's data differs from the cluster's, which it has left: {how}",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[own("is inconsistent with group. Leaving cluster")],
        cause: "this node's data differs from the cluster's, which it has left",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[
            own("onsistency compromi{}, aborting"),
            own("Could not execute {} event on table {table}; {reason}, Error_code: "),
        ],
        cause: "this node's data differs from the cluster's, which it has left: {table}, {reason}",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[own("onsistency compromi{}, aborting")],
        cause: "this node's data differs from the cluster's, which it has left",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[own("Sanity check failed: my state UUID {}is different from group state UUID")],
        cause: "this node's data is of another history than the cluster's",
        next: RECOVER,
    },
    Cause { slug: "two-primaries", told_by: &[own("last prims not consistent")], cause: TWO, next: TWO_NEXT },
    Cause {
        slug: "inconsistent",
        told_by: &[
            own("eceiving IST failed, node restart required: "),
            own("Could not execute {} event on table {table}; {reason}, Error_code: "),
        ],
        cause: "this node's data differs from the cluster's: what it missed cannot be applied ({table}, {reason})",
        next: RECOVER,
    },
    Cause {
        slug: "inconsistent",
        told_by: &[own("eceiving IST failed, node restart required: Failed to apply trx")],
        cause: "this node's data differs from the cluster's: what it missed cannot be applied",
        next: RECOVER,
    },
    Cause {
        slug: "two-primaries",
        told_by: &[own(" conflicting prims: my prim: ")],
        cause: TWO,
        next: TWO_NEXT,
    },
    Cause {
        slug: "two-primaries",
        told_by: &[own("aborting due to conflicting prims")],
        cause: TWO,
        next: TWO_NEXT,
    },
    Cause {
        slug: "two-primaries",
        told_by: &[own("Found more than one {} primary component candidate")],
        cause: TWO,
        next: TWO_NEXT,
    },
    Cause {
        slug: "conflicting-histories",
        told_by: &[own("Quorum impossible: conflicting group UUIDs")],
        cause: "nodes whose data is of different clusters want to form one, and Galera cannot tell which data counts",
        next: TWO_NEXT,
    },
    Cause {
        slug: "stale-gcache",
        told_by: &[own("Unsupported CC action version")],
        cause: "the node's own write-set cache (galera.cache) holds what this cluster does not know any more",
        next: CACHE,
    },
    Cause {
        slug: "stale-gcache",
        told_by: &[own("Corrupt buffer header")],
        cause: "the node's own write-set cache (galera.cache) is damaged",
        next: CACHE,
    },
    // The start script of a container image, which checks this before the server does.
    Cause {
        slug: "not-safe-to-bootstrap",
        told_by: &[own("It is not safe to bootstrap")],
        cause: "the script that starts the server refuses to found a cluster on this node: grastate.dat says safe_to_bootstrap: 0, because another node stopped later",
        next: RECOVER,
    },
    Cause {
        slug: "not-safe-to-bootstrap",
        told_by: &[own("It may not be safe to bootstrap")],
        cause: "Galera itself refuses to found a cluster on this node: grastate.dat says safe_to_bootstrap: 0, because another node stopped later",
        next: RECOVER,
    },
];

const INCONSISTENT: &str = "Inconsistency detected: ";
const FULL: &str = "df -h /var/lib/mysql; make room, then sudo systemctl restart mariadb on this node: it takes a full copy from a member, and loses nothing";
const TWO: &str = "this node met two Primary components, whose data may differ: the cluster was bootstrapped twice, or both halves of a split were made Primary";
const TWO_NEXT: &str = "galactl recover {inventory}, which shows what each node holds; write to none of them until one side is chosen";
const CACHE: &str = "sudo mv /var/lib/mysql/galera.cache /var/lib/mysql/galera.cache.old; then start the node again: it takes a full copy";
