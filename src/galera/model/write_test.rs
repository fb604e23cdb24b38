//! The databases of write tests.

/// The databases in which galactl's write test works for a moment begin with this; 16 random
/// hexadecimal digits follow, so that no user's database is ever taken for one.
pub const WRITE_TEST_SCHEMA: &str = "galactl_write_test_";

/// True of a database that a write test has made.
pub fn is_write_test_schema(name: &str) -> bool {
    let digits = name.strip_prefix(WRITE_TEST_SCHEMA).unwrap_or_default();
    digits.len() == 16 && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

/// What the names of a ledger's databases and accounts begin with.
pub const LEDGER_PREFIX: &str = "galactl_ledger_";

/// The same of a load test.
pub const LOAD_PREFIX: &str = "galactl_load_";
