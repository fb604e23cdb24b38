//! Texts of SQL: names and values quoted by construction.

/// A text as SQL has it, whatever `standard_conforming_strings` says.
pub fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A name as SQL has it, in exactly these letters.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// No statement is logged, nor kept by an extension. It stands before statements with a password. There may be no
/// standby yet for which a commit would wait.
pub const QUIETLY: &str = "
SET statement_timeout = '50s'; SET client_min_messages = warning; SET client_encoding = 'UTF8';
SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';
SET log_min_duration_sample = -1; SET log_transaction_sample_rate = 0;
SET pg_stat_statements.track_utility = off; SET pgaudit.log = 'none';
SET synchronous_commit = local; SET password_encryption = 'scram-sha-256';
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_quotes() {
        assert_eq!(literal(r"a'b\"), r"E'a''b\\'");
        assert_eq!(identifier("a\"; DROP TABLE t; --"), "\"a\"\"; DROP TABLE t; --\"");
    }
}
