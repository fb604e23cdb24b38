//! A database and an account of galactl's own on a cluster that clients use: both have one random name, last for as
//! long as a command works, and are removed by the next command of the same kind where that one was cut off.

pub mod act;
pub mod answer;
pub mod route;

/// Random hexadecimal digits behind the prefix of a name.
pub const ID: usize = 16;

/// True of a name as a command with this prefix makes it: no other name is put into a statement.
pub fn is_named(prefix: &str, name: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|id| id.len() == ID && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn only_whole_names_are_taken_for_galactls_own() {
        assert!(is_named("galactl_load_", "galactl_load_0123456789abcdef"));
        for name in [
            "galactl_load_0123456789abcde",
            "galactl_load_0123456789abcdeg",
            "galactl_ledger_0123456789abcdef",
        ] {
            assert!(!is_named("galactl_load_", name), "{name}");
        }
    }
}
