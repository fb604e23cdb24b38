//! What is not as it should be.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{HostFacts, Live};
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, clock, codes, drift, hosts, leader, nodes, reach, slots, store, whole};
use crate::patroni::proxy;

/// Worst first. `primary`: who leads, and its server.
pub(super) fn findings(basis: &Basis<'_>, primary: Option<(&NodeName, &Live)>) -> Vec<Finding> {
    let mut findings = reach::unseen(basis);
    let all_seen = findings.is_empty();
    findings.extend(hosts::refusals(basis));
    let standing = standing(basis);
    // A standalone server is not to be what a member is.
    let is_seeded = matches!(standing, Ok(Standing::Seeded { .. }));
    if all_seen && matches!(standing, Ok(Standing::Unborn | Standing::Seeded { .. })) {
        // What does not run is not to run yet.
        findings.push(unborn(&standing));
    } else {
        findings.extend(store::findings(basis));
        findings.extend(stands(basis, standing, &findings));
        findings.extend(of_cluster(basis, primary));
        findings.extend(proxy::judge::findings(basis, primary));
    }
    if !is_seeded {
        findings.extend(basis.nodes().flat_map(|(node, facts)| nodes::findings(basis, primary, node, facts)));
        findings.extend(drift::findings(basis));
    }
    findings.extend(clock::skew(basis));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn of_cluster(basis: &Basis<'_>, primary: Option<(&NodeName, &Live)>) -> Vec<Finding> {
    let Some((name, live)) = primary else {
        return whole::etcd(basis).into_iter().chain(whole::paused(basis)).collect();
    };
    let mut findings = whole::findings(basis, name);
    findings.extend(leader::not_named(basis, name));
    findings.extend(slots::findings(basis, name, live));
    findings
}

fn unborn(standing: &Result<Standing, Vec<Finding>>) -> Finding {
    let next = Remedy::galactl("bootstrap", &[]).and(", which makes it");
    let evidence = match standing {
        Ok(Standing::Seeded { seed, .. }) => {
            format!("there is no cluster yet: {seed} has the data of a standalone server, and is the seed")
        }
        _ => "there is no cluster yet: no host has data of one".to_owned(),
    };
    Finding::new(codes::NO_PRIMARY, evidence, next)
}

/// What stands against a cluster that is led. `known`: what was found before.
fn stands(basis: &Basis<'_>, standing: Result<Standing, Vec<Finding>>, known: &[Finding]) -> Vec<Finding> {
    let mut refusals = match standing {
        Ok(Standing::Led { .. } | Standing::Unborn | Standing::Seeded { .. }) => Vec::new(),
        Ok(Standing::Founding(node)) => {
            let next = Remedy::from("wait until it is the primary: ")
                .and(Remedy::galactl("status", &[]))
                .and("; if its data does not grow any more, ");
            let next = next.and(Remedy::galactl("recover", &[])).and(" stops it and begins again");
            let finding = Finding::new(codes::NO_PRIMARY, "a Patroni makes the cluster", next);
            return vec![finding.on(&node).severity(Severity::Degraded)];
        }
        Err(refusals) => refusals,
    };
    let no_quorum = known.iter().any(|finding| finding.code == codes::ETCD_QUORUM);
    // Without a quorum no key is told, and that is said already.
    refusals.retain(|finding| !(no_quorum && finding.code == codes::STORE_UNKNOWN));
    if basis.observation.primaries().next().is_some() {
        return refusals;
    }
    let is_led = |finding: &Finding| finding.code == codes::NO_PRIMARY;
    if let Some(unknown) = leader::unknown(basis) {
        refusals.retain(|finding| !is_led(finding));
        refusals.push(unknown);
    } else {
        if !refusals.iter().any(is_led) {
            refusals.push(Finding::new(codes::NO_PRIMARY, "no server is a primary", ""));
        }
        let own = |finding: Finding| match is_led(&finding) {
            true => finding.remedy(promote(basis, no_quorum)),
            false => finding,
        };
        refusals = refusals.into_iter().map(own).collect();
    }
    refusals
}

/// What leads to a primary. As long as etcd has its quorum and a standby its Patroni, one is promoted once the key of
/// the last one has expired.
fn promote(basis: &Basis<'_>, no_quorum: bool) -> Remedy {
    let standby_waits = basis.nodes().any(|(_, facts)| facts.patroni_runs() && facts.live().is_some());
    let recover =
        Remedy::galactl("recover", &[]).and(", which finds out who has most, and starts from there");
    let paused = whole::paused(basis).is_some();
    match (no_quorum, standby_waits) {
        _ if paused && standby_waits => {
            "let Patroni resume, as said of it; it then promotes a standby".into()
        }
        (true, _) => "start etcd first, as said of it; Patroni then promotes a node by itself".into(),
        (false, true) => {
            Remedy::from("wait for half a minute, in which Patroni promotes a standby; if none is, ")
                .and(reach::without_the_lost(basis).unwrap_or(recover))
        }
        (false, false) if stopped_in_order(basis) => {
            Remedy::galactl("start", &[]).and(", which begins with the node that has all")
        }
        (false, false) => recover,
    }
}

/// Every server ended as it should, and no Patroni runs: as `galactl stop` leaves them.
fn stopped_in_order(basis: &Basis<'_>) -> bool {
    let clean = |facts: &HostFacts| {
        let control = facts.datadir.control.told();
        !facts.patroni_runs() && !facts.server_runs() && control.is_some_and(|it| it.state.is_clean())
    };
    basis.nodes().count() == basis.inventory.nodes.len() && basis.nodes().all(|(_, facts)| clean(facts))
}
