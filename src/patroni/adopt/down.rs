//! Traces of members that do not run: Patroni's store has forgotten them, and no host was found.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{Member, Remark, Store};

/// Members that are described by their files alone.
pub fn remarks<'a>(members: &'a [Member<'_>]) -> impl Iterator<Item = Remark> + 'a {
    let down = members.iter().filter(|member| !member.facts.patroni_runs());
    down.map(|member| {
        Remark::new(format!(
            "{}: its Patroni does not run; it is described as its file says",
            member.file.name
        ))
    })
}

/// Addresses that may be those of members that are down: single ones from which somebody may replicate. A host without
/// data that was seen is none.
pub fn remark(members: &[Member<'_>], stores: &[Store<'_>]) -> Option<Remark> {
    let rules = members.iter().filter_map(|member| member.facts.live()).flat_map(|live| &live.hba);
    let single = rules
        .filter(|rule| rule.databases == ["replication"] && rule.method != "reject")
        .filter_map(|rule| {
            let network = rule.network()?;
            let (address, prefix) = network.split_once('/')?;
            let address: IpAddr = address.parse().ok()?;
            let whole = if address.is_ipv4() { "32" } else { "128" };
            (prefix == whole && !address.is_loopback()).then_some(address)
        });
    let is_known = |address: &IpAddr| {
        let has = |addresses: &BTreeSet<IpAddr>| addresses.contains(address);
        members.iter().any(|member| has(&member.facts.machine.addresses))
            || stores.iter().any(|store| has(&store.facts.machine.addresses))
    };
    let strange: BTreeSet<_> = single.filter(|address| !is_known(address)).map(|it| it.to_string()).collect();
    let strange: Vec<_> = strange.into_iter().collect();
    (!strange.is_empty()).then(|| Remark::at("nodes:", format!(
        "pg_hba lets {} replicate, and no member was found there. If a node is down there, name its host with --from as well, or add it here by hand, before anything else",
        strange.join(" and ")
    )))
}
