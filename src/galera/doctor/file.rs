//! Option files that are in force, and still not as galactl writes them.

use super::Case;
use crate::galera::check::preflight;
use crate::galera::config::RenderError;
use crate::galera::facts::HostFacts;
use crate::galera::judge::codes;
use crate::kernel::judge::{Code, Finding, Remedy};

pub fn findings(case: &Case<'_>) -> Result<Vec<Finding>, RenderError> {
    let mut findings = Vec::new();
    for (node, facts) in case.nodes().filter(|(_, facts)| facts.is_primary()) {
        if preflight::file_is_not_ours(&case.basis, node, facts)? {
            let (code, evidence) = addresses(case, facts).unwrap_or_else(|| other(case, facts));
            findings.push(Finding::new(code, evidence, Remedy::galactl("apply-config", &[])).on(&node.name));
        }
    }
    Ok(findings)
}

fn addresses(case: &Case<'_>, facts: &HostFacts) -> Option<(Code, String)> {
    let list = facts.options.get("wsrep_cluster_address")?;
    let wanted = case.basis.inventory.cluster_address();
    let evidence = || format!("its list of nodes is {list}, and the inventory's {wanted}");
    (*list != wanted).then(|| (codes::ADDRESS_LIST, evidence()))
}

fn other(case: &Case<'_>, facts: &HostFacts) -> (Code, String) {
    let path = &case.basis.inventory.host.config_file;
    let seen = facts
        .config
        .as_ref()
        .map_or_else(String::new, |config| format!(" ({} {}:{})", config.mode, config.owner, config.group));
    (codes::OPTION_FILE, format!("{path}{seen} is not as galactl writes it, 640 root:mysql"))
}
