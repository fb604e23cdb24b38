//! Patroni's scope: the cluster's name.

use crate::kernel::model::{ClusterName, Invalid};

/// Says why a cluster's name cannot be Patroni's scope. It becomes a part of etcd's keys, of paths on hosts and of
/// files that have no quotes, so it has letters, digits, `_` and `-` only, and begins with a letter or digit.
pub fn check_scope(name: &ClusterName) -> Result<(), Invalid> {
    let name = name.as_str();
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(Invalid::new("must begin with a letter or a digit"));
    }
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && !"_-".contains(*c)) {
        Some(bad) => Err(Invalid::new(format!("holds {bad:?}; letters, digits, `_` and `-` may stand here"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_scope;

    #[test]
    fn a_scope_is_one_plain_word() {
        let check = |name: &str| check_scope(&name.parse().unwrap());
        for good in ["shop", "shop-2_eu", "7"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["a b", "a/b", "..", "-a", "_a", "größe", "a#b", "a'b", "a.b"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
