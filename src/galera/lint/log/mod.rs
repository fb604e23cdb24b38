//! What a server's own logs of statements tell of transactions that change many rows.
//!
//! Formats: MariaDB documentation, Slow Query Log Overview and General Query Log; 10.5, 10.11 and 11.8 write the same.
//! No value of a statement goes into what is told: tables and kinds of statements do.

mod bare;
mod general;
mod slow;
mod statement;
mod transaction;

pub use general::statements as of_general_log;
pub use slow::statements as of_slow_log;
pub use transaction::{Large, large};

use std::collections::BTreeMap;

use serde::Serialize;

/// A log of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Log {
    Slow,
    General,
}

/// A statement as a log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The client's connection.
    pub thread: u64,
    /// The database of names without one.
    pub database: String,
    /// Rows that it has changed; `None`: the general log does not tell.
    pub rows: Option<u64>,
    pub text: String,
}

/// Where a log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// An absolute path.
    File(String),
    /// A table in the database `mysql`.
    Table,
}

impl Log {
    /// In sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Slow => "slow query log",
            Self::General => "general log",
        }
    }

    fn variable(self) -> &'static str {
        match self {
            Self::Slow => "slow_query_log",
            Self::General => "general_log",
        }
    }

    /// Where the server writes it, by the server's settings; `None`: nowhere. A server that writes to both is read in the
    /// file.
    pub fn written(self, settings: &BTreeMap<String, String>) -> Option<Written> {
        let value = |name: &str| settings.get(name).map_or("", String::as_str);
        let output = value("log_output").to_ascii_uppercase();
        if value(self.variable()) != "ON" || output.contains("NONE") {
            return None;
        }
        if !output.contains("FILE") {
            return Some(Written::Table);
        }
        let file = value(&format!("{}_file", self.variable())).to_owned();
        Some(Written::File(match file.starts_with('/') {
            true => file,
            false => format!("{}/{file}", value("datadir").trim_end_matches('/')),
        }))
    }
}

/// The slow log has every statement, so that it shows whole transactions.
pub fn has_every_statement(settings: &BTreeMap<String, String>) -> bool {
    let is = |name: &str, wanted: f64| {
        settings
            .get(name)
            .is_none_or(|value| value.parse::<f64>().is_ok_and(|it| it.total_cmp(&wanted).is_eq()))
    };
    is("long_query_time", 0.0) && is("log_slow_rate_limit", 1.0) && is("min_examined_row_limit", 0.0)
}
