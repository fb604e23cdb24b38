//! Log lines of a joiner and its donor → the cause in a sentence, and the next command.

use serde::{Deserialize, Serialize};

/// Why a node did not join, as far as its and the donor's logs tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub cause: String,
    pub next: String,
}

/// All of `needles` stand in one line of the logs. The first cause that fits wins, so the more
/// telling ones come first: a joiner's last words are the same whatever went wrong.
struct Cause {
    needles: &'static [&'static str],
    cause: &'static str,
    next: &'static str,
}

const CAUSES: &[Cause] = &[
    Cause {
        needles: &["Failed to connect to", "Access denied for user"],
        cause: "the donor could not log in with the SST account: its password or privileges are not what the configuration says",
        next: "compare `sst.user` and `sst.password` with the account on the donor: SHOW GRANTS FOR that user@localhost",
    },
    Cause {
        needles: &["Error: missing required privilege"],
        cause: "the SST account lacks a privilege",
        next: "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* to the SST account",
    },
    Cause {
        needles: &["Access denied; you need"],
        cause: "the SST account lacks a privilege",
        next: "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* to the SST account",
    },
    Cause {
        needles: &["handshake failed", "peer group"],
        cause: "the node names another cluster than the ones it talks to",
        next: "compare wsrep_cluster_name on all nodes",
    },
    Cause {
        needles: &["No space left on device"],
        cause: "the disk is full",
        next: "make room under the data directory, then run the same command again",
    },
    Cause {
        needles: &["InnoDB", "failed with error 28"],
        cause: "the disk is full",
        next: "make room under the data directory, then run the same command again",
    },
    Cause {
        needles: &["exceeds available storage space"],
        cause: "the disk has no room for the write-set cache",
        next: "make room under the data directory, or set a smaller `gcache.size` in provider_options",
    },
    Cause {
        needles: &["wsrep_load(): dlopen()"],
        cause: "the wsrep provider library cannot be loaded",
        next: "sudo apt-get install galera-4, or set `host.provider`",
    },
    Cause {
        needles: &["[ERROR]", "unknown variable"],
        cause: "the server does not know an option of its configuration",
        next: "remove the option named above from the inventory",
    },
    Cause {
        needles: &["[ERROR]", "unknown option"],
        cause: "the server does not know an option of its configuration",
        next: "remove the option named above from the inventory",
    },
    Cause {
        needles: &["WSREP", "Failed to create a new provider"],
        cause: "the wsrep provider does not accept its options",
        next: "correct `provider_options` in the inventory: the line before names the value",
    },
    Cause {
        needles: &["Please install stunnel"],
        cause: "rsync SST with server TLS needs stunnel",
        next: "sudo apt-get install stunnel4 on every node, or set sst.options.ssl-mode: DISABLED",
    },
    Cause {
        needles: &["mariadb-backup", "not found in path"],
        cause: "mariabackup is not installed, on the joiner or on its donor",
        next: "sudo apt-get install mariadb-backup on every node",
    },
    Cause {
        needles: &["WSREP_SST", "not found in path"],
        cause: "a program that the state transfer runs is missing",
        next: "install the program named above",
    },
    Cause {
        needles: &["not found in allowlist"],
        cause: "the cluster's allow list does not hold this node's address",
        next: "INSERT its address into mysql.wsrep_allowlist on a member",
    },
    Cause {
        needles: &["It may not be safe to bootstrap"],
        cause: "Galera itself refuses to found a cluster on this node: grastate.dat says safe_to_bootstrap: 0",
        next: "this node was a member of a cluster: find the node that stopped last",
    },
    Cause {
        needles: &["Address already in use"],
        cause: "a port of Galera's is taken by another program",
        next: "ss -ltnp | grep -E ':(3306|4567|4568|4444) '",
    },
    Cause {
        needles: &["failed to reach primary view"],
        cause: "the node could not reach the cluster: a port is closed, the cluster's name differs, or one side speaks TLS",
        next: "try ports 4567, 4568 and 4444 between the nodes, and compare wsrep_cluster_name",
    },
    Cause {
        needles: &["xtrabackup_checkpoints missing"],
        cause: "the donor's backup failed before it sent anything",
        next: "read mariabackup.backup.log in the donor's data directory",
    },
    Cause {
        needles: &["Will never receive state"],
        cause: "the state transfer failed",
        next: "read the donor's log of that moment",
    },
];

/// Lines of a log worth showing: errors, and what the state transfer says.
pub fn relevant(log: &str, most: usize) -> Vec<&str> {
    const TELLING: [&str; 8] = [
        "[ERROR]",
        "Access denied",
        "WSREP_SST",
        "handshake failed",
        "failed",
        "Error: missing",
        "FATAL",
        "No space left",
    ];
    /// What a server says at every start, and Galera's own notes of things that are not there yet.
    const USUAL: [&str; 4] = ["[INFO]", "uring", "access file(", "restore pc from disk"];
    let has = |line: &str, words: &[&str]| words.iter().any(|word| line.contains(word));
    let lines: Vec<_> = log.lines().filter(|line| has(line, &TELLING) && !has(line, &USUAL)).collect();
    lines[lines.len().saturating_sub(most)..].to_vec()
}

/// The cause that the logs tell, if a known one.
pub fn explain(logs: &[&str]) -> Option<Explanation> {
    let told = |cause: &&Cause| {
        logs.iter()
            .flat_map(|log| log.lines())
            .any(|line| cause.needles.iter().all(|needle| line.contains(needle)))
    };
    let cause = CAUSES.iter().find(told)?;
    Some(Explanation { cause: cause.cause.to_owned(), next: cause.next.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_donors_reason_wins_over_the_joiners_last_words() {
        let joiner = "2026-01-01 0:00:01 0 [ERROR] WSREP: Will never receive state. Need to abort.";
        let donor = "[00] FATAL ERROR: Failed to connect to MariaDB server: Access denied for user 'sst'@'localhost'.";
        assert!(explain(&[joiner, donor]).unwrap().cause.contains("could not log in"));
        assert!(explain(&[joiner]).unwrap().cause.contains("state transfer failed"));
        assert_eq!(explain(&["[Note] all is well"]), None);
    }
}
