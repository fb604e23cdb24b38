//! Clusters made of words: inventories, hosts in every state that matters, and what each action
//! does to them. No host is asked.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of this module")]

pub mod admin;
pub mod arbitrator;
pub mod certified;
pub mod cluster;
pub mod endpoint;
pub mod history;
pub mod host;
pub mod links;
pub mod others;
pub mod outage;
pub mod ports;
pub mod promtool;
pub mod recipe;
pub mod simulation;
pub mod watched;
mod world;

pub use arbitrator::{Running, arbitrator_host, bare_arbitrator_host};
pub use certified::Authority;
pub use cluster::{Shape, inventory, name};
pub use endpoint::bare_proxy;
pub use host::{Changes, Component, bare, fresh, uuid};
pub use ports::Ports;
pub use world::{World, guards_of, refusals};
