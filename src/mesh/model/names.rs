//! What galactl calls the things that it makes in databases.

use super::{DatabaseName, Method};
use crate::kernel::model::{Invalid, NodeName};
use crate::postgresql::sql::literal;

/// The schema of galactl's own table in every database of a mesh.
pub const SCHEMA: &str = "galactl";
/// The native publication of each node.
pub const PUBLICATION: &str = "galactl";
/// pglogical's replication set for tables of which every change is sent.
pub const REPLICATION_SET: &str = "default";
/// Every server has these, and no mesh is made of them.
pub const RESERVED_DATABASES: [&str; 3] = ["postgres", "template0", "template1"];

/// The longest name of a node: two of them and a database's name stand in the name of a slot, which has 63 letters at most.
const LONGEST_NODE: usize = 16;

/// The longest name that pglogical takes into the name of a slot as it is.
const LONGEST_IN_SLOT: usize = 16;

/// Says why a node's name cannot stand in the names of slots and subscriptions as it is.
pub fn plain_node_name(name: &NodeName) -> Result<(), Invalid> {
    let name = name.as_str();
    if name.len() > LONGEST_NODE {
        return Err(Invalid(format!("is longer than {LONGEST_NODE} characters")));
    }
    match name.chars().find(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && *c != '_') {
        Some(bad) => Err(Invalid(format!(
            "holds {bad:?}; lower-case letters, digits and `_` may stand here, because it becomes part of the names of slots"
        ))),
        None => Ok(()),
    }
}

/// The subscription with which `subscriber` reads the changes of `provider`. Both names are in it: two subscribers with one
/// name of a subscription would share one slot of pglogical's at the provider, and lose changes.
pub fn subscription(subscriber: &NodeName, provider: &NodeName) -> String {
    format!("{subscriber}_from_{provider}")
}

/// One direction between two nodes, in one database.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub subscriber: &'a NodeName,
    pub provider: &'a NodeName,
    pub database: &'a DatabaseName,
}

impl Link<'_> {
    pub fn subscription(self) -> String {
        subscription(self.subscriber, self.provider)
    }

    /// This can be the name of the slot. pglogical puts a hash in place of the end of a long name.
    pub fn may_have_slot(self, method: Method, slot: &str) -> bool {
        let Self { provider, database, .. } = self;
        let subscription = self.subscription();
        if method == Method::Native {
            return slot == format!("m_{database}_{subscription}");
        }
        let rest = slot.strip_prefix(&format!("pgl_{database}_{provider}_"));
        match subscription.len() <= LONGEST_IN_SLOT {
            true => rest == Some(subscription.as_str()),
            false => rest.is_some_and(|rest| {
                rest.len() == LONGEST_IN_SLOT && rest.as_bytes()[..8] == subscription.as_bytes()[..8]
            }),
        }
    }

    /// The replication slot at the provider, as an expression of SQL: pglogical makes the name itself, and shortens it.
    pub fn slot(self, method: Method) -> String {
        let Self { provider, database, .. } = self;
        let subscription = self.subscription();
        match method {
            Method::Native => literal(&format!("m_{database}_{subscription}")),
            Method::Pglogical | Method::Spock | Method::Bdr => format!(
                "pglogical.pglogical_gen_slot_name({}, {}, {})",
                literal(database.as_str()),
                literal(provider.as_str()),
                literal(&subscription)
            ),
        }
    }
}
