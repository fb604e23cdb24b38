//! How a plan's steps are carried out: one action a file.

mod acting;
mod admit;
mod again;
mod compare_tables;
mod configure;
mod context;
mod copy;
mod ddl;
mod deliver;
mod feed;
mod follow;
mod isolated;
mod merge;
mod open;
mod part;
mod psql;
mod repair;
mod reserve;
mod resume;
mod serve;
mod settle;
mod shut_out;
mod skip;
mod verify_links;
mod verify_rows;

pub use context::Context;
