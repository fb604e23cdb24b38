//! Proxies, to which applications connect. Each kind has a folder, and is a role of its own in plans; all that they
//! have in common is here.

pub mod act;
pub mod action;
pub mod facts;
pub mod haproxy;
pub mod inventory;
pub mod judge;
pub mod kinds;
pub mod look;
pub mod nginx;
pub mod offline;
pub mod opinion;
pub mod program;
pub mod proof;
pub mod proxysql;
pub mod sharing;
pub mod steps;
pub mod wanted;

pub use inventory::{Kind, Proxy};
