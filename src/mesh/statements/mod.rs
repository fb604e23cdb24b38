//! The statements that make a mesh: texts of SQL, made of values, each quoted by construction.

mod bdr;
mod chosen;
mod connection;
mod copied;
mod leaving;
mod merge;
mod native;
mod own;
mod pglogical;
mod region;
mod rendered;
pub mod repair;
pub mod rows;
mod rules;
mod sending;
mod sequences;
mod skip;
mod spock;

pub use connection::{connection, local};
pub use copied::{DATABASES, only};
pub use leaving::{
    READ_AGAIN, READ_AT, close_account, end_sessions, forget_node, leave, remains, stop_reading,
};
pub use merge::{merging, trial};
pub use native::Native;
pub use own::{
    GRANTS, account, enter, forget, last_token, name as own_table_name, own_table, show_token, token,
};
pub use pglogical::Pglogical;
pub use region::{row_filter, trigger};
pub use rendered::{Rendered, rendered};
pub use rows::{ALIKE, READ_ONLY, full_name};
pub use rules::WRONG_RULES;
pub use sending::{Sending, no_null};
pub use sequences::{Beyond, new_sequences, sequences};
pub use skip::{applied, leave_out, show as show_transaction};

use super::model::Method;

/// Asks which tables a node sends; the answer is JSON, an array of pairs.
pub fn sent(method: Method) -> &'static str {
    if method == Method::Native { native::SENT } else { pglogical::SENT }
}

/// Asks which subscriptions read; the answer is a name a line.
pub fn reading(method: Method) -> &'static str {
    if method == Method::Native { native::READING } else { pglogical::READING }
}

/// Asks a provider whether the reader of this subscription is connected to it; says `t` or `f`.
pub fn is_read(subscription: &str) -> String {
    use crate::postgresql::sql::literal;
    format!(
        "SELECT EXISTS (SELECT FROM pg_stat_replication AS r JOIN pg_stat_activity AS a USING (pid)
    WHERE a.datname = current_database() AND r.application_name = {});\n",
        literal(subscription)
    )
}

/// The schema and the name of a table.
pub type TableName = (String, String);

/// A table's name as SQL has it.
pub fn table(name: &TableName) -> String {
    use crate::postgresql::sql::identifier;
    format!("{}.{}", identifier(&name.0), identifier(&name.1))
}
