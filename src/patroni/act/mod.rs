//! How a plan's steps are carried out: one action a file.

mod accounts;
mod acting;
mod configure;
mod context;
mod etcd;
mod etcd_keys;
mod etcd_members;
mod failover;
mod found;
mod found_from;
mod glance;
mod join;
mod no_rewind;
mod reload;
mod rest;
mod restart;
mod settle;
mod start_first;
mod starting;
mod stop;
mod switchover;
mod synchronous;
mod take_over;
mod verify_members;
mod verify_settings;
mod verify_writes;

pub use context::Context;
