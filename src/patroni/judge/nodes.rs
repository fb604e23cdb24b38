//! What is wrong with one node beside its place in the cluster.

use super::{Basis, codes, leader, whole};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::patroni::config::bin_dir;
use crate::patroni::facts::{Answer, HostFacts, Live, PatroniNode};
use crate::patroni::inventory::Node;
use crate::patroni::software;

/// All findings of a node whose server answers. `primary`: the name and the server of the primary, where one is known.
pub fn findings(
    basis: &Basis<'_>,
    primary: Option<(&NodeName, &Live)>,
    node: &Node,
    facts: &HostFacts,
) -> Vec<Finding> {
    let Some(live) = facts.live() else { return Vec::new() };
    let found = [
        patroni_down(basis, node, facts),
        primary.and_then(|(name, primary)| other_timeline(name.as_str(), primary, facts, live)),
        replay_paused(basis, live),
        pending_restart(facts, live),
    ];
    found.into_iter().flatten().map(|finding| finding.on(&node.name)).collect()
}

/// A server that Patroni does not keep. A primary whose key nobody renews is followed by another one, and may go on
/// writing.
pub fn patroni_down(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    let (evidence, next) = match &facts.patroni.node {
        Answer::Told(_) => return None,
        _ if !facts.patroni_runs() => {
            ("its PostgreSQL runs, and Patroni does not".to_owned(), start_patroni(basis, node, facts))
        }
        Answer::Nobody(why) | Answer::Unseen(why) => (
            format!("its Patroni gives no answer: {why}"),
            Remedy::on_host("sudo journalctl -u patroni -n 50"),
        ),
    };
    let severity = if facts.is_primary() { Severity::Critical } else { Severity::Degraded };
    Some(Finding::new(codes::PATRONI_DOWN, evidence, next).severity(severity))
}

/// Patroni makes a server follow whoever leads, and rewinds it for that without a word. So it is to be started by hand
/// only where the server has nothing that would go: a standby that follows, or the one primary that there can be.
fn start_patroni(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Remedy {
    let start = Remedy::on_host("sudo systemctl start patroni");
    match facts.is_primary() {
        true if leads_alone(basis, &node.name) => Remedy::from("at once: ")
            .and(start)
            .and("; after half a minute another node may lead, so ask again before: ")
            .and(Remedy::galactl("status", &[])),
        false if follows(basis, node, facts) => start,
        true | false => Remedy::galactl("recover", &[])
            .and(", which compares what it has with the others; Patroni, started by hand, may rewind it"),
    }
}

/// The only primary that was seen, and no Patroni runs beside it. Where another node may lead, Patroni would rewind it: so
/// it is stopped first, and compared then.
pub fn primary_without_patroni(basis: &Basis<'_>, node: &NodeName) -> Finding {
    let facts = basis.observation.facts(node);
    let stop = facts.and_then(|facts| {
        let programs = bin_dir(software::of(facts).ok()?.postgresql);
        let path = facts.datadir.path.trim_end_matches('/');
        Some(format!("sudo -u postgres {programs}/pg_ctl stop -m fast -D {path}"))
    });
    let next = match stop.filter(|_| !leads_alone(basis, node)) {
        None => Remedy::on_host("sudo systemctl start patroni; then run this again"),
        Some(stop) => Remedy::on_host(format!("{stop}; then "))
            .and(Remedy::galactl("recover", &[]))
            .and(", which compares what it has"),
    };
    let evidence = "it is the primary, and no Patroni runs beside it";
    Finding::new(codes::PATRONI_DOWN, evidence, next).on(node)
}

/// No other node is a primary: none is seen, and etcd names this one. Where nobody has the key, no node may be hidden,
/// and no other Patroni may be about to take it.
pub fn leads_alone(basis: &Basis<'_>, node: &NodeName) -> bool {
    let observation = basis.observation;
    let alone = observation.primaries().all(|(name, _)| name == node);
    alone
        && match leader::key(basis) {
            Some(key) => key == node.as_str(),
            None => {
                let others = observation.seen().filter(|(name, _)| *name != node);
                observation.may_be_primary().is_empty()
                    && !others.into_iter().any(|(_, it)| it.patroni_runs())
            }
        }
}

fn follows(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> bool {
    let primary =
        leader::primary(basis).and_then(|name| Some((name, basis.observation.facts(name)?.live()?)));
    primary.is_some_and(|(name, live)| whole::not_following(basis, name, live, node, facts).is_none())
}

/// `running` is no proof of health: after a failover that went wrong, Patroni says so of a standby that waits for WAL
/// of its old timeline for ever.
fn other_timeline(name: &str, primary: &Live, facts: &HostFacts, live: &Live) -> Option<Finding> {
    let state = facts.patroni.node.told().map(|node| node.state.as_str())?;
    let apart = live.in_recovery && live.timeline != primary.timeline;
    (apart && ["running", "streaming"].contains(&state)).then(|| {
        let evidence = format!(
            "it is on timeline {}, and {name} on {}, although Patroni says that it is {state}",
            live.timeline, primary.timeline
        );
        let next = Remedy::from("right after a failover, wait for half a minute; otherwise ")
            .and(Remedy::galactl("recover", &[]))
            .and(", which compares what it has with the primary's");
        Finding::new(codes::OTHER_TIMELINE, evidence, next)
    })
}

pub fn replay_paused(basis: &Basis<'_>, live: &Live) -> Option<Finding> {
    let next = Remedy::on_host(format!("{} -c 'SELECT pg_wal_replay_resume()'", basis.psql()));
    live.replay_paused
        .then(|| Finding::new(codes::REPLAY_PAUSED, "somebody has paused its replay of the WAL", next))
}

/// PostgreSQL names the settings; Patroni knows before it has written them to the server's file.
fn pending_restart(facts: &HostFacts, live: &Live) -> Option<Finding> {
    let patroni = facts.patroni.node.told().is_some_and(|it: &PatroniNode| it.pending_restart);
    let evidence = match live.pending_restart.as_slice() {
        [] if !patroni => return None,
        [] => "Patroni says that its server has to be restarted".to_owned(),
        names => format!("its server has to be restarted for {}", names.join(", ")),
    };
    let next = Remedy::galactl("apply-config", &[]).and(", which restarts servers one after the other");
    Some(Finding::new(codes::PENDING_RESTART, evidence, next))
}
