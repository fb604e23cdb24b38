//! The table of checks: what makes each fail, and what makes it warn.

use crate::galera::judge::codes;
use crate::kernel::judge::preflight::Check;

/// In the order in which they are worth reading. Codes that are missing here
/// are about what a command may do, or about the inventory, and not about what a host is like.
pub const CHECKS: [Check; 14] = [
    Check {
        id: "login",
        holds: "the host answers over SSH, and the login is root or becomes root",
        fails: &[codes::UNREACHABLE],
        warns: &[],
    },
    Check {
        id: "identity",
        holds: "the host has the node's address, is a machine of its own, and runs no other cluster",
        fails: &[codes::WRONG_ADDRESS, codes::SAME_MACHINE, codes::OTHER_CLUSTER],
        warns: &[],
    },
    Check {
        id: "system",
        holds: "galactl knows the system and the flavour, and all processors are alike",
        fails: &[codes::NOT_SUPPORTED],
        warns: &[codes::ARCHITECTURE],
    },
    Check {
        id: "server",
        holds: "the server is or will be installed, answers where it runs, and all nodes have one release series",
        fails: &[codes::NOT_INSTALLED, codes::VERSIONS_DIFFER, codes::NON_PRIMARY],
        warns: &[codes::VERSIONS],
    },
    Check {
        id: "unit",
        holds: "the systemd unit may run, starts at boot, and has enough time to start",
        fails: &[codes::UNIT_MASKED, codes::REMOVED, codes::STRAY_SERVER],
        warns: &[codes::UNIT_DISABLED, codes::START_TIMEOUT],
    },
    Check {
        id: "tools",
        holds: "the provider library and the SST tools are or will be installed",
        fails: &[codes::MISSING],
        warns: &[],
    },
    Check {
        id: "options",
        holds: "the server knows every option, and no other file overrides one",
        fails: &[codes::ARMED_OPTION, codes::OUTSIDE_CLUSTER, codes::UNKNOWN_OPTION, codes::PATH_DIFFERS],
        warns: &[codes::IGNORED_OPTION, codes::STRAY_OPTION],
    },
    Check {
        id: "disk",
        holds: "the data to receive fits, and what is written to can be written to",
        fails: &[codes::DISK, codes::DISK_FULL],
        warns: &[],
    },
    Check { id: "memory", holds: "buffer pool and gcache fit", fails: &[], warns: &[codes::MEMORY] },
    Check { id: "clock", holds: "the clocks of all hosts agree", fails: &[], warns: &[codes::CLOCK] },
    Check {
        id: "certificates",
        holds: "its certificate, where it has one, is valid and the one that it serves, and another one can be issued",
        fails: &[codes::CERTIFICATE],
        warns: &[codes::CERTIFICATE, codes::TLS],
    },
    Check {
        id: "lookup",
        holds: "the names of the peers are found at once",
        fails: &[],
        warns: &[codes::LOOKUP],
    },
    Check {
        id: "confinement",
        holds: "neither SELinux nor AppArmor confines the server",
        fails: &[],
        warns: &[codes::CONFINEMENT],
    },
    Check {
        id: "ports",
        holds: "the ports are free or used by the server, and reachable from the other hosts",
        fails: &[codes::PORTS, codes::MISSING_LINK],
        warns: &[codes::PORTS],
    },
];
