//! Shapes that every inventory has: SSH settings, secrets, options.
//!
//! The doc comments are the descriptions in `galactl schema`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// Option names and their values.
pub type RawSettings = BTreeMap<String, Scalar>;

#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSsh {
    /// Login name: root, or a user with `sudo -n`. Default: `root`.
    pub user: Option<String>,
    /// SSH port. Default: 22, or as in ssh_config.
    pub port: Option<u16>,
    /// Private key file. Default: as ssh finds it.
    pub key: Option<String>,
    /// Jump host, as in ssh_config's ProxyJump: `[user@]host[:port]`, several with commas between.
    pub jump: Option<String>,
    /// An ssh_config file to include. Default: `~/.ssh/config`.
    pub config: Option<String>,
    /// known_hosts file; host keys are always checked strictly. Default: your own.
    pub known_hosts: Option<String>,
    /// Become root with `sudo -n`. Default: `true` unless the user is root.
    pub sudo: Option<bool>,
}

/// Where a secret comes from; exactly one of these. A secret itself never stands in an inventory.
#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct RawSecret {
    /// Name of an environment variable of galactl's process.
    pub env: Option<String>,
    /// A file, relative to the inventory.
    pub file: Option<String>,
    /// A command and its arguments, run on this machine; its first line of output.
    pub command: Option<Vec<String>>,
    /// `true`: made once and kept in the nodes' configuration.
    pub generate: Option<bool>,
}

/// An option's value: text, number, or true and false for ON and OFF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(with = "ScalarSchema")]
pub struct Scalar(pub String);

/// What JSON Schema is told about [`Scalar`].
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "exists for the schema only")]
enum ScalarSchema {
    Text(String),
    Number(f64),
    Switch(bool),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// What is said of an option with nothing behind its colon.
pub const NO_VALUE: &str = "there is no value";

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Scalar, E> {
        Ok(Scalar(if on { "ON" } else { "OFF" }.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Scalar, E> {
        Err(E::custom(NO_VALUE))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Scalar, E> {
        if !number.is_finite() {
            return Err(E::custom("this is not a number that an option can hold"));
        }
        Ok(Scalar(number.to_string()))
    }
}
