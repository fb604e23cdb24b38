//! Whether a node may be promoted by hand while nobody leads.
//!
//! What Patroni guarantees of a primary that is not seen: it renews its key in etcd once in its loop, and gives up its
//! leadership before the key has expired. So whoever has the key may take writes, and once the key is gone, a Patroni that
//! lives has stopped its server. Two cases are left. With `failsafe_mode`, a primary goes on without etcd as long as all
//! members consent; each of them says so. And a server whose Patroni was killed goes on; nobody but its host can tell.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Basis, codes, leader, nodes, store, switchover, whole};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::patroni::config::{PATRONI_CONFIG, is_galactls};
use crate::patroni::facts::{Answer, HostFacts, ScopeKeys};
use crate::patroni::inventory::Node;
use crate::patroni::observation::Store;

/// Patroni's keys, as a quorum of etcd agrees: of the store in which the cluster is.
pub fn keys<'a>(basis: &Basis<'a>) -> Option<&'a ScopeKeys> {
    let stores = [Store::V3, Store::V2].into_iter().filter_map(|store| basis.observation.agreed(store));
    stores.max_by_key(|keys| keys.initialize.is_some())
}

/// Why nobody can be promoted by hand. No server that was seen is a primary.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = store::findings(basis);
    let stops = [codes::ETCD_QUORUM, codes::ETCD_ALARM, codes::ETCD_CLUSTER];
    refusals.retain(|finding| stops.contains(&finding.code));
    if refusals.is_empty() && keys(basis).is_none() {
        let next = Remedy::galactl("doctor", &[]).and(" says which members of etcd are missing");
        refusals.push(Finding::new(codes::STORE_UNKNOWN, "etcd does not tell who leads", next));
    }
    refusals.extend(whole::paused(basis));
    refusals.extend(has_key(basis));
    refusals.extend(failsafe(basis));
    refusals
}

/// Somebody leads by etcd's word.
fn has_key(basis: &Basis<'_>) -> Option<Finding> {
    let key = leader::key(basis)?;
    let ttl = basis.inventory.failover.ttl();
    let evidence = format!("etcd names {key} as the leader, and no server that answers is a primary");
    let next = Remedy::from(format!(
        "wait for {ttl} s, after which the key of a leader that is gone has expired, then run this again; if it stays, {key} \
         lives and takes writes, so make it reachable: "
    ))
    .and(Remedy::galactl("doctor", &[]));
    Some(Finding::new(codes::PRIMARY_UNKNOWN, evidence, next))
}

/// A primary that does not reach etcd goes on with the consent of all members.
fn failsafe(basis: &Basis<'_>) -> Option<Finding> {
    let consents = |facts: &HostFacts| facts.patroni.node.told().is_some_and(|told| told.failsafe_active);
    let (node, _) = basis.observation.seen().find(|(_, facts)| consents(facts))?;
    let evidence = "its Patroni consents to a primary that goes on without etcd (failsafe_mode)";
    let next = Remedy::from("bring that primary back to etcd; or stop its Patroni, then run this again: ")
        .and(Remedy::galactl("doctor", &[]));
    Some(Finding::new(codes::PRIMARY_UNKNOWN, evidence, next).on(node))
}

/// Why this node cannot be promoted, whatever the others have.
pub fn unfit(basis: &Basis<'_>, to: &Node) -> Option<Finding> {
    let facts = match basis.observation.nodes.get(&to.name) {
        Some(Seen::Facts(facts)) => facts,
        Some(Seen::Unreachable(why)) => {
            let next = Remedy::from("make it reachable, or name another node: ")
                .and(Remedy::galactl("failover", &["--to", "NODE"]));
            return Some(Finding::new(codes::UNREACHABLE, why.to_string(), next).on(&to.name));
        }
        None => return None,
    };
    let replay = || facts.live().and_then(|live| nodes::replay_paused(basis, live));
    let found =
        may_not_lead(to, facts).or_else(|| does_not_run(facts)).or_else(replay).or_else(|| replays(facts));
    found.map(|finding| finding.on(&to.name))
}

fn may_not_lead(to: &Node, facts: &HostFacts) -> Option<Finding> {
    let foreign = facts.config.as_ref().is_some_and(|file| !is_galactls(&file.text));
    let in_file = match foreign {
        true => Remedy::from(format!(
            "take the tags `nofailover` and `failover_priority` out of {PATRONI_CONFIG}, then "
        ))
        .and(Remedy::on_host("sudo systemctl reload patroni")),
        false => Remedy::on_host(format!(
            "sudo sed -i 's/nofailover: true/nofailover: false/' {PATRONI_CONFIG} && sudo systemctl reload patroni"
        )),
    };
    let next = Remedy::from("let it lead: `failover: yes` for it in ")
        .and(Remedy::Inventory)
        .and(", then ")
        .and(in_file)
        .and("; then run this again");
    let evidence = "the inventory or its Patroni says that it may not lead";
    let tagged = facts.patroni.node.told().is_some_and(|told| forbids(&told.tags));
    (!to.tags.failover || tagged).then(|| Finding::new(codes::MAY_NOT_LEAD, evidence, next))
}

/// Patroni takes any value of `nofailover` for a yes that is not empty, and a priority of 0 or less like it.
fn forbids(tags: &BTreeMap<String, Value>) -> bool {
    let none = |value: &Value| match value {
        Value::Number(number) => number.as_f64().is_some_and(|it| it <= 0.0),
        Value::String(text) => text.trim().parse::<f64>().is_ok_and(|it| it <= 0.0),
        _ => false,
    };
    let yes = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    };
    tags.get("nofailover").is_some_and(yes) || tags.get("failover_priority").is_some_and(none)
}

/// It would be promoted with all that it has, and how much that is cannot be told yet.
fn replays(facts: &HostFacts) -> Option<Finding> {
    let next = "wait until it has replayed all, then run this again";
    let evidence = "it was restarted, and still replays what it has: how far that goes cannot be told yet";
    facts.live()?.still_replays().then(|| Finding::new(codes::UNCLEAR, evidence, next))
}

/// Patroni promotes a standby that runs, and nothing else.
fn does_not_run(facts: &HostFacts) -> Option<Finding> {
    let start = || Remedy::on_host("sudo systemctl start patroni; then run this again");
    let finding = |evidence: String, next| Some(Finding::new(codes::NOT_FOLLOWING, evidence, next));
    match (&facts.server, &facts.patroni.node) {
        _ if facts.datadir.is_blank() => {
            let next =
                Remedy::from("name another node: ").and(Remedy::galactl("failover", &["--to", "NODE"]));
            finding("it has no data".into(), next)
        }
        (Answer::Told(_), Answer::Told(_)) => None,
        (Answer::Nobody(why) | Answer::Unseen(why), _) if facts.patroni_runs() => {
            let next =
                Remedy::on_host("sudo journalctl -u patroni -n 50, which says why; then run this again");
            finding(format!("its PostgreSQL does not run: {why}"), next)
        }
        (Answer::Nobody(why) | Answer::Unseen(why), _) => {
            finding(format!("its PostgreSQL does not run: {why}"), start())
        }
        (Answer::Told(_), Answer::Nobody(why) | Answer::Unseen(why)) => {
            let evidence = format!("its Patroni gives no answer: {why}");
            Some(Finding::new(codes::PATRONI_DOWN, evidence, start()))
        }
    }
}

/// Why there is nothing to fail over from: this node leads.
pub fn led(basis: &Basis<'_>, leads: &NodeName, to: &NodeName) -> Vec<Finding> {
    let ill = switchover::refusals(basis, leads);
    if !ill.is_empty() {
        return ill;
    }
    let next = Remedy::galactl("switchover", &["--to", to.as_str()]).and(" loses nothing");
    vec![Finding::new(codes::LED, "it leads, and is well", next).on(leads)]
}
