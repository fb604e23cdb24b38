//! pt-online-schema-change of the Percona Toolkit, which others run: a copy of the table that triggers keep up to date,
//! and that takes the table's place at the end.

mod left;
mod seen;

pub use left::{Left, left};
pub use seen::{OscSeen, OscTrigger, PROCESSES, beside, script, sessions};

/// How its triggers' names begin. (bin/pt-online-schema-change 3.2.1: `pt_osc_SCHEMA_TABLE_ins`, `_upd`, `_del`)
pub const TRIGGERS: &str = "pt_osc_";
/// The comment in its statements.
pub const COMMENT: &str = "pt-online-schema-change";
