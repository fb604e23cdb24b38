//! What PostgreSQL, Patroni and etcd log of causes that are known. The specific ones stand first: the last words of a
//! server that does not start are the same whatever went wrong.

use crate::kernel::explain::{Cause, own_begins};

/// A cause, and the messages after which it is over, by how they begin.
pub struct Known {
    pub cause: Cause,
    pub over: &'static [&'static str],
}

const STREAMS: &[&str] =
    &["LOG:  started streaming WAL from primary", "INFO: no action. I am ({}), the leader with the lock"];
const SERVES: &[&str] = &["LOG:  database system is ready to accept"];
const VOTES: &[&str] = &["{member} elected leader ", "ready to serve client requests"];

pub const CAUSES: &[Known] = &[
    Known {
        cause: Cause {
            slug: "other-system",
            told_by: &[own_begins(
                "CRITICAL: system ID mismatch, node {node} belongs to a different cluster: {named} != {own}",
            )],
            cause: "the data directory of {node} is of system {own}, and etcd names system {named} as the cluster. Patroni \
                    leaves such data alone and ends, and systemd starts it again and again",
            next: "find out whose data it is: galactl status {inventory}; if nobody needs it, move the data directory of \
                   {node} away, then galactl bootstrap {inventory} copies the primary's",
        },
        over: SERVES,
    },
    Known {
        cause: Cause {
            slug: "file-unreadable",
            told_by: &[own_begins(
                "PermissionError: [Errno 13] Permission denied: '/etc/patroni/config.yml'",
            )],
            cause: "Patroni runs as postgres, and may not read /etc/patroni/config.yml. It ends before it has looked at anything",
            next: "on that host: sudo chown root:postgres /etc/patroni/config.yml && sudo chmod 640 /etc/patroni/config.yml && \
                   sudo systemctl restart patroni",
        },
        over: SERVES,
    },
    Known {
        cause: Cause {
            slug: "replication-password",
            told_by: &[own_begins(
                "FATAL:  could not connect to the primary server: {}password authentication failed for user \"{user}\"",
            )],
            cause: "the primary does not take the password that this node's Patroni has for {user}. The node gets no changes, \
                    though Patroni says that it runs",
            next: "put the password of {user} into /etc/patroni/config.yml that the primary's file has, then on that host: sudo \
                   systemctl reload patroni; galactl status {inventory} tells whether the node follows then",
        },
        over: STREAMS,
    },
    Known {
        cause: Cause {
            slug: "rewound",
            told_by: &[
                own_begins(
                    "INFO:  stderr=pg_rewind: servers diverged at WAL location {at} on timeline {timeline}",
                ),
                own_begins("INFO: running pg_rewind from {primary}"),
            ],
            cause: "this node had another history than the primary from {at} on timeline {timeline} on, and Patroni has rewound \
                    it. What only this node had from there is gone from its data directory",
            next: "galactl status {inventory} tells whether it follows now; if commits are missed, they are in a backup, or in the \
                   WAL of this node's archive; the next time, galactl recover {inventory} compares before anything is started",
        },
        over: &[],
    },
    Known {
        cause: Cause {
            slug: "forked",
            told_by: &[own_begins(
                "LOG:  new timeline {new} forked off current database system timeline {old} before current recovery point {at}",
            )],
            cause: "this node has WAL up to {at} on timeline {old}, and the primary has left that timeline for {new} before. It \
                    waits for ever, and what only it has is not in the cluster",
            next: "on that host: sudo systemctl stop patroni; then galactl recover {inventory} tells how much it has of its own",
        },
        over: STREAMS,
    },
    Known {
        cause: Cause {
            slug: "server-port",
            told_by: &[
                own_begins("LOG:  could not bind IPv4 address \"{address}\": Address already in use"),
                own_begins("HINT:  Is another postmaster already running on port {port}?"),
            ],
            cause: "another program listens at port {port}, so that PostgreSQL cannot listen at {address} and does not start",
            next: "on that host: sudo ss -ltnp 'sport = :{port}'; stop that program, and Patroni starts the server by itself",
        },
        over: SERVES,
    },
    Known {
        cause: Cause {
            slug: "missing-library",
            told_by: &[own_begins("FATAL:  could not access file \"{file}\": No such file or directory")],
            cause: "PostgreSQL is to load the library {file}, which is not installed on this host. It does not start without it",
            next: "install the package with it on every node, or take it out of `shared_preload_libraries` in {inventory}",
        },
        over: SERVES,
    },
    Known {
        cause: Cause {
            slug: "etcd-member",
            told_by: &[own_begins("cannot process message to mismatch member")],
            cause: "this member of etcd has started without its data, under another number than the one that the others know. \
                    They do not talk to it, and it waits",
            next: "on that host: sudo systemctl stop etcd; then galactl doctor {inventory} says how it comes back",
        },
        over: VOTES,
    },
    Known {
        cause: Cause {
            slug: "etcd-lost",
            told_by: &[own_begins("INFO: demoting self because DCS is not accessible and I was a leader")],
            cause: "etcd gave this primary no answer for so long that another node could have taken over, so Patroni has made it \
                    read-only. It leads again once etcd has its quorum",
            next: "galactl doctor {inventory} says which members of etcd are missing; on each of their hosts: sudo systemctl start etcd",
        },
        over: STREAMS,
    },
    Known {
        cause: Cause {
            slug: "etcd-no-quorum",
            told_by: &[own_begins("{member} is starting a new election at term {}")],
            cause: "this member of etcd asks the others for their votes again and again: most of them do not answer. Without them \
                    etcd takes no writes, and no PostgreSQL may be the primary",
            next: "galactl doctor {inventory} says which members are missing; on each of their hosts: sudo systemctl start etcd",
        },
        over: VOTES,
    },
];

/// Every cause as the reference says it: its group, its name, and what happened.
pub const DOCUMENTED: &[(&str, &str, &str)] = &[
    ("data directory", "other-system", "the data is of another cluster than etcd names"),
    ("data directory", "forked", "the node has WAL that the primary's history does not have"),
    ("data directory", "rewound", "the node had another history, and Patroni has rewound it"),
    ("Patroni", "file-unreadable", "Patroni may not read its file"),
    ("Patroni", "etcd-lost", "etcd gave no answer, and Patroni has made its primary read-only"),
    ("PostgreSQL", "replication-password", "the primary does not take the node's password"),
    ("PostgreSQL", "server-port", "another program listens at the server's port"),
    ("PostgreSQL", "missing-library", "a library that is to be loaded is not installed"),
    ("etcd", "etcd-member", "a member has lost its data, and the others do not know it"),
    ("etcd", "etcd-no-quorum", "most members of etcd do not answer"),
];
