//! What is not as it should be.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::patroni::facts::Live;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, clock, codes, drift, hosts, leader, nodes, reach, slots, store, whole};

/// Worst first. `primary`: who leads, and its server.
pub(super) fn findings(basis: &Basis<'_>, primary: Option<(&NodeName, &Live)>) -> Vec<Finding> {
    let mut findings = reach::unseen(basis);
    findings.extend(hosts::refusals(basis));
    findings.extend(store::findings(basis));
    findings.extend(stands(basis, &findings));
    match primary {
        Some((name, live)) => {
            findings.extend(whole::findings(basis, name));
            findings.extend(leader::not_named(basis, name));
            findings.extend(slots::findings(basis, name, live));
        }
        None => {
            findings.extend(whole::etcd(basis));
            findings.extend(whole::paused(basis));
        }
    }
    let of_primary = primary.map(|(name, live)| (name.as_str(), live));
    for (node, facts) in basis.nodes() {
        findings.extend(nodes::findings(basis, of_primary, node, facts));
    }
    findings.extend(drift::findings(basis));
    findings.extend(clock::skew(basis));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Whether the cluster has been born, and is led.
fn stands(basis: &Basis<'_>, known: &[Finding]) -> Vec<Finding> {
    let refusals = match standing(basis) {
        Ok(Standing::Led { .. }) => return Vec::new(),
        Ok(Standing::Unborn) => {
            // Nothing follows from what was not seen.
            if !reach::unseen(basis).is_empty() {
                return leader::unknown(basis).into_iter().collect();
            }
            let next = Remedy::galactl("bootstrap", &[]).and(" makes it");
            return vec![Finding::new(
                codes::NO_PRIMARY,
                "there is no cluster yet: no host has data of one",
                next,
            )];
        }
        Ok(Standing::Founding(node)) => {
            let next =
                Remedy::from("wait until it is the primary; then ").and(Remedy::galactl("status", &[]));
            let finding = Finding::new(codes::NO_PRIMARY, "initdb is at work, and makes the cluster", next);
            return vec![finding.on(&node).severity(Severity::Degraded)];
        }
        Err(refusals) => refusals,
    };
    // Without a quorum no key is told, and that is said already.
    let no_quorum = known.iter().any(|finding| finding.code == codes::ETCD_QUORUM);
    let mut refusals: Vec<_> =
        refusals.into_iter().filter(|it| !(no_quorum && it.code == codes::STORE_UNKNOWN)).collect();
    let no_primary = |finding: &Finding| finding.code == codes::NO_PRIMARY;
    match leader::unknown(basis) {
        Some(unknown) => {
            refusals.retain(|finding| !no_primary(finding));
            refusals.push(unknown);
        }
        None if basis.observation.primaries().next().is_none() && !refusals.iter().any(no_primary) => {
            refusals.push(without_primary());
        }
        None => {}
    }
    refusals
}

/// Other refusals have ended the look at who leads, and nobody does.
fn without_primary() -> Finding {
    let next = Remedy::from("do first what is said of the others; then ").and(Remedy::galactl("status", &[]));
    Finding::new(codes::NO_PRIMARY, "no server is a primary", next)
}
