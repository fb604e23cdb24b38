//! The files that galactl writes on each host: their texts, their secrets.

mod access;
mod password;
mod server;

pub use access::{admitting_nodes, lines, shutting_out};
pub use password::{fill_in, fits, password_file, password_in, redact};
pub use server::{HEADER, Values, larger, server_file, stays};
