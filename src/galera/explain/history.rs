//! The node's data is not a part of the cluster's history. Such a node must not simply be started.

use super::cause::{Cause, own};

const RECOVER: &str = "galactl recover {inventory}";

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    (
        "reversed-history",
        "the node has a higher seqno than the cluster: the cluster was bootstrapped from a node that was behind",
    ),
    ("inconsistent", "the node's data differs from the cluster's data, and the node has left the cluster"),
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
        slug: "not-safe-to-bootstrap",
        told_by: &[own("It may not be safe to bootstrap")],
        cause: "Galera itself refuses to found a cluster on this node: grastate.dat says safe_to_bootstrap: 0, because another node stopped later",
        next: RECOVER,
    },
];
