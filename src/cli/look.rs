//! Looking at hosts, as every command begins that asks them.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use anyhow::Context as _;

use super::inputs::Inputs;
use crate::exit::CommandError;
use crate::galera::facts::Rates;
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;

/// What is done on hosts, to its end.
pub fn run<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::runtime::Runtime::new().context("the asynchronous runtime")?.block_on(work)
}

/// Connects to all hosts of an inventory. A host that cannot be reached is no error.
pub async fn connect(inventory: &Inventory, base: &Path) -> Result<Fleet, CommandError> {
    Ok(Fleet::connect(inventory.hosts(), base).await.context("the run's private directory")?)
}

/// One look at all hosts, with what the servers' counters did in so many milliseconds.
pub fn at_all(
    inputs: &Inputs,
    milliseconds: u32,
) -> Result<(Observation, BTreeMap<NodeName, Rates>), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    run(async {
        let fleet = connect(inventory, base).await?;
        let sample = observe::sample::ask(inventory, &fleet, milliseconds);
        let (reports, rates) = tokio::join!(observe::ask(inventory, &fleet), sample);
        fleet.close().await;
        let mut secrets = Secrets::default();
        reports.complete(inventory, &mut secrets);
        Ok((reports.observation(&secrets), rates))
    })
}
