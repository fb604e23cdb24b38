//! The node's log says that it did not reach the cluster, but not why. Once the node is up, the same lines are about
//! others who tried to connect.

use crate::kernel::explain::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[("cluster-not-reached", "the node could not reach the cluster")];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "sst-running",
        told_by: &[own("previous SST is not completed, waiting for it to exit")],
        cause: "an earlier state transfer script still runs on this node, and the new one waits for its end",
        next: "pgrep -af wsrep_sst_; when there is none: galactl add-node {inventory} NODE clears what it left",
    },
    Cause {
        slug: "not-primary",
        told_by: &[own("Failed to establish quorum")],
        cause: "the members reach each other, and form no Primary component: none of them knows the last state for certain",
        next: "galactl recover {inventory}",
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
];

const REACH: &str = "the node could not reach the cluster: a port is closed, the cluster's name differs, or one side speaks TLS";
const REACH_NEXT: &str =
    "galactl check {inventory} tries the ports; compare wsrep_cluster_name and socket.ssl_* with a member's";
