//! Which servers have to restart for new settings, and in which order.
//!
//! A standby needs at least as much of five settings as the primary had when it wrote the WAL, or it stops replaying. So
//! a higher value goes to the standbys first, and a lower one to the primary. Patroni starts a standby with the
//! primary's value where the new one is lower, so one that restarts too early has to restart again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::led::Led;
use super::rolling::Rolling;
use super::{NoPlan, Plan};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::config::{DynamicConfig, same};
use crate::patroni::facts::{HostFacts, Live};
use crate::patroni::judge::Basis;

/// The five, and what Patroni takes where nothing is set. Source: PostgreSQL's documentation of hot standby
/// ("Administrator's Overview"); `ConfigHandler.CMDLINE_OPTIONS` of Patroni 3.0.2 and 4.0.7.
const AT_LEAST_THE_PRIMARYS: [(&str, u64); 5] = [
    ("max_connections", 100),
    ("max_locks_per_transaction", 64),
    ("max_prepared_transactions", 0),
    ("max_wal_senders", 10),
    ("max_worker_processes", 8),
];
/// In the dynamic configuration, settings of all servers are below it.
const SHARED: &str = "postgresql.parameters.";
/// Patroni says that a restart is due, and nobody says for what.
const UNNAMED: &str = "what Patroni waits for";

/// For which settings each server has to restart.
pub struct Restarts {
    reasons: BTreeMap<NodeName, BTreeSet<String>>,
    /// Of the five, those that become lower on the primary.
    lowered: BTreeSet<String>,
}

impl Restarts {
    /// `found`: the dynamic configuration as it is. `own`: settings that change for this node's server, by its own file or
    /// because the dynamic configuration does not have them any more.
    pub fn of(
        basis: &Basis<'_>,
        led: &Led<'_>,
        wanted: &DynamicConfig,
        found: &Value,
        own: &BTreeMap<NodeName, BTreeSet<String>>,
    ) -> Self {
        let changed = wanted.differences(found);
        let shared = changed.iter().filter_map(|it| it.path.strip_prefix(SHARED));
        let shared: BTreeSet<_> =
            shared.filter(|name| wanted.has_parameter(name)).map(str::to_owned).collect();
        let reasons = basis.nodes().filter_map(|(node, facts)| {
            let mut names = shared.clone();
            names.extend(own.get(&node.name).into_iter().flatten().cloned());
            Some((node.name.clone(), reasons(facts, facts.live()?, names, wanted)))
        });
        let lower = |(name, usual): &(&str, u64)| {
            let now = led.primary.settings.get(*name).and_then(|it| it.parse().ok());
            now.is_some_and(|now: u64| now > number(wanted, name, *usual))
        };
        let lowered = AT_LEAST_THE_PRIMARYS.iter().filter(|it| lower(it)).map(|(name, _)| (*name).to_owned());
        Self { reasons: reasons.collect(), lowered: lowered.collect() }
    }

    fn reasons(&self, name: &NodeName) -> BTreeSet<String> {
        self.reasons.get(name).cloned().unwrap_or_default()
    }

    /// Adds the restarts to the plan.
    ///
    /// Errors: nobody can take over from the primary while it restarts.
    pub fn plan(&self, plan: &mut Plan, rolling: &Rolling<'_, '_>) -> Result<(), NoPlan> {
        let leader = rolling.led.leader;
        let more = |name: &NodeName| !self.reasons(name).is_subset(&self.lowered);
        let first = rolling.standbys(more);
        let told = first.iter().flat_map(|node| self.reasons(&node.name));
        let told: BTreeSet<_> = told.filter(|name| !self.lowered.contains(name)).collect();
        rolling.restart_standbys(plan, &first, false, &why(&told));
        let of_primary = self.reasons(leader);
        if of_primary.is_empty() {
            return Ok(());
        }
        if self.lowered.is_empty() {
            return rolling.restart_primary(plan, &why(&of_primary));
        }
        let lowered = names(&self.lowered.iter().collect::<Vec<_>>(), "and");
        rolling.restart_primary_in_place(
            plan,
            &format!("a lower {lowered} is the primary's first: standbys need at least what it has"),
        );
        let after = rolling.standbys(|name| !self.reasons(name).is_disjoint(&self.lowered));
        let again = after.iter().any(|node| first.iter().any(|it| it.name == node.name));
        rolling.restart_standbys(plan, &after, again, &format!("the primary has a lower {lowered} now"));
        Ok(())
    }
}

fn why(names: &BTreeSet<String>) -> String {
    format!("a server takes {} only when it starts", self::names(&names.iter().collect::<Vec<_>>(), "and"))
}

/// Of the settings that change, those that this server takes only when it starts; and what it waits for already. Where it
/// has the value that is wanted, there is no reason: somebody has changed it and the server was not restarted since.
fn reasons(
    facts: &HostFacts,
    live: &Live,
    changed: BTreeSet<String>,
    wanted: &DynamicConfig,
) -> BTreeSet<String> {
    let is_right = |name: &String| {
        let now = live.settings.get(name)?;
        let usual = AT_LEAST_THE_PRIMARYS.iter().find(|(known, _)| known == name);
        match (usual, wanted.parameter(name)) {
            (Some((_, usual)), _) => Some(now.parse() == Ok(number(wanted, name, *usual))),
            (None, text) => text.map(|text| same(text, now)),
        }
    };
    let waits = changed.into_iter().filter(|name| live.at_start.contains(name));
    let five = AT_LEAST_THE_PRIMARYS.iter().map(|(name, _)| (*name).to_owned());
    let five = five.filter(|name| live.settings.contains_key(name));
    let mut reasons: BTreeSet<_> = waits.chain(five).chain(live.pending_restart.iter().cloned()).collect();
    reasons.retain(|name| is_right(name) != Some(true));
    let unnamed =
        live.pending_restart.is_empty() && facts.patroni.node.told().is_some_and(|node| node.pending_restart);
    if reasons.is_empty() && unnamed {
        reasons.insert(UNNAMED.to_owned());
    }
    reasons
}

fn number(wanted: &DynamicConfig, name: &str, usual: u64) -> u64 {
    wanted.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual)
}
