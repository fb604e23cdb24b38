//! What is wrong with one node beside its place in the cluster.

use super::codes;
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::patroni::facts::{Answer, HostFacts, Live, PatroniNode};
use crate::patroni::inventory::Node;

/// All findings of a node whose server answers. `primary`: the name and the server of the primary, where one is known.
pub fn findings(primary: Option<(&str, &Live)>, node: &Node, facts: &HostFacts) -> Vec<Finding> {
    let Some(live) = facts.live() else { return Vec::new() };
    let found = [
        patroni_down(facts),
        primary.and_then(|(name, primary)| other_timeline(name, primary, facts, live)),
        replay_paused(live),
        pending_restart(facts, live),
    ];
    found.into_iter().flatten().map(|finding| finding.on(&node.name)).collect()
}

/// A server that Patroni does not keep. A primary whose key nobody renews is followed by another one, and may go on
/// writing.
pub fn patroni_down(facts: &HostFacts) -> Option<Finding> {
    let (evidence, next) = match &facts.patroni.node {
        Answer::Told(_) => return None,
        _ if !facts.patroni_runs() => {
            ("its PostgreSQL runs, and Patroni does not".to_owned(), "sudo systemctl start patroni")
        }
        Answer::Nobody(why) | Answer::Unseen(why) => {
            (format!("its Patroni gives no answer: {why}"), "sudo journalctl -u patroni -n 50")
        }
    };
    let severity = if facts.is_primary() { Severity::Critical } else { Severity::Degraded };
    Some(Finding::new(codes::PATRONI_DOWN, evidence, Remedy::on_host(next)).severity(severity))
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

pub fn replay_paused(live: &Live) -> Option<Finding> {
    let next = Remedy::on_host("sudo -u postgres psql -c 'SELECT pg_wal_replay_resume()'");
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
