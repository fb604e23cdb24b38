//! The role health: a data node tells over HTTP whether clients may be sent to it. Everything that it needs is here.
//!
//! systemd listens, and starts a script for each question (`templates/galactl-health`). The script asks the server
//! through its unix socket, as a user and an account without rights, so that it stays right where clients need TLS.

pub mod act;
pub mod action;
pub mod answer;
pub mod facts;
pub mod files;
pub mod judge;
pub mod look;
pub mod steps;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "health";
/// The system's user that runs the script, and the database account of the same name.
pub const USER: &str = "galactl-health";
/// The unit that listens.
pub const SOCKET_UNIT: &str = "galactl-health.socket";
/// While this file is there, the node answers that it is being drained. It does not outlast a boot.
pub const DRAIN_FLAG: &str = "/run/galactl-drain";
