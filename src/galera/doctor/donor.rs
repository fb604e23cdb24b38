//! Donors that the servers would ask for, and that are no members.

use super::Case;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::strange_donors;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy, Severity};

/// With a comma at its end, the list goes on with every other member.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let inventory = case.basis.inventory;
    let finding = |list: &str, donors: &[&str]| {
        let evidence =
            format!("its wsrep_sst_donor is `{list}`, and no node is called {}", donors.join(" or "));
        let next = Remedy::from("correct it under `mysqld` in ".to_owned())
            .and(Remedy::Inventory)
            .and(", or end the list with a comma; then ".to_owned())
            .and(Remedy::galactl("apply-config", &[]));
        let finding = Finding::new(codes::DONOR, evidence, next);
        let anyone = list.trim_end().ends_with(',');
        if anyone { finding.severity(Severity::Note).because("it asks another member then") } else { finding }
    };
    let of_node = |facts: &HostFacts| {
        let list = facts.options.get("wsrep_sst_donor")?;
        let donors = strange_donors(inventory, list);
        (!donors.is_empty()).then(|| finding(list, &donors))
    };
    case.nodes().filter_map(|(node, facts)| Some(of_node(facts)?.on(&node.name))).collect()
}
