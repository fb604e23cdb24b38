//! The table of checks: what makes each fail, and what makes it warn.

use crate::kernel::judge::preflight::Check;
use crate::patroni::judge::codes;

/// In the order in which they are worth reading.
pub const CHECKS: [Check; 10] = [
    Check {
        id: "login",
        holds: "the host answers over SSH, and the login is root or becomes root",
        fails: &[codes::UNREACHABLE],
        warns: &[],
    },
    Check {
        id: "identity",
        holds: "the host has the node's address, and is a machine of its own",
        fails: &[codes::WRONG_ADDRESS, codes::SAME_MACHINE],
        warns: &[],
    },
    Check {
        id: "system",
        holds: "galactl knows the Debian release, and its versions can do what the inventory says",
        fails: &[codes::NOT_SUPPORTED, codes::VERSIONS_DIFFER],
        warns: &[],
    },
    Check {
        id: "packages",
        holds: "the packages are or can be installed, and their units may run",
        fails: &[codes::NOT_INSTALLED, codes::UNIT_MASKED],
        warns: &[],
    },
    Check {
        id: "data",
        holds: "there is no data, or it is that of the cluster which a primary leads",
        fails: &[
            codes::DATA_UNKNOWN,
            codes::SEED,
            codes::DATA_WITHOUT_KEY,
            codes::TWO_CLUSTERS,
            codes::SPLIT_BRAIN,
            codes::NO_PRIMARY,
            codes::FOUNDING_CUT_OFF,
            codes::FOREIGN,
        ],
        warns: &[],
    },
    Check {
        id: "etcd",
        holds: "etcd has told what it has, or has never run, and its members are the inventory's",
        fails: &[codes::STORE_UNKNOWN, codes::LEFT_KEYS, codes::ETCD_MEMBER, codes::ETCD_CLUSTER],
        warns: &[],
    },
    Check {
        id: "files",
        holds: "no file of somebody else's stands in the place of galactl's",
        fails: &[codes::FOREIGN_FILE],
        warns: &[],
    },
    Check { id: "disk", holds: "the data to receive fits", fails: &[codes::DISK], warns: &[] },
    Check { id: "clock", holds: "the clocks agree", fails: &[], warns: &[codes::CLOCK] },
    Check {
        id: "ports",
        holds: "the ports are free, and every host that needs them reaches them",
        fails: &[codes::PORTS, codes::CONFIG_DRIFT],
        warns: &[codes::PORTS],
    },
];
