//! Scanning hosts, with which every command begins that asks them.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::engine::{Engine, Mesh, Patroni};
use super::inputs::Inputs;
use crate::exit::CommandError;
use crate::galera::facts::Rates;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::inventory::Hosts;
use crate::kernel::judge::{Invocation, login};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::ui::Printer;
use crate::{mesh, patroni};

/// Long enough to tell how fast the hosts write.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Runs work on hosts to its end.
pub fn run<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::runtime::Runtime::new().context("the asynchronous runtime")?.block_on(work)
}

/// Connects to all hosts of an inventory. A host that cannot be reached is no error.
pub async fn connect(hosts: Hosts, base: &Path) -> Result<Fleet, CommandError> {
    let began = Instant::now();
    let fleet = Fleet::connect(hosts.clone(), base).await.context("the run's private directory")?;
    tell_ways(&hosts, base, &fleet, began.elapsed().as_secs_f64());
    Ok(fleet)
}

/// How each host was reached, for those who want to know.
fn tell_ways(hosts: &Hosts, base: &Path, fleet: &Fleet, seconds: f64) {
    let here = Invocation::new(&base.join("inventory"), None, Vec::new());
    for machine in hosts.iter() {
        let way = login(&hosts.files, &machine.ssh).text(&here);
        let outcome = match fleet.unreachable.get(&machine.name) {
            None => "connected".to_owned(),
            Some(why) => why.to_string(),
        };
        Printer::detail(&format!("{}: {outcome}, as by {way}", machine.name));
    }
    Printer::detail(&format!("all hosts tried within {seconds:.1} s"));
}

/// One scan of all hosts, with the change of the servers' counters in so many milliseconds.
pub fn at_all(
    inputs: &Inputs,
    milliseconds: u32,
) -> Result<(Observation, BTreeMap<NodeName, Rates>), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    run(async {
        let fleet = connect(inventory.hosts(), base).await?;
        let sample = observe::sample::ask(inventory, &fleet, milliseconds);
        let (reports, rates) = tokio::join!(observe::ask(inventory, &fleet), sample);
        fleet.close().await;
        let mut secrets = Secrets::default();
        reports.take_over(inventory, &mut secrets);
        Ok((reports.observation(&secrets), rates))
    })
}

/// Scans all hosts of a mesh.
pub fn at_all_of_mesh(inputs: &Inputs<Mesh>) -> Result<mesh::observation::Observation, CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let mut secrets = secrets_of(inputs);
    run(async {
        let fleet = connect(inventory.hosts(), base).await?;
        let observation = Mesh::first_look(inventory, &fleet, &mut secrets).await;
        fleet.close().await;
        Ok(observation)
    })
}

/// Two looks at all hosts of a mesh, between which some WAL is written.
pub fn twice_at_all_of_mesh(
    inputs: &Inputs<Mesh>,
) -> Result<(mesh::observation::Observation, mesh::observation::Observation), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let mut secrets = secrets_of(inputs);
    run(async {
        let fleet = connect(inventory.hosts(), base).await?;
        let before = Mesh::first_look(inventory, &fleet, &mut secrets).await;
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let observation = Mesh::look(inventory, &fleet, &secrets).await;
        fleet.close().await;
        Ok((before, observation))
    })
}

/// The secrets of an inventory, for a command that changes nothing: one that cannot be read is no error.
pub fn secrets_of<E: Engine>(inputs: &Inputs<E>) -> Secrets {
    E::secrets(&inputs.inventory, &inputs.base).unwrap_or_else(|why| {
        let instead = "the passwords that the hosts have are taken for the inventory's";
        Printer::remark(&format!("warning: {}; {instead}", why.message));
        Secrets::default()
    })
}

/// Scans all hosts of a cluster that Patroni keeps.
pub fn at_all_of_patroni(
    inputs: &Inputs<Patroni>,
) -> Result<patroni::observation::Observation, CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let mut secrets = secrets_of(inputs);
    run(async {
        let fleet = connect(inventory.hosts(), base).await?;
        let observation = Patroni::first_look(inventory, &fleet, &mut secrets).await;
        fleet.close().await;
        Ok(observation)
    })
}
