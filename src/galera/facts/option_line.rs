//! One option, as programs of the server print it.

use crate::galera::inventory::options::canonical;

/// `--bind-address=0.0.0.0`, as my_print_defaults prints it. `--skip-wsrep-on` and its like are values of the option.
pub(super) fn option(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("--")?;
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    let name = canonical(name);
    let name = name.strip_prefix("loose_").unwrap_or(&name);
    let meant =
        [("skip_", "OFF"), ("disable_", "OFF"), ("enable_", "ON")].into_iter().find_map(|(prefix, value)| {
            let name = name.strip_prefix(prefix).filter(|name| name.starts_with("wsrep_"))?;
            Some((name.to_owned(), value.to_owned()))
        });
    Some(meant.unwrap_or_else(|| (name.to_owned(), value.to_owned())))
}
