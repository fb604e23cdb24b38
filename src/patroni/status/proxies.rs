//! How the proxies are.

use serde::Serialize;

use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;
use crate::patroni::judge::Basis;
use crate::patroni::proxy::facts::Routes;
use crate::patroni::proxy::{Proxy, judge};

/// One proxy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProxyStatus {
    pub proxy: NodeName,
    pub address: String,
    /// The state of its unit, such as `active`; or `not installed`, or `not seen`.
    pub state: String,
    /// The nodes to which it sends writes: the primary, but for moments.
    pub writes: Vec<NodeName>,
    /// The standbys to which it sends reads. Where there is none, reads go where writes go.
    pub reads: Vec<NodeName>,
}

/// The address that the proxies share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedStatus {
    pub address: String,
    /// The proxies that have it: one, but for moments.
    pub holders: Vec<NodeName>,
}

pub(super) fn shared(basis: &Basis<'_>) -> Option<SharedStatus> {
    let sharing = judge::shared(basis)?;
    let holders = sharing.holders().into_iter().cloned().collect();
    Some(SharedStatus { address: sharing.shared.address.to_string(), holders })
}

pub(super) fn all(basis: &Basis<'_>) -> Vec<ProxyStatus> {
    basis.inventory.proxies.iter().map(|proxy| of(basis, proxy)).collect()
}

fn of(basis: &Basis<'_>, proxy: &Proxy) -> ProxyStatus {
    let (state, routes) = match basis.observation.proxies.get(&proxy.name) {
        Some(Seen::Facts(facts)) if facts.program.package.is_none() => ("not installed".to_owned(), None),
        Some(Seen::Facts(facts)) => (facts.program.unit.active.clone(), facts.routes.clone()),
        Some(Seen::Unreachable(_)) | None => ("not seen".to_owned(), None),
    };
    let Routes { writes, reads } = routes.unwrap_or_default();
    ProxyStatus {
        proxy: proxy.name.clone(),
        address: proxy.address.to_string(),
        state,
        writes: writes.into_iter().collect(),
        reads: reads.into_iter().collect(),
    }
}
