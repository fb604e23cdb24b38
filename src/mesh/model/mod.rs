//! The nouns of a mesh, valid by construction.

mod database;
mod debian;
mod merge;
mod method;
mod names;
mod pattern;
mod secret_names;
mod strategy;

pub use database::DatabaseName;
pub use debian::{Cluster, OWN_SETTINGS, PASSWORD_FILE};
pub use merge::{Merge, asks_outside};
pub use method::Method;
pub use names::{
    Link, PUBLICATION, REPLICATION_SET, RESERVED_DATABASES, SCHEMA, plain_node_name, slots_of, subscription,
};
pub use pattern::Pattern;
pub use secret_names::{ACCOUNT, MESH_PASSWORD};
pub use strategy::Strategy;
