//! `galactl init --from` of a cluster of engine patroni.

use serde_json::Value;

use super::engine::{Engine as _, Patroni};
use super::init_found::{Found, Place};
use super::init_patroni_members::{Look, understood, whole_cluster};
use super::look;
use crate::exit::{CommandError, Kind};
use crate::kernel;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{Address, Secrets};
use crate::patroni::adopt;
use crate::patroni::adopt::{Adopted, Member, Note};
use crate::patroni::judge::{Basis, drift};
use crate::patroni::plan;
use crate::patroni::plan::NoPlan;

/// Scans the cluster and describes it.
pub async fn describe(
    hosts: &[Address],
    proxies: &[Address],
    place: &Place<'_>,
) -> Result<Found, CommandError> {
    if let Some(proxy) = proxies.first() {
        return Err(CommandError::error("--proxy is not there yet for engine patroni")
            .hint(format!("leave it out, and name {proxy} under `proxies` in the inventory afterwards")));
    }
    let look = whole_cluster(hosts, place).await?;
    let members = look.members();
    let configuration = led(&members)?;
    let obstacles = adopt::of_cluster(&members, &configuration);
    if !obstacles.is_empty() {
        let message = format!("galactl must not manage this cluster: {}", obstacles.join("; "));
        return Err(CommandError::new(Kind::Refused, message)
            .hint("nothing was written; change that, or stay with patronictl"));
    }
    proved(adopt::adopt(members, &look.stores(), &configuration, place.ssh), place).await
}

/// The dynamic configuration, as the leader's Patroni tells it, or else another one. Errors: nobody leads.
fn led(members: &[Member<'_>]) -> Result<Value, CommandError> {
    if !members.iter().any(|member| member.facts.is_primary()) {
        let roles = members.iter().map(|member| {
            let state = member.facts.patroni.node.told().map_or("no answer", |node| node.state.as_str());
            format!("{} ({state})", member.file.name)
        });
        let roles = roles.collect::<Vec<_>>().join(", ");
        let message = format!("`{}` has no primary now: {roles}", members[0].file.scope);
        return Err(CommandError::new(Kind::Refused, message).hint(
            "wait until Patroni has chosen one (sudo -u postgres patronictl -c /etc/patroni/config.yml list), then run this again; if it never does, write the inventory by hand (docs/how-to/patroni.md), and `galactl recover` tells why",
        ));
    }
    let mut first: Vec<_> = members.iter().collect();
    first.sort_by_key(|member| !member.facts.is_primary());
    let told = first.iter().find_map(|member| member.facts.patroni.config.told().cloned());
    told.ok_or_else(|| {
        CommandError::new(Kind::Unreachable, "no Patroni tells the dynamic configuration (GET /config)")
            .hint("sudo journalctl -u patroni -n 50 on the nodes tells why")
    })
}

/// Scans once more with the new inventory itself, and tells what a plan would do.
async fn proved(adopted: Adopted, place: &Place<'_>) -> Result<Found, CommandError> {
    let Adopted { text, notes } = adopted;
    let inventory = understood(&text, "what was found")?;
    let fleet = look::connect(inventory.hosts(), place.base).await?;
    let observation = Patroni::first_look(&inventory, &fleet, &mut Secrets::default()).await;
    fleet.close().await;
    let basis = Basis { inventory: &inventory, observation: &observation };
    let names: Vec<_> = inventory.nodes.iter().map(|node| node.name.to_string()).collect();
    Ok(Found {
        cluster: format!("cluster `{}`: {}", inventory.cluster, names.join(", ")),
        notes: notes.iter().map(|note| located(note, place)).collect(),
        needed: needed(&basis, place.invocation)?,
        plan: place.invocation.command("plan", &[]),
        text,
        beside: Vec::new(),
    })
}

fn located(note: &Note, place: &Place<'_>) -> String {
    match note.line {
        0 => note.text.clone(),
        line => format!("{}:{line}: {}", place.file.display(), note.text),
    }
}

/// What a plan would do and why, or why there would be none.
fn needed(basis: &Basis<'_>, invocation: &Invocation) -> Result<Vec<String>, CommandError> {
    let differences = drift::findings(basis).into_iter().map(|finding| match &finding.node {
        Some(node) => format!("{node}: {}", finding.evidence),
        None => finding.evidence.clone(),
    });
    match plan::needed(basis) {
        Ok(plan) if plan.is_empty() => Ok(Vec::new()),
        Ok(plan) => {
            let lost = plan.warnings.iter().cloned();
            let steps = plan.steps().map(|step| format!("{}: {}", step.id, step.why));
            Ok(differences.chain(lost).chain(steps).collect())
        }
        Err(NoPlan::Refused(refusals)) => {
            let refusals: Vec<_> = refusals.into_iter().map(|refusal| refusal.settled(invocation)).collect();
            Ok(kernel::plan::refusals_text(&refusals).lines().map(str::to_owned).collect())
        }
        Err(other) => Err(CommandError::error(other.to_string())),
    }
}

impl Look {
    fn stores(&self) -> Vec<adopt::Store<'_>> {
        self.stores
            .iter()
            .map(|(address, name, facts)| adopt::Store { reached_at: address, name, facts })
            .collect()
    }
}
