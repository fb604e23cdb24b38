//! How a plan's steps are carried out: one action a file.

mod acting;
mod context;
mod etcd;
mod found;
mod glance;
mod join;
mod settle;
mod verify_members;
mod verify_writes;

pub use context::Context;
