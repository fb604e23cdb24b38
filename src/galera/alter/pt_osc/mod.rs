//! pt-online-schema-change of the Percona Toolkit: a copy of the table that triggers keep up to date, filled piece by
//! piece while writes go on, and put in the table's place at the end.

mod fits;
mod left;
mod log;
pub mod program;
mod seen;

pub use fits::unfit;
pub use left::{Beside, Left, left};
pub use log::{Ended, Log};
pub use seen::{OscSeen, OscTrigger, Work, beside, own_copy, replicated, script, sessions};

/// How its triggers' names begin. (bin/pt-online-schema-change 3.2.1: `pt_osc_SCHEMA_TABLE_ins`, `_upd`, `_del`)
pub const TRIGGERS: &str = "pt_osc_";
/// The comment in its statements.
pub const COMMENT: &str = "pt-online-schema-change";
/// The package, also of other tools.
pub const PACKAGE: &str = "percona-toolkit";
