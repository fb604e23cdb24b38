//! The state of each proxy, as it says itself.

use serde::Serialize;

use crate::galera::judge::Basis;
use crate::galera::proxy::facts::ProxyFacts;
use crate::galera::proxy::{Proxy, judge};
use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;

/// One proxy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProxyStatus {
    pub node: NodeName,
    pub address: String,
    /// Why it was not seen.
    pub unseen: Option<String>,
    /// In words, such as `proxy, writes go to db1`.
    pub state: String,
    /// The data nodes to which it sends clients.
    pub sends_to: Vec<NodeName>,
}

pub fn proxies(basis: &Basis<'_>) -> Vec<ProxyStatus> {
    let status = |proxy: &Proxy| {
        let unseen = |why: String| (Some(why), "proxy, not seen !".to_owned(), Vec::new());
        let (unseen, state, sends_to) = match basis.observation.proxies.get(&proxy.name) {
            Some(Seen::Facts(facts)) => (None, state(facts), sends_to(basis, facts)),
            Some(Seen::Unreachable(why)) => unseen(why.to_string()),
            None => unseen("it was not scanned".into()),
        };
        ProxyStatus { node: proxy.name.clone(), address: proxy.address.to_string(), unseen, state, sends_to }
    };
    basis.inventory.proxies().iter().map(status).collect()
}

fn state(facts: &ProxyFacts) -> String {
    let mark = if facts.runs() { "" } else { " !" };
    judge::state(facts) + mark
}

fn sends_to(basis: &Basis<'_>, facts: &ProxyFacts) -> Vec<NodeName> {
    let names = basis.inventory.start_order().map(|node| &node.name);
    names.filter(|node| facts.takes(node)).cloned().collect()
}
