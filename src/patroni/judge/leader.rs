//! Who leads, by the servers' own word and by etcd's.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::observation::Store;

/// The node whose key says that it leads, as a quorum of etcd agrees; `None`: nobody has it, or nobody told.
pub fn key<'a>(basis: &Basis<'a>) -> Option<&'a str> {
    let stores = [Store::V2, Store::V3].into_iter();
    stores.filter_map(|store| basis.observation.agreed(store)).find_map(|keys| keys.leader.as_deref())
}

/// The primary that etcd names; of several or of none named, the first that says it is one.
pub fn primary<'a>(basis: &Basis<'a>) -> Option<&'a NodeName> {
    let key = key(basis);
    let named = basis.observation.primaries().find(|(node, _)| Some(node.as_str()) == key);
    named.or_else(|| basis.observation.primaries().next()).map(|(node, _)| node)
}

/// No server that answers is a primary, and one that was not asked may be. A leader's key is gone within its `ttl`, so
/// whoever has it was there a moment ago.
pub fn unknown(basis: &Basis<'_>) -> Option<Finding> {
    let may_be = basis.observation.may_be_primary();
    if basis.observation.primaries().next().is_some() || may_be.is_empty() {
        return None;
    }
    let told = [Store::V2, Store::V3].into_iter().any(|store| basis.observation.agreed(store).is_some());
    let evidence = match key(basis) {
        Some(key) if may_be.iter().any(|node| node.as_str() == key) => {
            format!("etcd names {key} as the leader, and it could not be asked")
        }
        // Whoever has the key was asked, and is no primary; or nobody has it.
        _ if told => return None,
        _ => {
            let silent: Vec<_> = may_be.iter().map(|node| node.as_str()).collect();
            format!("no server that answers is a primary; {} could not be asked", names(&silent, "and"))
        }
    };
    let next = Remedy::from("do first what is said of the hosts; then ").and(Remedy::galactl("status", &[]));
    Some(Finding::new(codes::PRIMARY_UNKNOWN, evidence, next))
}

/// etcd names another leader than the primary. Where etcd does not tell its keys, nothing is found.
pub fn not_named(basis: &Basis<'_>, primary: &NodeName) -> Option<Finding> {
    let told = [Store::V2, Store::V3].into_iter().any(|store| basis.observation.agreed(store).is_some());
    let evidence = match key(basis) {
        _ if !told => return None,
        Some(key) if key == primary.as_str() => return None,
        Some(key) => format!("it is the primary, and etcd names {key} as the leader"),
        None => "it is the primary, and nobody has the leader's key in etcd".to_owned(),
    };
    let next = Remedy::from("wait for half a minute, then ")
        .and(Remedy::galactl("status", &[]))
        .and("; if it stays so, ");
    let next = next.and(Remedy::on_host("sudo journalctl -u patroni -n 50"));
    Some(Finding::new(codes::LEADER_KEY, evidence, next).on(primary))
}
