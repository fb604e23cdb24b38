//! The table of checks: what makes each fail, and what makes it warn.

use crate::galera::judge::Topic;
use crate::galera::judge::codes;
use crate::kernel::judge::Code;

/// One line of the preflight.
#[derive(Debug)]
pub struct Check {
    /// Stable, as it stands in JSON.
    pub id: &'static str,
    /// What holds of a node that passes.
    pub holds: &'static str,
    pub guards: &'static [Code],
    pub topics: &'static [Topic],
}

/// In the order in which they are worth reading. Guards and topics that are missing here
/// are about what a command may do, or about the inventory, and not about what a host is like.
pub const CHECKS: [Check; 13] = [
    Check {
        id: "login",
        holds: "it answers over SSH, and the login is or becomes root",
        guards: &[codes::UNREACHABLE],
        topics: &[],
    },
    Check {
        id: "identity",
        holds: "it has its address, and is a machine of its own",
        guards: &[codes::WRONG_ADDRESS, codes::SAME_MACHINE],
        topics: &[],
    },
    Check {
        id: "system",
        holds: "galactl knows its system and flavour, and all processors are alike",
        guards: &[codes::NOT_SUPPORTED],
        topics: &[Topic::Architecture],
    },
    Check {
        id: "server",
        holds: "the server is or will be installed, in one series with the others",
        guards: &[codes::NOT_INSTALLED, codes::VERSIONS_DIFFER],
        topics: &[Topic::Versions],
    },
    Check {
        id: "unit",
        holds: "the unit may run, starts at boot, and has time to",
        guards: &[codes::UNIT_MASKED, codes::REMOVED, codes::STRAY_SERVER],
        topics: &[Topic::UnitDisabled, Topic::StartTimeout],
    },
    Check {
        id: "tools",
        holds: "provider library and SST tools are or will be installed",
        guards: &[codes::MISSING],
        topics: &[],
    },
    Check {
        id: "options",
        holds: "the server knows every option, and no other file overrides one",
        guards: &[codes::ARMED_OPTION, codes::OUTSIDE_CLUSTER, codes::UNKNOWN_OPTION, codes::PATH_DIFFERS],
        topics: &[Topic::IgnoredOption, Topic::StrayOption],
    },
    Check { id: "disk", holds: "the data to receive fits", guards: &[codes::DISK], topics: &[] },
    Check { id: "memory", holds: "buffer pool and gcache fit", guards: &[], topics: &[Topic::Memory] },
    Check { id: "clock", holds: "its clock is that of the others", guards: &[], topics: &[Topic::Clock] },
    Check {
        id: "lookup",
        holds: "its peers' names are found at once",
        guards: &[],
        topics: &[Topic::Lookup],
    },
    Check {
        id: "confinement",
        holds: "neither SELinux nor AppArmor confines the server",
        guards: &[],
        topics: &[Topic::Confinement],
    },
    Check {
        id: "ports",
        holds: "its ports are free or the server's, and open to the others",
        guards: &[codes::PORTS],
        topics: &[Topic::Ports],
    },
];
