//! What a plan does for proxies of this kind, beside what it does for any.

use super::inventory::MONITOR_PASSWORD;
use super::{MONITOR, PACKAGE};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::health::action::HealthAction;
use crate::galera::health::steps::place;
use crate::galera::judge::Basis;
use crate::galera::proxy::facts::ProxyFacts;
use crate::galera::proxy::steps::helped;
use crate::galera::proxy::wanted::lacking;
use crate::galera::proxy::{Kind, Proxy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, Step};

/// The account of the monitor, which replicates. Where a ProxySQL that is as it should be serves nobody, it may be
/// missing, too.
pub fn account<A: Action + From<HealthAction>>(basis: &Basis<'_>, on: &NodeName) -> Option<Step<A>> {
    let endpoint = basis.inventory.endpoint?;
    let lets_clients_in = |proxy: &Proxy, facts: &ProxyFacts| {
        let sends = facts.opinion.as_ref().is_some_and(|opinion| !opinion.takes.is_empty());
        sends && lacking(basis.inventory, endpoint, proxy, facts).is_empty()
    };
    let needed = helped(basis)
        .filter(|(proxy, _)| proxy.kind == Kind::Proxysql)
        .any(|(proxy, facts)| !lets_clients_in(proxy, facts));
    let action = HealthAction::CreateMonitor { user: MONITOR.parse().ok()?, password: MONITOR_PASSWORD };
    let why = "ProxySQL logs in with it to see how each node is; it replicates to all nodes";
    needed.then(|| Step::new(&place(basis, on), action, why))
}

/// What is said of a plan that has steps of these roles.
pub fn untested<'r>(mut roles: impl Iterator<Item = &'r str>) -> Option<String> {
    roles.any(|role| role == PACKAGE).then(|| {
        "ProxySQL is not in Debian, so galactl's tests run none on hosts: what is set up here follows what was measured with ProxySQL 2.7.2"
            .into()
    })
}

/// What a restart means for clients of these proxies, in words.
pub fn clients(basis: &Basis<'_>, endpoint: Endpoint) -> Option<String> {
    let proxies = basis.inventory.proxies().iter().filter(|proxy| proxy.kind == Kind::Proxysql);
    let proxies: Vec<_> = proxies.map(|proxy| &proxy.name).collect();
    let what = match endpoint.writes {
        Writes::Single => "reads",
        Writes::Any => "writes and reads",
    };
    (!proxies.is_empty()).then(|| {
        format!(
            "{} (ProxySQL) send{} {what} to a node until its server stops; how many of those under way then fail was never measured",
            names(&proxies, "and"),
            if proxies.len() == 1 { "s" } else { "" }
        )
    })
}
