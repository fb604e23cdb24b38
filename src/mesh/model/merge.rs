//! A user's function that makes one row of two.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For one table: the body of a function in PL/pgSQL with the parameters `mine` and `theirs`, rows of that table with one key,
/// which returns the row that both nodes are to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Merge {
    pub schema: String,
    pub table: String,
    pub function: String,
}

impl Merge {
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }
}

/// What gives another answer on each node, or at each moment. A function that asks for it cannot converge, and one transaction
/// cannot show that.
const OUTSIDE: [&str; 14] = [
    "now",
    "random",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "gen_random_uuid",
    "nextval",
    "current_setting",
    "txid_current",
    "pg_current_xact_id",
    "pg_backend_pid",
    "inet_server_addr",
    "pg_current_wal_lsn",
];
/// The same, without parentheses behind it.
const OUTSIDE_WORDS: [&str; 5] =
    ["current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"];

/// The first word of a function's body that asks for more than the two rows.
pub fn asks_outside(body: &str) -> Option<&'static str> {
    let body = body.to_lowercase();
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.' || letter == '"';
    let stands = |word: &str, called: bool| {
        body.match_indices(word).any(|(at, _)| {
            let (before, after) = (&body[..at], &body[at + word.len()..]);
            let alone = !before.ends_with(is_name) && !after.starts_with(is_name);
            alone && (!called || after.trim_start().starts_with('('))
        })
    };
    let mut called = OUTSIDE.into_iter().filter(|word| stands(word, true));
    called.next().or_else(|| OUTSIDE_WORDS.into_iter().find(|word| stands(word, false)))
}

#[cfg(test)]
mod tests {
    use super::asks_outside;

    #[test]
    fn a_column_may_be_called_as_a_function_is() {
        for (body, wanted) in [
            ("mine.at := now();", Some("now")),
            ("mine.at := NOW ();", Some("now")),
            ("mine.at := Current_Timestamp;", Some("current_timestamp")),
            ("mine.now := greatest(mine.now, theirs.now);", None),
            ("mine.known := greatest(known(mine), 1);", None),
            ("mine.current_date := theirs.current_date;", None),
        ] {
            assert_eq!(asks_outside(body), wanted, "{body}");
        }
    }
}
