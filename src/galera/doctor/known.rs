//! What guards, warnings and a status say, with what comes of it and what mends it.

use super::{Ailment, Case, Severity};
use crate::galera::check::preflight;
use crate::galera::config::RenderError;
use crate::galera::inventory::even_votes;
use crate::galera::judge::codes;
use crate::galera::judge::{Topic, Warning};
use crate::galera::plan;
use crate::galera::status;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

/// What any plan would be refused for. Room is asked for apart, and ports were not tried.
pub fn guards(case: &Case<'_>) -> Vec<Ailment> {
    let refusals = preflight::refusals(&case.basis).into_iter();
    let refusals = refusals.filter(|refusal| !matches!(refusal.code, codes::DISK | codes::PORTS));
    refusals.chain(preflight::no_room(&case.basis)).map(of_guard).collect()
}

/// Members that run with another configuration than the inventory's.
pub fn drifts(case: &Case<'_>) -> Result<Vec<Ailment>, RenderError> {
    Ok(plan::drifts(&case.basis)?.into_iter().map(of_guard).collect())
}

fn of_guard(refusal: Finding) -> Ailment {
    let Finding { code, node, evidence, remedy, .. } = refusal;
    let next = remedy.to_string();
    let (severity, why, mend) = match code {
        codes::ARMED_OPTION => (Severity::Critical, "its next start founds a cluster of its own", next),
        codes::OUTSIDE_CLUSTER => (
            Severity::Critical,
            "what clients write to it after its next start is in no cluster",
            format!("on that host: {next}"),
        ),
        codes::CONFIG_DRIFT => (
            Severity::Degraded,
            "what was reviewed in the inventory is not what runs",
            "galactl apply-config inventory.yaml".to_owned(),
        ),
        codes::UNREACHABLE => {
            (Severity::Degraded, "nothing is known of it, and no plan is made without it", next)
        }
        codes::UNIT_MASKED => (Severity::Degraded, "neither a reboot nor galactl starts it", next),
        codes::STRAY_SERVER => {
            (Severity::Degraded, "systemd does not watch it, and its next start collides with it", next)
        }
        codes::NOT_INSTALLED => (Severity::Degraded, "it has no part in the cluster", next),
        codes::MISSING => (Severity::Degraded, "a state transfer from or to it fails", next),
        codes::UNKNOWN_OPTION => (Severity::Degraded, "its next start fails", next),
        codes::VERSIONS_DIFFER => (Severity::Degraded, "a state transfer between them fails", next),
        codes::DISK => (Severity::Degraded, "a node that needs a state transfer could not get it", next),
        _ => (Severity::Degraded, "galactl makes no plan until this is mended", next),
    };
    Ailment { severity, node, slug: code.name, what: evidence, why: why.into(), mend }
}

/// What is unwise about the hosts.
pub fn warnings(case: &Case<'_>) -> Vec<Ailment> {
    preflight::warnings(&case.basis).into_iter().filter_map(|warning| of_warning(case, warning)).collect()
}

fn of_warning(case: &Case<'_>, warning: Warning) -> Option<Ailment> {
    let Warning { topic, node, said, next } = warning;
    let (degraded, note) = (Severity::Degraded, Severity::Note);
    let (slug, severity, why) = match topic {
        Topic::UnitDisabled => ("unit-disabled", degraded, "after a reboot its server stays down"),
        Topic::StrayOption => ("stray-option", degraded, "the server does not do what the inventory says"),
        Topic::StartTimeout => {
            ("start-timeout", degraded, "systemd would kill it in the middle of a state transfer")
        }
        Topic::Memory => ("memory", degraded, "it swaps, or is killed for its memory"),
        Topic::Versions => ("versions", degraded, "what works on one node may not on another"),
        Topic::Clock => ("clock", degraded, "NOW() and the logs of the nodes do not agree"),
        Topic::Confinement => ("confinement", degraded, "a state transfer may be denied when it is needed"),
        Topic::Lookup => ("lookup", note, "joining takes that much longer"),
        Topic::IgnoredOption => ("ignored-option", note, "it looks as if it did something"),
        Topic::Architecture => ("architecture", note, "what works on one node may not on another"),
        Topic::Founding => ("founding", note, "data was taken away there"),
        // Arbitrators are counted by the status, and ports were not tried.
        _ => return None,
    };
    let mend = match topic {
        Topic::StrayOption => format!("on that host: {next}"),
        Topic::UnitDisabled if case.stands() => "galactl apply-config inventory.yaml".to_owned(),
        Topic::UnitDisabled => {
            format!("on that host: sudo systemctl enable {}", case.basis.inventory.host.unit)
        }
        _ => next,
    };
    Some(Ailment { severity, node, slug, what: said, why: why.into(), mend })
}

/// Of two votes, the loss of one is that of the cluster; of more, one is only of no use.
pub fn votes(case: &Case<'_>) -> Option<Ailment> {
    let (message, hint) = even_votes(case.basis.inventory)?;
    let severity = if case.basis.inventory.size() == 2 { Severity::Degraded } else { Severity::Note };
    let ailment = Ailment::new(severity, "even-votes", message);
    Some(ailment.because("half of the votes is no majority").mend(format!("{hint}, in inventory.yaml")))
}

/// What a status finds, unless it is said already.
pub fn findings(case: &Case<'_>) -> Vec<Ailment> {
    let all_are_members = case.status.nodes.iter().all(|node| node.primary);
    let is_split = case.status.findings.iter().any(|finding| finding.slug == "split");
    let said = |finding: &&status::Finding| match finding.slug {
        // Guards say these with their evidence.
        "not-seen" | "config-drift" | "armed-intent" | "removed" => true,
        "server-state" => state(case, finding) == "not installed" && !case.basis.inventory.install,
        // The node that is missing is an ailment of its own, and so is a split.
        "size" => !all_are_members || is_split,
        _ => false,
    };
    case.status
        .findings
        .iter()
        .filter(|finding| !said(finding))
        .map(|finding| of_finding(case, finding))
        .collect()
}

fn of_finding(case: &Case<'_>, finding: &status::Finding) -> Ailment {
    let (why, mend) = match (finding.slug, &finding.node) {
        ("split", _) => (
            "clients write into two clusters, and one side's writes will be lost",
            "stop the clients; galactl recover inventory.yaml tells what each side holds".to_owned(),
        ),
        ("no-primary", _) => ("the cluster is down", no_primary(case)),
        ("size", _) if case.status.size < case.status.expected_size as u64 => (
            "the votes of the arbitrators are missing when nodes fail",
            "galactl bootstrap inventory.yaml, which starts them".to_owned(),
        ),
        ("size", _) => (
            "somebody is in the cluster whom galactl does not know",
            "galactl bootstrap inventory.yaml --dry-run tells who; name the node in inventory.yaml, or stop it".to_owned(),
        ),
        ("arbitrator", _) => (
            "its vote is missing when nodes fail",
            "galactl bootstrap inventory.yaml, which starts it".to_owned(),
        ),
        ("server-state", Some(node)) => of_state(case, state(case, finding), node),
        ("flow-control" | "receive-queue", _) => (
            "every write of the cluster waits for the slowest node",
            "more appliers (`mysqld: wsrep_slave_threads`) in inventory.yaml and galactl apply-config inventory.yaml, or faster disks there".to_owned(),
        ),
        ("send-queue", _) => (
            "its writes reach the others late",
            "look at the network between that host and the others: galactl check inventory.yaml".to_owned(),
        ),
        _ => ("the cluster is not as the inventory says", "galactl plan inventory.yaml".to_owned()),
    };
    let status::Finding { slug, health, node, what } = finding.clone();
    Ailment { severity: health.into(), node, slug, what, why: why.into(), mend }
}

fn state<'a>(case: &Case<'a>, finding: &status::Finding) -> &'a str {
    let node = case.status.nodes.iter().find(|node| Some(&node.node) == finding.node.as_ref());
    node.map_or("", |node| &node.state)
}

fn of_state(case: &Case<'_>, state: &str, node: &NodeName) -> (&'static str, String) {
    match state {
        "Inconsistent" => (
            "its data is not the cluster's: it has left so as not to spread that",
            format!(
                "on that host: sudo systemctl stop {}; then galactl recover inventory.yaml",
                case.basis.inventory.host.unit
            ),
        ),
        "NonPrimary" | "Disconnected" => ("it serves nobody", "galactl recover inventory.yaml".to_owned()),
        "outside" if case.stands() => (
            "clients that write there write beside the cluster",
            format!("galactl add-node inventory.yaml {node}"),
        ),
        "not installed" if case.stands() => {
            ("the cluster has one vote and one copy less", format!("galactl add-node inventory.yaml {node}"))
        }
        "stopped" if case.stands() => (
            "the cluster has one vote and one copy less",
            format!(
                "galactl explain inventory.yaml {node} tells why, and {} brings it back",
                case.start(node)
            ),
        ),
        "stopped" | "outside" | "not installed" => ("the cluster is down", no_primary(case)),
        "no answer" => {
            ("it may hang, or wait for its cluster", format!("galactl explain inventory.yaml {node}"))
        }
        _ => ("it does not serve yet", "wait, with galactl watch inventory.yaml".to_owned()),
    }
}

/// Nothing to recover where no node was ever in a cluster; and what was not seen is not assumed absent.
fn no_primary(case: &Case<'_>) -> String {
    if case.status.nodes.iter().any(|node| node.unseen.is_some()) {
        return "make every node reachable first; then galactl plan inventory.yaml tells".into();
    }
    let ever = case.nodes().any(|(_, facts)| facts.datadir.grastate.known_uuid().is_some());
    let command = if ever { "recover" } else { "bootstrap" };
    format!("galactl {command} inventory.yaml")
}
