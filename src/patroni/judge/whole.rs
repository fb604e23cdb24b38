//! Whether a cluster is whole: each node's own word, and the primary's of its standbys.

use super::store::{has_alarm, majority, wiped};
use super::{Basis, codes};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Answer, DataState, HostFacts, Live, Relation, Standby, meeting};
use crate::patroni::inventory::{Etcd, Node, SyncMode};
use crate::patroni::observation::Store;

/// Everything that is wrong with a cluster that has a primary.
pub fn findings(basis: &Basis<'_>, leader: &NodeName) -> Vec<Finding> {
    let mut findings = wiped(basis);
    findings.extend(among(basis, leader, |_| true, wanted_synchronous(basis)));
    findings
}

/// The same of the hosts that matter, where so many standbys are to be synchronous.
pub fn among(
    basis: &Basis<'_>,
    leader: &NodeName,
    matters: impl Fn(&NodeName) -> bool,
    synchronous: usize,
) -> Vec<Finding> {
    let mut findings = members(basis);
    findings.retain(|finding| finding.node.as_ref().is_none_or(&matters));
    findings.extend(paused(basis));
    let Some(live) = basis.observation.facts(leader).and_then(HostFacts::live) else { return findings };
    for (node, facts) in basis.nodes().filter(|(node, _)| &node.name != leader && matters(&node.name)) {
        findings
            .extend(not_following(basis, leader, live, node, facts).map(|finding| finding.on(&node.name)));
    }
    findings.extend(not_synchronous(basis, leader, live, synchronous));
    findings
}

/// Why a node is no standby of this primary; `None`: it streams, and has the same history.
pub fn not_following(
    basis: &Basis<'_>,
    leader: &NodeName,
    primary: &Live,
    node: &Node,
    facts: &HostFacts,
) -> Option<Finding> {
    let finding =
        |evidence: String| Finding::new(codes::NOT_FOLLOWING, evidence, bring_back(&node.name, facts));
    let live = match &facts.server {
        Answer::Told(live) => live,
        Answer::Nobody(why) => return Some(finding(format!("its PostgreSQL does not run: {why}"))),
        Answer::Unseen(why) => return Some(finding(format!("its PostgreSQL gives no answer: {why}"))),
    };
    if live.system_id != primary.system_id {
        return Some(finding(format!(
            "its data is of system {}, the primary's of {}",
            live.system_id, primary.system_id
        )));
    }
    // Numbers of timelines prove nothing: two nodes that were promoted apart may have the same.
    let lines = (basis.observation.line(leader), facts.line());
    if let (Some(leads), Some(own)) = lines
        && let Err(Relation::Forked(place)) = meeting(&leads, &own)
    {
        let (at, timeline) = (place.at, place.timeline);
        let found =
            finding(format!("it has another history than {leader} from {at} on, on timeline {timeline}"));
        let apart = facts.patroni_runs() && rewinds_nobody(basis);
        return Some(if apart { found.remedy(compare()) } else { found });
    }
    let streams = |name: &NodeName| {
        let rows = primary.standbys.iter().filter(|row| row.application_name == name.as_str());
        rows.into_iter().any(|row| row.state.as_deref() == Some("streaming"))
    };
    let row = primary.standbys.iter().find(|row| row.application_name == node.name.as_str());
    match row.and_then(|row| row.state.as_deref()) {
        Some(_) if streams(&node.name) => None,
        Some(state) => Some(finding(format!("{leader} sends it changes, and the state is {state}"))),
        None => Some(finding(format!("{leader} sends it no changes"))),
    }
}

/// Patroni rewinds nobody, as a forced failover has left it: so a node that does not follow has, or may have, what the
/// primary lacks, and keeps it. The configuration is the whole cluster's, so etcd's word and that of any Patroni count: a
/// node whose own Patroni does not answer yet is kept, too.
pub fn rewinds_nobody(basis: &Basis<'_>) -> bool {
    let in_etcd = [Store::V3, Store::V2].into_iter().filter_map(|store| basis.observation.agreed(store));
    let in_etcd = in_etcd.filter_map(|keys| keys.config.as_ref());
    let told = basis.observation.seen().filter_map(|(_, facts)| facts.patroni.config.told());
    in_etcd.chain(told).any(|config| config["postgresql"]["use_pg_rewind"] == serde_json::Value::Bool(false))
}

/// Nodes with data that do not follow the primary, while Patroni rewinds nobody. If it were allowed to rewind, it would
/// remove what only they have. A node that was not seen may be one of them.
pub fn kept_apart(basis: &Basis<'_>, leader: &NodeName) -> Vec<NodeName> {
    let primary = basis.observation.facts(leader).and_then(HostFacts::live);
    if !rewinds_nobody(basis) {
        return Vec::new();
    }
    let follows = |node: &Node| match (basis.observation.facts(&node.name), primary) {
        (Some(facts), _) if facts.is_blank() => true,
        (Some(facts), Some(primary)) => not_following(basis, leader, primary, node, facts).is_none(),
        (Some(_), None) | (None, _) => false,
    };
    let others = basis.inventory.nodes.iter().filter(|node| node.name != *leader && !follows(node));
    others.map(|node| node.name.clone()).collect()
}

/// What tells how much a node has that waits apart.
pub fn compare() -> Remedy {
    Remedy::on_host("sudo systemctl stop patroni; then ")
        .and(Remedy::galactl("recover", &[]))
        .and(" tells what it has of its own, and how it comes back")
}

/// What lets a node follow again. One that is stopped may have commits that the primary lacks, also where it was a
/// standby to its end: a standby that lagged may have been promoted since. Patroni would rewind it without a word, so
/// only commands that compare both start it.
fn bring_back(node: &NodeName, facts: &HostFacts) -> Remedy {
    let state = facts.datadir.control.told().map(|control| &control.state);
    let was_standby = matches!(state, Some(DataState::ShutDownInRecovery | DataState::InArchiveRecovery));
    match facts.patroni_runs() || facts.server_runs() {
        true => Remedy::on_host("sudo journalctl -u patroni -n 50, which says what it waits for"),
        false if facts.datadir.is_blank() => {
            Remedy::galactl("bootstrap", &[]).and(", which lets it copy the primary's data")
        }
        false if was_standby => Remedy::galactl("start", &[node.as_str()]),
        false => Remedy::galactl("recover", &[])
            .and(", which starts it if the primary holds all that it has, and says otherwise what it has"),
    }
}

/// How many standbys the inventory wants to be synchronous, as far as there are nodes for it.
pub fn wanted_synchronous(basis: &Basis<'_>) -> usize {
    let synchronous = basis.inventory.synchronous;
    if synchronous.mode == SyncMode::Off {
        return 0;
    }
    let able = basis.inventory.nodes.iter().filter(|node| node.tags.synchronous).count();
    usize::from(synchronous.nodes).min(able.saturating_sub(1))
}

/// A commit waits for this standby, or for one of several that it is among.
pub fn is_synchronous(row: &Standby) -> bool {
    matches!(row.sync_state.as_deref(), Some("sync" | "quorum"))
}

fn not_synchronous(basis: &Basis<'_>, leader: &NodeName, primary: &Live, wanted: usize) -> Option<Finding> {
    let synchronous = primary.standbys.iter().filter(|row| is_synchronous(row)).count();
    let (there, evidence) = match chosen(basis, leader) {
        Some(chosen) if chosen < synchronous => {
            let evidence = format!("Patroni has chosen {chosen} of {wanted} standbys that may take over");
            (chosen, evidence)
        }
        _ => (synchronous, format!("{synchronous} of {wanted} standbys are synchronous")),
    };
    let next =
        format!("galactl status {PLACE} tells which nodes follow; Patroni chooses anew within its loop_wait");
    (there < wanted).then(|| Finding::new(codes::NOT_SYNCHRONOUS, evidence, next).on(leader))
}

/// How many standbys of this primary etcd's key `sync` names; `None`: it does not tell. In mode `strict` a new primary waits
/// for any standby until it has written down for which one, and when it is lost meanwhile, Patroni promotes nobody.
fn chosen(basis: &Basis<'_>, leader: &NodeName) -> Option<usize> {
    let mut stores = [Store::V2, Store::V3].into_iter();
    let key = stores.find_map(|store| basis.observation.agreed(store)?.sync.as_ref())?;
    let is_its = key.leader.as_deref() == Some(leader.as_str());
    Some(if is_its { key.standbys.len() } else { 0 })
}

/// Somebody has told Patroni to keep its hands off.
pub fn paused(basis: &Basis<'_>) -> Option<Finding> {
    let (node, _) = basis.observation.seen().find(|(_, facts)| {
        let cluster = facts.patroni.cluster.told();
        cluster.is_some_and(|cluster| cluster.paused)
    })?;
    let next = Remedy::on_host("sudo -u postgres patronictl -c /etc/patroni/config.yml resume");
    Some(Finding::new(codes::PAUSED, "somebody has paused Patroni", next).on(node))
}

/// What is wrong with each member of etcd.
pub fn etcd(basis: &Basis<'_>) -> Vec<Finding> {
    wiped(basis).into_iter().chain(members(basis)).collect()
}

/// Members of etcd that do not run, or say that they are not healthy. Who is no member by etcd's own word does not
/// count: [`wiped`] tells of it.
fn members(basis: &Basis<'_>) -> Vec<Finding> {
    if matches!(basis.inventory.etcd, Etcd::Existing(_)) {
        return Vec::new();
    }
    let (members, wiped, listed) = (basis.inventory.etcd.members().iter(), wiped(basis), majority(basis));
    let counts = |name: &NodeName| {
        let is_listed = listed.is_none_or(|all| all.iter().any(|it| it.name == name.as_str()));
        is_listed && wiped.iter().all(|it| it.node.as_ref() != Some(name))
    };
    let counted = members.filter(|member| counts(&member.name));
    counted.filter_map(|member| Some(member_is_ill(basis, &member.name)?.on(&member.name))).collect()
}

fn member_is_ill(basis: &Basis<'_>, name: &NodeName) -> Option<Finding> {
    let etcd = basis.etcd_of(name)?;
    let next = Remedy::on_host("sudo systemctl status etcd; sudo journalctl -u etcd -n 50");
    let finding = |evidence: String| Some(Finding::new(codes::ETCD_MEMBER, evidence, next.clone()));
    if !etcd.runs() {
        let next =
            Remedy::on_host("sudo systemctl start etcd; if it ends again, sudo journalctl -u etcd -n 50");
        return finding("its etcd does not run".into()).map(|finding| finding.remedy(next));
    }
    let address = basis.inventory.etcd_member(name).map(crate::patroni::observe::client_endpoint)?;
    match etcd.endpoints.get(&address).map(|endpoint| &endpoint.healthy) {
        Some(Answer::Told(true)) => None,
        // With an alarm it has its quorum, and takes no writes; that is said apart.
        Some(Answer::Told(false)) if has_alarm(basis) => None,
        Some(Answer::Told(false)) => finding("its etcd says that it is not healthy: it has no quorum".into()),
        Some(Answer::Nobody(why) | Answer::Unseen(why)) => {
            finding(format!("its etcd gives no answer: {why}"))
        }
        None => finding(format!("nobody asked its etcd at {address}")),
    }
}
