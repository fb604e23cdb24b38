//! One option, as programs of the server print it.

use crate::galera::inventory::options::canonical;

/// What an option without a value is to the server: most often a switch.
pub(super) const SWITCHED_ON: &str = "ON";

/// `--bind-address=0.0.0.0`, as my_print_defaults prints it. A value that is empty is an empty text, to the server as
/// well. `--skip-wsrep-on` and its like are values of the option.
pub(super) fn option(line: &str) -> Option<(String, String)> {
    option_or(line, SWITCHED_ON)
}

/// `bare`: the value of an option without `=`.
pub(super) fn option_or(line: &str, bare: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("--")?;
    let (name, value) = line.split_once('=').unwrap_or((line, bare));
    let name = canonical(name);
    let name = name.strip_prefix("loose_").unwrap_or(&name);
    let meant =
        [("skip_", "OFF"), ("disable_", "OFF"), ("enable_", "ON")].into_iter().find_map(|(prefix, value)| {
            let name = name.strip_prefix(prefix).filter(|name| name.starts_with("wsrep_"))?;
            Some((name.to_owned(), value.to_owned()))
        });
    Some(meant.unwrap_or_else(|| (name.to_owned(), value.to_owned())))
}
