//! The server runs but does not find its cluster. The joiner's last line is the same in all of
//! these cases: "failed to reach primary view".

use crate::kernel::explain::{Cause, others, own};

const UNREACHED: &str = "failed to reach primary view";

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("other-cluster-name", "the node and its peers have different cluster names"),
    ("allowlist", "the cluster's allow list does not contain the node's address"),
    ("tls-against-plaintext", "the node and its peers do not both use TLS"),
    ("tls-certificate", "the node does not trust the certificate of its peers"),
    ("tls-handshake", "the handshake of TLS between the node and a peer broke off"),
    ("no-such-host", "a name in `wsrep_cluster_address` cannot be resolved"),
    ("older-provider", "the cluster speaks a newer protocol than this node"),
    ("same-uuid", "the node came back under an identity that the cluster still counts"),
    ("bad-gvwstate", "gvwstate.dat, which holds the last view, is damaged"),
    ("evicted", "the members have thrown the node out"),
    ("unstable-network", "messages between members are lost, so that they do not agree on a view"),
    ("not-primary", "a peer answers, but is not in a Primary component"),
    ("peer-refuses", "no member was found, and a connection to Galera's port was refused"),
    (
        "port-blocked",
        "a peer does not answer: a firewall drops the packets, the host is off, or the address is wrong",
    ),
    ("silent-peer", "a peer accepts the connection, but does not speak Galera as this node does"),
    ("no-route", "there is no network route to the addresses of the peers"),
    (
        "nothing-to-join",
        "the member that the node was to join is in no Primary component any more, or gives no answer",
    ),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "other-cluster-name",
        told_by: &[
            others("handshake failed, my group: '{group}', peer group: '{named}'"),
            own("gcomm: connecting to group '{named}'"),
        ],
        cause: "the node names another cluster than its peers: `{named}`, and they `{group}`",
        next: NAMES,
    },
    // For a log that does not hold the joiner's own start, such as another member's log on standard input.
    Cause {
        slug: "other-cluster-name",
        told_by: &[own("handshake failed, my group: '{group}', peer group: '{named}'")],
        cause: "the node names another cluster than its peers: one side `{named}`, the other `{group}`",
        next: NAMES,
    },
    Cause {
        slug: "allowlist",
        told_by: &[
            others("Connection not allowed, IP {address} not found in allowlist"),
            own("Found matching local endpoint for a connection, blacklisting address {}://{address}:"),
        ],
        cause: "the cluster's allow list does not hold this node's address {address}",
        next: ALLOW,
    },
    Cause {
        slug: "allowlist",
        told_by: &[own("Connection not allowed, IP {address} not found in allowlist")],
        cause: "the allow list does not hold the address {address}",
        next: ALLOW,
    },
    Cause {
        slug: "tls-against-plaintext",
        told_by: &[own("Failed to establish connection: wrong version number"), own(UNREACHED)],
        cause: "this node speaks TLS (socket.ssl_*), and its peers do not",
        next: TLS,
    },
    Cause {
        slug: "tls-against-plaintext",
        told_by: &[
            others("Failed to establish connection: unexpected eof while reading"),
            own("connection to peer 00000000-0000 with addr tcp://{peer} timed out"),
            own(UNREACHED),
        ],
        cause: "this node does not speak TLS (socket.ssl_*), and {peer} does",
        next: TLS,
    },
    // A node tries its own address, too: then both sides of one handshake are in its log.
    Cause {
        slug: "tls-certificate",
        told_by: &[
            own("Failed to establish connection: certificate verify failed: certificate has expired"),
            own("Failed to establish connection: {}alert certificate expired"),
            own(UNREACHED),
        ],
        cause: "this node's own certificate has expired",
        next: RENEW,
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[
            own("Failed to establish connection: certificate verify failed: certificate is not yet valid"),
            own("Failed to establish connection: {}alert bad certificate"),
            own(UNREACHED),
        ],
        cause: "this node's own certificate is not yet valid, by its own clock",
        next: CLOCKS,
    },
    // A node that runs, and has lost its connections.
    Cause {
        slug: "tls-certificate",
        told_by: &[own("read_handler(): {}alert certificate expired ("), own("Received NON-PRIMARY")],
        cause: "the other nodes do not let this one back in: its certificate has expired",
        next: RENEW,
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[
            own("read_handler(): {}alert bad certificate ("),
            own("Received NON-PRIMARY"),
            others("certificate verify failed: certificate {what}"),
        ],
        cause: "the other nodes do not let this one back in: its certificate {what}",
        next: CLOCKS,
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[own("read_handler(): {}alert {alert} ("), own("Received NON-PRIMARY")],
        cause: "the other nodes do not let this one back in: they do not accept its certificate ({alert})",
        next: "galactl tls {inventory} shows whose certificates the nodes have; openssl verify -CAfile CA CERTIFICATE, with a peer's socket.ssl_ca and this node's socket.ssl_cert",
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[
            own("Failed to establish connection: certificate verify failed: {reason}"),
            own(UNREACHED),
        ],
        cause: "this node does not trust the certificate of its peers: {reason}",
        next: "openssl verify -CAfile CA CERTIFICATE, with this node's socket.ssl_ca and a peer's socket.ssl_cert",
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[own("Failed to establish connection: {}alert {alert}"), own(UNREACHED)],
        cause: "a peer does not accept this node's certificate: {alert}",
        next: "openssl verify -CAfile CA CERTIFICATE, with a peer's socket.ssl_ca and this node's socket.ssl_cert",
    },
    Cause {
        slug: "no-such-host",
        told_by: &[own("Failed to resolve {}://{peer}"), own("No address to connect")],
        cause: "the name in wsrep_cluster_address cannot be resolved: {peer}",
        next: "getent hosts {peer}; put a line for it into /etc/hosts, or addresses into the inventory",
    },
    Cause {
        slug: "no-such-host",
        told_by: &[own("getaddrinfo failed with error '{reason}'{} for {peer}")],
        cause: "the name in wsrep_cluster_address cannot be resolved: {peer} ({reason})",
        next: "getent hosts {peer}; put a line for it into /etc/hosts, or addresses into the inventory",
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[own("handshake with remote endpoint {}://{peer} failed: {}certificate verify failed")],
        cause: "this node and {peer} do not trust each other's certificates",
        next: "openssl verify -CAfile CA CERTIFICATE, with this node's socket.ssl_ca and a peer's socket.ssl_cert",
    },
    Cause {
        slug: "tls-certificate",
        told_by: &[own("handshake with remote endpoint {}://{peer} failed: {}certificate {reason}'")],
        cause: "the TLS connection to {peer} fails: certificate {reason}",
        next: "openssl x509 -noout -dates -subject -in CERTIFICATE, with each node's socket.ssl_cert",
    },
    Cause {
        slug: "tls-against-plaintext",
        told_by: &[own("handshake with remote endpoint {}://{peer} failed: {}wrong version number")],
        cause: "one of this node and {peer} speaks TLS (socket.ssl_*), and the other does not",
        next: TLS,
    },
    Cause {
        slug: "older-provider",
        told_by: &[own("max supported by this node: {most}. Upgrade the node before joining this group")],
        cause: "the cluster speaks a newer protocol than this node, whose provider knows {most} at most",
        next: "dpkg -l galera-4 mariadb-server on all nodes; upgrade this node to the release of the others",
    },
    Cause {
        slug: "older-provider",
        told_by: &[own("resulted in an unsupported protocol version: {version}")],
        cause: "the cluster speaks a newer protocol ({version}) than this node",
        next: "dpkg -l galera-4 mariadb-server on all nodes; upgrade this node to the release of the others",
    },
    Cause {
        slug: "same-uuid",
        told_by: &[own("A node with the same UUID already exists in the cluster")],
        cause: "the cluster still counts a node of this one's identity, which is of gvwstate.dat: the file was copied from another node, or the node came back before it was given up",
        next: "start the node again: it takes a new identity, and gvwstate.dat is already removed",
    },
    Cause {
        slug: "same-uuid",
        told_by: &[own("unexpected node identity change")],
        cause: "a node came back under an identity that the members know as another one",
        next: "start the node again: it takes a new identity",
    },
    Cause {
        slug: "peer-refuses",
        told_by: &[own("garb{}: Ncat: Connection refused")],
        cause: "no member answers the arbitrator: the connection to Galera's port was refused",
        next: "galactl status {inventory}; galactl check {inventory}",
    },
    Cause {
        slug: "peer-refuses",
        told_by: &[own("None of the nodes in {nodes} is accessible")],
        cause: "no member answers the arbitrator: none of {nodes} is accessible",
        next: "galactl status {inventory}; galactl check {inventory}",
    },
    Cause {
        slug: "older-provider",
        told_by: &[own("Can't find suitable STR protocol version based on")],
        cause: "the cluster speaks another protocol than this node",
        next: "dpkg -l galera-4 mariadb-server on all nodes; upgrade this node to the release of the others",
    },
    Cause {
        slug: "bad-gvwstate",
        told_by: &[own("failed to open gcomm backend connection: {}: invalid UUID: {}")],
        cause: "gvwstate.dat, which holds the last view, is damaged",
        next: "sudo mv /var/lib/mysql/gvwstate.dat /var/lib/mysql/gvwstate.dat.damaged; then start the node again",
    },
    Cause {
        slug: "unstable-network",
        told_by: &[own("after exceeding max_install_timeouts")],
        cause: "the members do not agree on a common view: messages between some of them are lost",
        next: "galactl check {inventory}, which tries every pair of nodes",
    },
    Cause {
        slug: "evicted",
        told_by: &[own("this node has been evicted out of ")],
        cause: "the members have thrown this node out, because its connections were too slow (evs.auto_evict)",
        next: "galactl check {inventory}; then start this node again",
    },
    Cause {
        slug: "unstable-network",
        told_by: &[own("max install timeouts reached, will isolate node")],
        cause: "the members do not agree on a common view: messages between some of them are lost",
        next: "galactl check {inventory}, which tries every pair of nodes",
    },
    Cause {
        slug: "not-primary",
        told_by: &[own(UNREACHED), own("connection established to {} {}://{peer}")],
        cause: "{peer} answers, and is in no Primary component: nobody bootstrapped the cluster, or it lost its majority",
        next: "galactl recover {inventory}",
    },
    Cause {
        slug: "peer-refuses",
        told_by: &[own("Failed to establish connection: Connection refused"), own(UNREACHED)],
        cause: "no member was found, and a connection to Galera's port was refused: no member runs there, or a firewall rejects it",
        next: "galactl check {inventory}",
    },
    // No round-trip time was ever measured, so no packet came back.
    Cause {
        slug: "port-blocked",
        told_by: &[
            own("with addr {}://{peer} timed out, no messages seen in {}: rtt: 0 rttvar"),
            own(UNREACHED),
        ],
        cause: "no answer from {peer}: a firewall drops what is sent there, the host is off, or the address is wrong",
        next: "galactl check {inventory}",
    },
    Cause {
        slug: "silent-peer",
        told_by: &[own("connection to peer 00000000-0000 with addr {}://{peer} timed out"), own(UNREACHED)],
        cause: "{peer} takes the connection and says nothing that this node understands: one of the two speaks TLS (socket.ssl_*), or it is no Galera",
        next: TLS,
    },
    Cause {
        slug: "port-blocked",
        told_by: &[own("Failed to establish connection: No route to host"), own(UNREACHED)],
        cause: "no member was found, and a host of wsrep_cluster_address cannot be reached: it is off, or a firewall rejects the packets",
        next: "galactl check {inventory}",
    },
    Cause {
        slug: "port-blocked",
        told_by: &[own("Failed to establish connection: Connection timed out"), own(UNREACHED)],
        cause: "no member was found, and a host of wsrep_cluster_address gives no answer: it is off, or a firewall drops the packets",
        next: "galactl check {inventory}",
    },
    Cause {
        slug: "no-route",
        told_by: &[own("Failed to establish connection: Network is unreachable"), own(UNREACHED)],
        cause: "no way leads to the addresses in wsrep_cluster_address",
        next: "compare nodes[].address in the inventory with `ip route` on this node",
    },
];

const NAMES: &str = "sudo grep -rn wsrep_cluster_name /etc/mysql on all nodes, and make them one";
const ALLOW: &str = "on a member: sudo mariadb -e \"INSERT INTO mysql.wsrep_allowlist VALUES ('{address}')\"";
const RENEW: &str = "galactl tls {inventory} shows until when certificates are valid; galactl apply-config {inventory} renews those that it issues, or put a new file there and start the node again";
const CLOCKS: &str = "timedatectl on all nodes; galactl tls {inventory} shows the dates of the certificates";
const TLS: &str = "sudo grep -rn socket.ssl /etc/mysql on all nodes: all of them, or none";
