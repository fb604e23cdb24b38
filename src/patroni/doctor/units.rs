//! What would not come back, and what has not read its file.

use crate::kernel::facts::UnitFacts;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::keepalived::{self, Sharing};
use crate::patroni::config::PATRONI_CONFIG;
use crate::patroni::judge::{Basis, codes};
use crate::patroni::proxy;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (node, facts) in basis.nodes() {
        let patroni = facts.unit("patroni").and_then(|unit| not_at_boot("patroni", unit));
        findings.extend(patroni.map(|finding| finding.on(&node.name)));
        let unread = || {
            let evidence = format!("{PATRONI_CONFIG} was written after Patroni has read it");
            let next = Remedy::on_host("sudo systemctl reload patroni");
            Finding::new(codes::FILE_UNREAD, evidence, next).on(&node.name)
        };
        findings.extend((facts.stale && facts.patroni_runs()).then(unread));
    }
    findings.extend(basis.observation.etcd().filter_map(|(name, etcd)| {
        let is_member = basis.inventory.etcd_member(name).is_some();
        not_at_boot("etcd", &etcd.unit).filter(|_| is_member).map(|finding| finding.on(name))
    }));
    findings.extend(
        proxy::judge::seen(basis).filter_map(|(proxy, facts)| {
            Some(not_at_boot(proxy::ROLE, &facts.program.unit)?.on(&proxy.name))
        }),
    );
    let shared = proxy::judge::shared(basis);
    findings.extend(
        shared.iter().flat_map(Sharing::seen).filter_map(|(own, facts)| {
            Some(not_at_boot(keepalived::UNIT, &facts.program.unit)?.on(own.name))
        }),
    );
    findings
}

/// Of what does not run, something else is said.
fn not_at_boot(name: &str, unit: &UnitFacts) -> Option<Finding> {
    let evidence = format!("{name}.service runs, and does not start at boot");
    let next = Remedy::on_host(format!("sudo systemctl enable {name}"));
    (unit.is_active() && unit.file == "disabled").then(|| Finding::new(codes::NOT_AT_BOOT, evidence, next))
}
