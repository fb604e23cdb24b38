//! Secrets: references that may be shown, values that may not.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What a secret is for, in kebab case. Plans and templates hold this name, never the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SecretName(Cow<'static, str>);

/// What stands before and behind a secret's name in a rendered file.
const MARKS: (&str, &str) = ("${secret:", "}");

impl SecretName {
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name that is made of something else's.
    pub fn of(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    /// The same secret, written as hexadecimal digits. No other secret's name has a colon.
    pub fn in_hex(&self) -> Self {
        Self(Cow::Owned(format!("hex:{}", self.0)))
    }

    /// Stands in a rendered file where the value goes when the file is written to the host.
    pub fn placeholder(&self) -> String {
        format!("{}{}{}", MARKS.0, self.0, MARKS.1)
    }

    /// The names of all placeholders in a text, each once.
    pub fn all_in(text: &str) -> BTreeSet<Self> {
        let names = text.split(MARKS.0).skip(1).filter_map(|rest| rest.split_once(MARKS.1));
        names.map(|(name, _)| Self(Cow::Owned(name.to_owned()))).collect()
    }
}

/// As its placeholder.
impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.placeholder())
    }
}

/// Where a secret's value comes from. The value itself never stands in an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretRef {
    /// An environment variable of galactl's own process.
    Env(String),
    /// A file on the operator's machine; one trailing line break is dropped.
    File(String),
    /// A command run on the operator's machine, as a list of words; its first line of output.
    Command(Vec<String>),
    /// Made by galactl once, and from then on read back from the nodes' configuration.
    Generated,
}

/// The values of the secrets of one run. Its `Debug` output shows none of them.
#[derive(Debug, Default, Clone)]
pub struct Secrets(BTreeMap<SecretName, SecretString>);

impl Secrets {
    pub fn insert(&mut self, name: &SecretName, value: String) {
        self.0.insert(name.clone(), SecretString::from(value));
    }

    /// The same, and as hexadecimal digits under [`SecretName::in_hex`].
    pub fn insert_both(&mut self, name: &SecretName, value: String) {
        let digits = value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
        self.insert(&name.in_hex(), digits);
        self.insert(name, value);
    }

    pub fn get(&self, name: &SecretName) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret)
    }

    /// Every secret with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&SecretName, &str)> {
        self.0.iter().map(|(name, value)| (name, value.expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::model::UserName;

    /// Names of secrets are made of names of accounts, and these have no colon.
    #[test]
    fn no_secret_has_the_name_under_which_the_digits_of_another_one_stand() {
        let name = |user: &str| SecretName::of(format!("proxysql-user-{user}"));
        let mut secrets = Secrets::default();
        for (user, value) in [("shop", "a"), ("shop-hex", "b"), ("hex-shop", "c"), ("shop.hex", "d")] {
            assert!(user.parse::<UserName>().is_ok());
            secrets.insert_both(&name(user), value.into());
        }
        assert_eq!(secrets.iter().count(), 8);
        assert_eq!(secrets.get(&name("shop").in_hex()), Some("61"));
        assert_eq!(secrets.get(&name("shop-hex")), Some("b"));
        assert!("hex:shop".parse::<UserName>().is_err());
        let marked = name("shop").in_hex();
        assert_eq!(SecretName::all_in(&marked.placeholder()), BTreeSet::from([marked]));
    }
}
