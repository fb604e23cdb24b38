//! What to do about a finding.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Invocation;
use crate::kernel::model::NodeName;

/// The next command to type, or what to find out. It becomes text where it is shown, because only there
/// it is known what the inventory is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    Words(String),
    /// `galactl VERB INVENTORY ARGS`.
    Galactl {
        verb: &'static str,
        args: Vec<String>,
    },
    /// A command on a host, or what to do there. Without a node it is the finding's.
    OnHost {
        node: Option<NodeName>,
        command: String,
    },
    /// The inventory's path.
    Inventory,
    /// A path as the inventory writes it, relative to its directory.
    Path(String),
    /// One text of these, nothing between them.
    All(Vec<Remedy>),
}

impl Remedy {
    /// A command of galactl; words of `args` stand behind the inventory.
    pub fn galactl(verb: &'static str, args: &[&str]) -> Self {
        Self::Galactl { verb, args: args.iter().map(|arg| (*arg).to_owned()).collect() }
    }

    /// A command on the finding's host.
    pub fn on_host(command: impl Into<String>) -> Self {
        Self::OnHost { node: None, command: command.into() }
    }

    /// This, and that behind it.
    pub fn and(self, more: impl Into<Self>) -> Self {
        let mut pieces = match self {
            Self::All(pieces) => pieces,
            piece => vec![piece],
        };
        pieces.push(more.into());
        Self::All(pieces)
    }

    /// Hosts that are not named yet are this one.
    pub(super) fn on(&mut self, name: &NodeName) {
        match self {
            Self::OnHost { node, .. } => drop(node.get_or_insert_with(|| name.clone())),
            Self::All(pieces) => pieces.iter_mut().for_each(|piece| piece.on(name)),
            Self::Words(_) | Self::Galactl { .. } | Self::Inventory | Self::Path(_) => {}
        }
    }

    /// As it is typed by somebody who has called galactl in this way.
    pub fn text(&self, invocation: &Invocation) -> String {
        match self {
            Self::Words(words) => invocation.fill(words),
            Self::Galactl { verb, args } => invocation.command(verb, args),
            Self::OnHost { node, command } => {
                let node = node.as_ref().map_or(&"that host" as &dyn fmt::Display, |node| node);
                format!("on {node}: {command}")
            }
            Self::Inventory => invocation.inventory().to_owned(),
            Self::Path(path) => invocation.path(path),
            Self::All(pieces) => pieces.iter().map(|piece| piece.text(invocation)).collect(),
        }
    }

    /// The same in the words of this invocation, for a form that knows none.
    pub fn settled(&self, invocation: &Invocation) -> Self {
        Self::Words(self.text(invocation))
    }
}

/// Settle it first: no inventory is known here.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&Invocation::without_inventory()))
    }
}

/// As it is shown.
impl Serialize for Remedy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<&str> for Remedy {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Remedy {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&String> for Remedy {
    fn from(words: &String) -> Self {
        Self::Words(words.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_piece_is_ready_to_paste() {
        let mut remedy = Remedy::from("wait; then ")
            .and(Remedy::galactl("start", &["db1"]))
            .and(", or ")
            .and(Remedy::on_host("sudo systemctl stop mariadb"))
            .and(", or edit ")
            .and(Remedy::Inventory);
        remedy.on(&"db1".parse().expect("a name"));
        let invocation = Invocation::new(Path::new("my shop.yaml"), None, Vec::new());
        let text = "wait; then galactl start 'my shop.yaml' db1, or on db1: sudo systemctl stop mariadb, or edit 'my shop.yaml'";
        assert_eq!(remedy.text(&invocation), text);
        assert_eq!(remedy.settled(&invocation), Remedy::from(text));
    }
}
