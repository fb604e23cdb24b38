//! What can be judged on hosts before it is known which command will change them.

use crate::galera::config::RenderError;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::component::data_bytes;
use crate::galera::judge::component::members;
use crate::galera::judge::guards;
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::tried;
use crate::galera::judge::unanswered;
use crate::galera::judge::wanted::{is_ours, to_put};
use crate::galera::judge::warnings;
use crate::galera::plan::links;
use crate::galera::plan::roles;
use crate::galera::tls;
use crate::kernel::judge::Finding;

/// Every reason on the hosts for which any plan would be refused. Whether a cluster may be bootstrapped
/// or joined is asked when a plan is made.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = guards::reachable(basis);
    refusals.extend(guards::hosts(basis));
    refusals.extend(other_clusters(basis));
    refusals.extend(unanswered::refusals(basis));
    refusals.extend(tried::new_files(basis));
    refusals.extend(tried::own_files(basis, |_| true));
    refusals.extend(links::refusals(basis));
    refusals.extend(roles::obstacles(basis));
    refusals.extend(tls::judge::foreseen(basis));
    refusals.extend(tls::own::foreseen(basis));
    let standing = !members(basis).is_empty();
    let receiving = basis.nodes().filter(|(_, facts)| !standing || !facts.is_primary());
    refusals.extend(receiving.filter_map(|node| guards::disk(node, data_bytes(basis))));
    refusals
}

/// Warnings about the hosts.
pub fn warnings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut warnings = warnings::of_hosts(basis);
    warnings.extend(roles::warnings_of_arbitrators(basis));
    warnings.extend(warnings::of_cluster(basis));
    warnings.extend(warnings::disabled_units(basis));
    warnings
}

/// What is wrong with the certificates that are there. Who has none is to get one.
pub fn certificates(basis: &Basis<'_>) -> Vec<Finding> {
    let has_one = |finding: &Finding| {
        let facts = finding.node.as_ref().and_then(|node| basis.observation.certificates_of(node));
        facts.is_none_or(|facts| facts.pair.is_some())
    };
    let mut findings = tls::judge::findings(basis);
    findings.extend(tls::served::findings(basis));
    findings.extend(tls::served::arbitrators_without_openssl(basis));
    findings.retain(has_one);
    findings
}

/// Every node without room for a state transfer, whether it needs one now or not.
pub fn no_room(basis: &Basis<'_>) -> Vec<Finding> {
    basis.nodes().filter_map(|node| guards::disk(node, data_bytes(basis))).collect()
}

/// A node's option file is in force, and differs all the same from the one that galactl writes.
///
/// Errors: a template that does not render.
pub fn file_is_not_ours(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<bool, RenderError> {
    let in_force = is_ours(basis, node, facts)?;
    Ok(in_force && to_put(basis, node, facts)?.is_some())
}
