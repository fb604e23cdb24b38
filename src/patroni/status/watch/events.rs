//! Two statuses, one after the other → what has happened between them.

use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::status::{MemberState, NodeRole, NodeStatus, Status};

/// Each event in a sentence.
pub fn events(before: &Status, now: &Status) -> Vec<String> {
    let mut events: Vec<_> = primary(before, now).into_iter().collect();
    for node in &now.nodes {
        let Some(was) = before.nodes.iter().find(|it| it.node == node.node) else { continue };
        events.extend(of_node(was, node));
    }
    events.extend(synchronous(before, now));
    for member in &now.etcd {
        let Some(was) = before.etcd.iter().find(|it| it.endpoint == member.endpoint) else { continue };
        let name = member.member.as_ref().unwrap_or(&member.endpoint);
        match (works(was.state), works(member.state)) {
            (true, false) => events.push(format!("etcd on {name}: {}", member.state)),
            (false, true) => events.push(format!("etcd on {name} works again")),
            _ => {}
        }
    }
    events
}

fn works(state: MemberState) -> bool {
    matches!(state, MemberState::Leader | MemberState::Follower)
}

fn primary(before: &Status, now: &Status) -> Option<String> {
    let timeline = |name: &NodeName| {
        let node = now.nodes.iter().find(|it| it.node == *name)?;
        Some(format!(", on timeline {}", node.timeline?))
    };
    match (&before.primary, &now.primary) {
        (Some(was), Some(is)) if was != is => {
            Some(format!("{is} leads in place of {was}{}", timeline(is).unwrap_or_default()))
        }
        (Some(was), None) if hangs(now, was) => Some(format!("the primary {was} is not seen")),
        (Some(was), None) => Some(format!("nobody leads; {was} was the primary")),
        (None, Some(is)) => Some(format!("{is} leads{}", timeline(is).unwrap_or_default())),
        _ => None,
    }
}

/// The node did not answer. It may lead as before: only galactl does not see it. One that hangs is shown as it was.
fn hangs(now: &Status, node: &NodeName) -> bool {
    let node = now.nodes.iter().find(|it| it.node == *node);
    node.is_some_and(|it| matches!(it.role, NodeRole::NotSeen | NodeRole::NoAnswer | NodeRole::Primary))
}

fn of_node(was: &NodeStatus, is: &NodeStatus) -> Option<String> {
    let name = &is.node;
    match (was.role, is.role) {
        (before, now) if before == now => None,
        (_, NodeRole::NotSeen) => {
            let why = is.unseen.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            Some(format!("{name} is not seen any more{why}"))
        }
        (NodeRole::NotSeen, role) => Some(format!("{name} is seen again: {role}")),
        (_, role @ (NodeRole::Stopped | NodeRole::NoData | NodeRole::NoAnswer)) => {
            Some(format!("{name}: {role}"))
        }
        (NodeRole::Stopped | NodeRole::NoData | NodeRole::NoAnswer, role) => {
            Some(format!("{name} runs again: {role}"))
        }
        _ => None,
    }
}

/// For whom commits wait. While nobody leads, nobody tells.
fn synchronous(before: &Status, now: &Status) -> Option<String> {
    // Whether a commit waits although no synchronous standby is there.
    let of = |status: &Status| -> (Vec<String>, bool) {
        let sync = status.nodes.iter().filter(|node| node.role == NodeRole::SyncStandby);
        let sync: Vec<_> = sync.map(|node| node.node.to_string()).collect();
        let blocked = sync.is_empty() && status.commits_wait;
        (sync, blocked)
    };
    let (was, is) = (of(before), of(now));
    let led = before.primary.is_some() && now.primary.is_some();
    (led && was != is).then(|| match (is.0.as_slice(), is.1) {
        ([], true) => "commits wait, and no synchronous standby is there".to_owned(),
        ([], false) => "commits wait for nobody".to_owned(),
        (is, _) => format!("commits wait for {}", names(is, "and")),
    })
}
