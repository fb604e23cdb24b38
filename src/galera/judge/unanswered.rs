//! Servers that run and do not answer: what they are is not known, and nothing is concluded from it.

use super::Basis;
use crate::galera::facts::{HostFacts, NoAnswer, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};

/// Its start has come to an end, and it does not say of what it is a member. A unit that is activating may only
/// be too early to ask.
pub fn may_be_a_member(facts: &HostFacts) -> bool {
    let is_up = facts.unit.is_up() && !facts.unit.is_activating();
    is_up && matches!(facts.state(), NodeState::Mute { .. })
}

/// A refusal for each of them.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let refusal = |(node, facts): (&Node, &HostFacts)| {
        let NodeState::Mute { why } = facts.state() else { return None };
        may_be_a_member(facts).then(|| refusal(basis, &why).on(&node.name))
    };
    basis.nodes().filter_map(refusal).collect()
}

/// What was seen of such a server, and what lets it be asked.
pub fn refusal(basis: &Basis<'_>, why: &NoAnswer) -> Finding {
    let unit = &basis.inventory.host.unit;
    match why {
        NoAnswer::Denied(_) => Finding::new(
            codes::NON_PRIMARY,
            format!("its server runs, and root cannot log in over the socket: {why}"),
            Remedy::on_host(
                "as the server's root, ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('…')",
            ),
        ),
        NoAnswer::Other(_) => Finding::new(
            codes::NON_PRIMARY,
            format!("its server runs and cannot be asked: {why}"),
            Remedy::on_host(format!(
                "systemctl status {unit}; a server that starts or waits for its cluster looks like this"
            )),
        ),
    }
}
