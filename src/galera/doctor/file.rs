//! Option files that are in force, and still not as galactl writes them.

use super::Case;
use crate::galera::check::preflight;
use crate::galera::config::RenderError;
use crate::galera::facts::{Examined, HostFacts};
use crate::galera::judge::codes;
use crate::galera::judge::tried;
use crate::kernel::judge::{Code, Finding, Remedy};
use crate::kernel::model::NodeName;

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

/// Files of which a part is not read. Where the server does not start with them, that is said already.
pub fn unread(case: &Case<'_>) -> Vec<Finding> {
    let refused =
        |node: &NodeName| case.basis.observation.tried.get(node).is_some_and(|tried| tried.own.is_some());
    let of_node = |(node, examined): (&NodeName, &Examined)| {
        let finding = |said: &String| {
            let next = tried::place_of(said).unwrap_or_else(|| "sudo my_print_defaults --mysqld".to_owned());
            Finding::new(codes::UNREAD_FILE, said.clone(), Remedy::on_host(next)).on(node)
        };
        examined.unread.iter().map(finding).collect::<Vec<_>>()
    };
    case.examined.iter().filter(|(node, _)| !refused(node)).flat_map(of_node).collect()
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
