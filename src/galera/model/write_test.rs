//! The databases in which galactl works for a moment.

/// The databases in which galactl's write test works for a moment begin with this; 16 random
/// hexadecimal digits follow, so that no user's database is ever taken for one.
pub const WRITE_TEST_SCHEMA: &str = "galactl_write_test_";

/// True of a database that a write test has made.
pub fn is_write_test_schema(name: &str) -> bool {
    is_of(WRITE_TEST_SCHEMA, name)
}

/// The databases in which a change of a table is tried begin with this; 16 such digits follow.
pub const SCRATCH_SCHEMA: &str = "galactl_alter_";

/// True of a database in which a change of a table was tried.
pub fn is_scratch_schema(name: &str) -> bool {
    is_of(SCRATCH_SCHEMA, name)
}

fn is_of(prefix: &str, name: &str) -> bool {
    let digits = name.strip_prefix(prefix).unwrap_or_default();
    digits.len() == 16 && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

/// What the names of a ledger's databases and accounts begin with.
pub const LEDGER_PREFIX: &str = "galactl_ledger_";

/// The same of a load test.
pub const LOAD_PREFIX: &str = "galactl_load_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_users_database_is_taken_for_galactls() {
        assert!(is_scratch_schema("galactl_alter_0123456789abcdef"));
        for name in ["galactl_alter_", "galactl_alter_orders", "shop", "galactl_alter_0123456789abcdeF"] {
            assert!(!is_scratch_schema(name), "{name}");
        }
    }
}
