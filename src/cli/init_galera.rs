//! `galactl init --from` of a cluster of engine galera.

use std::path::Path;

use super::engine::{Engine as _, Galera};
use super::init_found::{Found, Place};
use super::init_members::{members, understood, whole_cluster};
use super::{certificates, init_proxies, look};
use crate::exit::CommandError;
use crate::galera::adopt;
use crate::galera::adopt::{Adopted, Authority, ProxyHost};
use crate::galera::judge::Basis;
use crate::galera::observe;
use crate::galera::plan;
use crate::galera::plan::NoPlan;
use crate::kernel;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{Address, Secrets};

/// Scans the cluster and describes it, with the proxies that were named.
pub async fn describe(
    hosts: &[Address],
    proxies: &[Address],
    place: &Place<'_>,
) -> Result<Found, CommandError> {
    let look = whole_cluster(hosts, place.ssh, place.base).await?;
    let proxies = init_proxies::look_at(proxies, place.ssh, place.base).await?;
    let proxies: Vec<_> = proxies.iter().map(|(reached_at, facts)| ProxyHost { reached_at, facts }).collect();
    proved(adopt::adopt(members(&look)?, &proxies, place.ssh), place.base, place.invocation).await
}

/// Scans once more with the new inventory itself, and tells what a plan would do.
async fn proved(adopted: Adopted, base: &Path, invocation: &Invocation) -> Result<Found, CommandError> {
    let Adopted { text, mut notes, authority } = adopted;
    let mut inventory = understood(&text, "what was found")?;
    // What is missing of them here, the notes say.
    certificates::read(&mut inventory, base);
    if let (Some(tls), Some(authority)) = (&mut inventory.tls, &authority) {
        tls.material.ca = Some(authority.pem.clone());
    }
    let fleet = look::connect(inventory.hosts(), base).await?;
    let reports = observe::ask(&inventory, &fleet).await;
    fleet.close().await;
    let mut secrets = Secrets::default();
    reports.complete(&inventory, &mut secrets);
    let observation = reports.observation(&secrets);
    let (renderer, _) = Galera::renderer(None)?;
    let basis = Basis { inventory: &inventory, observation: &observation, renderer: &renderer };
    let needed = needed(&basis, invocation)?;
    let names: Vec<_> = inventory.nodes.iter().map(|node| node.name.to_string()).collect();
    let cluster = format!("cluster `{}`: {}", inventory.cluster, names.join(", "));
    notes.extend(authority.iter().filter_map(|authority| key_elsewhere(authority, base)));
    let beside = authority.into_iter().map(|authority| (authority.file, authority.pem)).collect();
    Ok(Found { text, beside, cluster, notes, needed, plan: invocation.command("plan", &[]) })
}

/// A note where the authority's key is not here, without which no certificate can be issued.
fn key_elsewhere(authority: &Authority, base: &Path) -> Option<String> {
    let key = authority.key.as_ref().filter(|key| !base.join(key).exists())?;
    Some(format!(
        "{} belongs beside the inventory. Its key is on no node: bring {key} here, mode 600, from where the authority was made, before a certificate ends or a node joins; all else works without it",
        authority.file
    ))
}

/// What a plan would do and why, or why there would be none.
fn needed(basis: &Basis<'_>, invocation: &Invocation) -> Result<Vec<String>, CommandError> {
    let differences = plan::drifts(basis).map_err(CommandError::of)?;
    let differences = differences
        .iter()
        .filter_map(|refusal| Some(format!("{}: {}", refusal.node.as_ref()?, refusal.evidence)));
    match plan::needed(basis) {
        Ok(plan) => {
            let steps = plan.steps().map(|step| format!("{}: {}", step.id, step.why));
            Ok(differences.chain(steps).collect())
        }
        Err(NoPlan::Refused(refusals)) => {
            let refusals: Vec<_> = refusals.into_iter().map(|refusal| refusal.settled(invocation)).collect();
            Ok(kernel::plan::refusals_text(&refusals).lines().map(str::to_owned).collect())
        }
        Err(other) => Err(CommandError::error(other.to_string())),
    }
}
