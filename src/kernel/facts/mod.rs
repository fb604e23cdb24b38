//! What any look at a host tells, whatever runs there.

mod answer;
mod config_file;
mod fingerprint;
mod machine;
mod ports;
mod program;
mod report;
mod seen;
mod unit;
mod unseen;

pub use answer::Answer;
pub use config_file::ConfigFile;
pub use fingerprint::{Difference, Facts, Fingerprint, beginning, list};
pub use machine::Machine;
pub use ports::{
    NodePort, PortMatrix, PortState, Reach, Target, Way, node_ports, untried_ports, untried_ways, ways,
};
pub use program::{File, PROGRAM, Program, ProgramFacts, is_ours};
pub use report::{Malformed, Report};
pub use seen::Seen;
pub use unit::UnitFacts;
pub use unseen::Unseen;

/// What every script that looks at a host begins with.
pub const HEAD: &str = include_str!("head.sh");
/// What every such script ends in; without it the report is not whole.
pub const END: &str = "\necho\necho @end\n";
/// The script that tells what the machine is; it follows [`HEAD`].
pub const MACHINE: &str = include_str!("machine.sh");
