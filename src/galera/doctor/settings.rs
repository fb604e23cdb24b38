//! Settings of a server that cost commits, or that hide damage.

use super::Case;
use crate::galera::facts::{Examined, HostFacts};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy, Severity};

const FLUSH: &str = "innodb_flush_log_at_trx_commit";
const SYNC: &str = "sync_binlog";
const FORCE: &str = "innodb_force_recovery";
/// From this value on InnoDB itself may damage its data (MariaDB documentation, InnoDB recovery modes).
const HARMFUL: u64 = 4;

pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (node, facts) in case.nodes() {
        let examined = case.examined.get(&node.name);
        let of_node = examined.and_then(|it| durability(node, it)).into_iter();
        findings.extend(
            of_node.chain(force_recovery(case, node, facts, examined)).map(|finding| finding.on(&node.name)),
        );
    }
    findings
}

/// MariaDB's own sync_binlog is 0, and so is only noted, as what the inventory wants.
fn durability(node: &Node, examined: &Examined) -> Option<Finding> {
    let value = |name: &str| examined.variables.get(name).map(String::as_str);
    let differs = |name: &'static str| value(name).filter(|value| *value != "1").map(|value| (name, value));
    let flush = differs(FLUSH);
    let sync = differs(SYNC).filter(|_| value("log_bin") == Some("ON"));
    let all: Vec<_> = flush.iter().chain(&sync).collect();
    let said: Vec<_> = all.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    let next: Vec<_> = all.iter().map(|(name, _)| format!("{name}: 1")).collect();
    let remedy = Remedy::from(format!("`mysqld: {}` in ", next.join(", ")))
        .and(Remedy::Inventory)
        .and(", then ")
        .and(Remedy::galactl("apply-config", &[]));
    let wanted = flush.is_none_or(|(name, _)| node.mysqld.contains_key(name));
    let finding = (!all.is_empty()).then(|| Finding::new(codes::DURABILITY, said.join(", "), remedy))?;
    Some(if wanted { finding.severity(Severity::Note) } else { finding })
}

/// In force, or at the next start.
fn force_recovery(
    case: &Case<'_>,
    node: &Node,
    facts: &HostFacts,
    examined: Option<&Examined>,
) -> Option<Finding> {
    let set = |value: &&String| value.as_str() != "0";
    let in_force = examined.and_then(|it| it.variables.get(FORCE)).filter(set);
    let (value, when) = match (in_force, facts.options.get(FORCE).filter(set)) {
        (Some(value), _) => (value, ""),
        (None, Some(value)) => (value, " in its option files"),
        (None, None) => return None,
    };
    let again = match facts.live() {
        Some(_) => Remedy::galactl("restart", &[node.name.as_str()]),
        None => case.start(&node.name),
    };
    let next =
        Remedy::on_host("sudo grep -rnE 'innodb.force.recovery' /etc/mysql /etc/my.cnf, and remove it there")
            .and(" and from ")
            .and(Remedy::Inventory)
            .and("; then ")
            .and(again)
            .and("; if it does not start without it: ")
            .and(Remedy::galactl("add-node", &[node.name.as_str(), "--discard"]));
    let finding = Finding::new(codes::FORCE_RECOVERY, format!("{FORCE} is {value}{when}"), next);
    let harmful = value.parse().is_ok_and(|value: u64| value >= HARMFUL);
    Some(if harmful { finding.severity(Severity::Critical) } else { finding })
}
