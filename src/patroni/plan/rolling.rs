//! Restarts in an order that keeps the cluster in service: standbys one after the other, the primary last.

use super::led::Led;
use super::no_plan::refuse;
use super::stages::PATIENCE_SECONDS;
use super::{NoPlan, PatroniAction, Plan, Step};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::{Basis, codes, switchover, whole};

/// The cluster as it is while a plan takes its nodes in and out of service.
pub struct Rolling<'a, 'b> {
    pub basis: &'b Basis<'a>,
    pub led: &'b Led<'a>,
    /// Those that are to be whole before and after each step.
    pub nodes: Vec<NodeName>,
    /// So many standbys are to be synchronous.
    pub synchronous: usize,
    /// Standbys that do not follow now, and do so by what the plan does before.
    pub joined: Vec<NodeName>,
}

impl<'a> Rolling<'a, '_> {
    /// These standbys in the inventory's order, those for which a commit waits last: so it waits only once.
    pub fn standbys(&self, wanted: impl Fn(&NodeName) -> bool) -> Vec<&'a Node> {
        let nodes = self.basis.inventory.nodes.iter();
        let mut nodes: Vec<_> =
            nodes.filter(|node| node.name != *self.led.leader && wanted(&node.name)).collect();
        nodes.sort_by_key(|node| is_synchronous(self.led, node));
        nodes
    }

    /// Restarts standbys, each back before the next. `again`: the plan has restarted them before.
    pub fn restart_standbys(&self, plan: &mut Plan, nodes: &[&Node], again: bool, why: &str) {
        if !nodes.is_empty() && !again {
            plan.consequences.extend(self.commits_wait());
        }
        let steps = nodes.iter().map(|node| Step::new(*node, self.restart(false, again), why));
        let title = if again { "Restart the standbys again" } else { "Restart the standbys" };
        plan.stage(title, Width::Serial, steps.collect());
    }

    /// In mode `strict` no commit is done without a synchronous standby.
    fn commits_wait(&self) -> Option<String> {
        let synchronous = self.basis.inventory.synchronous;
        let able = self.basis.inventory.nodes.iter().filter(|node| {
            node.name != *self.led.leader && node.tags.synchronous && self.nodes.contains(&node.name)
        });
        let short = able.count() <= usize::from(synchronous.nodes);
        (synchronous.mode == SyncMode::Strict && short).then(|| {
            "commits wait while a synchronous standby restarts: there is no other one for it".to_owned()
        })
    }

    fn restart(&self, primary: bool, again: bool) -> PatroniAction {
        PatroniAction::Restart {
            primary,
            again,
            nodes: self.nodes.clone(),
            synchronous: self.synchronous,
            patience_seconds: PATIENCE_SECONDS,
        }
    }

    /// Restarts the primary where it is.
    pub fn restart_primary_in_place(&self, plan: &mut Plan, why: &str) {
        let Some(node) = self.basis.inventory.node(self.led.leader) else { return };
        plan.consequences.push(format!(
            "{} restarts as the primary: clients are disconnected, and nobody writes until it is up again",
            node.name
        ));
        let step = Step::new(node, self.restart(true, false), why);
        plan.stage("Restart the primary", Width::Serial, vec![step]);
    }

    /// Restarts the primary's server as a standby's, by a switchover. Where no other node may ever lead, in place.
    ///
    /// Errors: why nobody can take over.
    pub fn restart_primary(&self, plan: &mut Plan, why: &str) -> Result<(), NoPlan> {
        if switchover::heirs(self.basis, self.led.leader).is_empty() {
            self.restart_primary_in_place(plan, "no other node may lead");
            return Ok(());
        }
        self.hand_over(
            plan,
            |_| true,
            &format!("{why}, and a switchover starts its server again as a standby's"),
        )
    }

    /// Lets one of the nodes that stay take over from the primary.
    ///
    /// Errors: why none can.
    pub fn hand_over(
        &self,
        plan: &mut Plan,
        stays: impl Fn(&NodeName) -> bool,
        why: &str,
    ) -> Result<(), NoPlan> {
        let Led { leader, primary } = *self.led;
        refuse(switchover::refusals(self.basis, leader))?;
        let heirs = switchover::heirs(self.basis, leader).into_iter().filter(|node| stays(&node.name));
        let (mut fit, mut refusals) = (Vec::new(), Vec::new());
        for node in heirs {
            let mut unfit = switchover::unfit(self.basis, leader, primary, node);
            // Patroni chooses another one while standbys come and go; the step asks which.
            let joined = self.joined.contains(&node.name);
            unfit.retain(|it| {
                it.code != codes::NOT_SYNCHRONOUS && !(joined && it.code == codes::NOT_FOLLOWING)
            });
            match unfit.is_empty() {
                true => fit.push(node),
                false => refusals.extend(unfit),
            }
        }
        if refusals.is_empty() && fit.is_empty() {
            refusals.push(no_heir(leader));
        }
        let Some(node) = self.basis.inventory.node(leader).filter(|_| !fit.is_empty()) else {
            return Err(NoPlan::Refused(refusals));
        };
        // With quorum commit, all standbys count as synchronous, and some of them may be far behind.
        fit.sort_by_key(|node| {
            (!is_synchronous(self.led, node), switchover::lags(self.basis, primary, &node.name))
        });
        let to: Vec<_> = fit.iter().map(|node| node.name.clone()).collect();
        plan.consequences.push(disconnects(leader));
        let action = PatroniAction::Switchover { to, patience_seconds: PATIENCE_SECONDS };
        plan.stage("Switch over", Width::Serial, vec![Step::new(node, action, why)]);
        Ok(())
    }
}

/// Nobody that stays may take over.
fn no_heir(leader: &NodeName) -> Finding {
    let next =
        Remedy::from("start another node that may lead (`failover` and `synchronous` are not `no` for it): ")
            .and(Remedy::galactl("start", &["NODE"]))
            .and("; or stop the whole cluster: ")
            .and(Remedy::galactl("stop", &[]));
    let evidence = "it is the primary, and none of the nodes that stay runs and may take over without a loss";
    Finding::new(codes::MAY_NOT_LEAD, evidence, next).on(leader)
}

/// What clients notice of a switchover.
pub fn disconnects(from: &NodeName) -> String {
    format!(
        "clients of {from} are disconnected, and nobody writes for some seconds; what was acknowledged is kept"
    )
}

fn is_synchronous(led: &Led<'_>, node: &Node) -> bool {
    let row = led.primary.standbys.iter().find(|row| row.application_name == node.name.as_str());
    row.is_some_and(whole::is_synchronous)
}

/// The primary, and the standbys that follow it.
pub fn in_service<'a>(basis: &Basis<'a>, led: &Led<'a>) -> impl Iterator<Item = &'a NodeName> {
    let (basis, Led { leader, primary }) = (*basis, *led);
    let nodes = basis.nodes().filter(move |(node, facts)| {
        node.name == *leader || whole::not_following(&basis, leader, primary, node, facts).is_none()
    });
    nodes.map(|(node, _)| &node.name)
}

/// So many standbys can be synchronous where only these nodes run and one of them leads.
pub fn synchronous_among(basis: &Basis<'_>, nodes: &[NodeName]) -> usize {
    if basis.inventory.synchronous.mode == SyncMode::Off {
        return 0;
    }
    let able =
        basis.inventory.nodes.iter().filter(|node| nodes.contains(&node.name) && node.tags.synchronous);
    whole::wanted_synchronous(basis).min(able.count().saturating_sub(1))
}
