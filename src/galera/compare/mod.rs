//! Whether the members of a cluster have the same rows: what MariaDB is asked for it.

pub mod asked;
pub mod statements;
pub mod tables;
