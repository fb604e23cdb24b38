//! Option files that are in force, and still not as galactl writes them.

use super::{Ailment, Case};
use crate::galera::check::preflight;
use crate::galera::config::RenderError;
use crate::galera::facts::HostFacts;

pub fn ailments(case: &Case<'_>) -> Result<Vec<Ailment>, RenderError> {
    let mut ailments = Vec::new();
    for (node, facts) in case.nodes().filter(|(_, facts)| facts.is_primary()) {
        if preflight::file_is_not_ours(&case.basis, node, facts)? {
            let ailment = addresses(case, facts).unwrap_or_else(|| other(case, facts));
            ailments.push(ailment.on(&node.name).mend("galactl apply-config inventory.yaml"));
        }
    }
    Ok(ailments)
}

fn addresses(case: &Case<'_>, facts: &HostFacts) -> Option<Ailment> {
    let list = facts.options.get("wsrep_cluster_address")?;
    let wanted = case.basis.inventory.cluster_address();
    (*list != wanted).then(|| {
        Ailment::degraded(
            "address-list",
            format!("its list of nodes is {list}, and the inventory's {wanted}"),
        )
        .because("at its next start it finds the cluster only through those")
    })
}

fn other(case: &Case<'_>, facts: &HostFacts) -> Ailment {
    let path = &case.basis.inventory.host.config_file;
    let seen = facts
        .config
        .as_ref()
        .map_or_else(String::new, |config| format!(" ({} {}:{})", config.mode, config.owner, config.group));
    Ailment::degraded("option-file", format!("{path}{seen} is not as galactl writes it, 640 root:mysql"))
        .because("it holds the SST password, or says what is not so")
}
