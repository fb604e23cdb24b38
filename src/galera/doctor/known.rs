//! What guards, warnings and a status say.

use super::Case;
use crate::galera::check::preflight;
use crate::galera::config::RenderError;
use crate::galera::inventory::even_votes;
use crate::galera::judge::codes;
use crate::galera::plan;
use crate::galera::status::ServerState;
use crate::galera::tls;
use crate::kernel::judge::{Finding, Remedy, Severity};

/// What any plan would be refused for. Room is asked for apart, ports were not tried, and a status says of
/// each server whether it answers.
pub fn guards(case: &Case<'_>) -> Vec<Finding> {
    let refusals = preflight::refusals(&case.basis).into_iter();
    let refusals =
        refusals.filter(|refusal| !matches!(refusal.code, codes::DISK | codes::PORTS | codes::NON_PRIMARY));
    refusals.chain(preflight::no_room(&case.basis)).collect()
}

/// Members that run with another configuration than the inventory's.
///
/// Errors: a template that does not render.
pub fn drifts(case: &Case<'_>) -> Result<Vec<Finding>, RenderError> {
    let drifts = plan::drifts(&case.basis)?.into_iter();
    Ok(drifts.map(|drift| drift.remedy(Remedy::galactl("apply-config", &[]))).collect())
}

/// What is unwise about the hosts. Ports were not tried, and no file is put anywhere.
pub fn warnings(case: &Case<'_>) -> Vec<Finding> {
    let counts = |finding: &Finding| !matches!(finding.code, codes::PORTS | codes::SUPERSEDED);
    preflight::warnings(&case.basis)
        .into_iter()
        .filter(counts)
        .map(|warning| enabled_by(case, warning))
        .collect()
}

/// What enables a unit depends on whether there is a cluster.
fn enabled_by(case: &Case<'_>, warning: Finding) -> Finding {
    match warning.code {
        codes::UNIT_DISABLED if case.stands() => warning.remedy(Remedy::galactl("apply-config", &[])),
        codes::UNIT_DISABLED => {
            let enable = format!("sudo systemctl enable {}", case.basis.inventory.host.unit);
            warning.remedy(Remedy::on_host(enable))
        }
        _ => warning,
    }
}

/// What members serve, where their ports were asked.
pub fn served(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = tls::served::findings(&case.basis);
    findings.extend(tls::served::arbitrators_without_openssl(&case.basis));
    findings
}

/// With two votes, the cluster stops with the loss of one. Of a larger even number, one vote is only of no use.
pub fn votes(case: &Case<'_>) -> Option<Finding> {
    let (message, hint) = even_votes(case.basis.inventory)?;
    let next = Remedy::from(format!("{hint}, in ")).and(Remedy::Inventory);
    let finding = Finding::new(codes::EVEN_VOTES, message, next);
    Some(if case.basis.inventory.size() == 2 { finding.severity(Severity::Degraded) } else { finding })
}

/// What a status finds, unless it is said already.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let all_are_members = case.status.nodes.iter().all(|node| node.primary);
    let is_split = case.status.findings.iter().any(|finding| finding.code == codes::SPLIT);
    let said = |finding: &&Finding| match finding.code {
        // Guards say these with their evidence.
        codes::UNREACHABLE
        | codes::MISSING_LINK
        | codes::CONFIG_DRIFT
        | codes::ARMED_INTENT
        | codes::REMOVED
        | codes::DISK_FULL
        | codes::OTHER_CLUSTER => true,
        codes::SERVER_STATE => is_bare(case, finding) && !case.basis.inventory.install,
        // The node that is missing is a finding of its own, and so is a split.
        codes::SIZE => !all_are_members || is_split,
        _ => false,
    };
    case.status.findings.iter().filter(|finding| !said(finding)).cloned().collect()
}

fn is_bare(case: &Case<'_>, finding: &Finding) -> bool {
    let node = case.status.nodes.iter().find(|node| Some(&node.node) == finding.node.as_ref());
    node.is_some_and(|node| node.state == ServerState::NotInstalled)
}
