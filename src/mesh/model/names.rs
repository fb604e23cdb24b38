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
/// Of a longer one, it takes so many letters, and as many digits of a hash as fit before a closing zero byte.
const KEPT_IN_SLOT: usize = 8;
const SHORTENED_IN_SLOT: usize = LONGEST_IN_SLOT - 1;

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

    /// This can be the name of the slot. pglogical puts a hash in place of the end of a long name, so links of other readers
    /// whose names begin alike fit as well.
    pub fn may_have_slot(self, method: Method, slot: &str) -> bool {
        let Self { provider, database, .. } = self;
        let subscription = self.subscription();
        let Some(rest) = slot.strip_prefix(&slots_of(method, database, provider)) else { return false };
        if method == Method::Native || subscription.len() <= LONGEST_IN_SLOT {
            return rest == subscription;
        }
        let rest = rest.as_bytes();
        rest.len() == SHORTENED_IN_SLOT
            && rest[..KEPT_IN_SLOT] == subscription.as_bytes()[..KEPT_IN_SLOT]
            && rest[KEPT_IN_SLOT..].iter().all(u8::is_ascii_hexdigit)
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

/// How the names of all slots begin from which nodes of the mesh read a database at this provider.
pub fn slots_of(method: Method, database: &DatabaseName, provider: &NodeName) -> String {
    match method {
        Method::Native => format!("m_{database}_"),
        Method::Pglogical | Method::Spock | Method::Bdr => format!("pgl_{database}_{provider}_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_shortened_as_pglogical_does() {
        let [subscriber, provider] = ["dc1_pg2", "dc1_pg1"].map(|it| it.parse::<NodeName>().unwrap());
        let database = "shop".parse().unwrap();
        let link = Link { subscriber: &subscriber, provider: &provider, database: &database };
        // Eight letters and seven digits, as in `test_sube55bf37` of pglogical's own tests.
        for (slot, fits) in [
            ("pgl_shop_dc1_pg1_dc1_pg2_e55bf37", true),
            ("pgl_shop_dc1_pg1_dc1_pg2_e55bf370", false),
            ("pgl_shop_dc1_pg1_dc1_pg3_e55bf37", false),
            ("pgl_shop_dc1_pg1_dc1_pg2_e55bfxx", false),
            ("pgl_shop_dc1_pg1_dc1_pg2_from_dc1_pg1", false),
            ("debezium", false),
        ] {
            assert_eq!(link.may_have_slot(Method::Pglogical, slot), fits, "{slot}");
        }
        assert!(link.may_have_slot(Method::Native, "m_shop_dc1_pg2_from_dc1_pg1"));
    }
}
