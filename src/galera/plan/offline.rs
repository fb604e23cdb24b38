//! The plan of a bootstrap for hosts that cannot be asked, for review where they cannot be reached.

use super::{NoPlan, Plan, bootstrap, roles};
use crate::galera::config::Renderer;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::judge::wanted::provider_candidates;
use crate::galera::observation::Observation;
use crate::kernel::facts::{Report, Seen};
use crate::kernel::model::Secrets;

/// What a fresh host would tell. Debian 12's series decides nothing but which options are known and
/// what a privilege is called.
const INSTALLED: &str = "@server\n|mariadbd  Ver 10.11.0-MariaDB\n@unit\n|LoadState=loaded\n|ActiveState=inactive\n|UnitFileState=enabled\n@tools\n|mariabackup\n|mbstream\n|openssl\n|socat\n|rsync\n|stunnel\n@paths\n|datadir=/var/lib/mysql\n|initialised=yes\n|free=999999999999999\n@directories\n|0\tmysql\n";
const BARE: &str = "@unit\n|LoadState=not-found\n|ActiveState=inactive\n@paths\n|datadir=/var/lib/mysql\n|free=999999999999999\n";
const DEBIAN: &str = "@os\n|ID=debian\n@candidate\n|10.11.0\n";

const ASSUMED: &str = "assumed: fresh, MariaDB installed and stopped, no data, no cluster";
const ASSUMED_BARE: &str = "assumed: fresh, nothing installed, no data, no cluster";

/// Plans the bootstrap of hosts that are assumed to be fresh. The plan says so, rests on no fact,
/// and cannot be applied.
///
/// Errors: what is wrong with the inventory alone, or a template that does not render.
pub fn bootstrap_offline(inventory: &Inventory, renderer: &Renderer) -> Result<Plan, NoPlan> {
    let seen = match fresh(inventory) {
        Ok(facts) => Seen::Facts(Box::new(facts)),
        Err(why) => Seen::Unreachable(why.into()),
    };
    let nodes = inventory.nodes.iter().map(|node| (node.name.clone(), seen.clone()));
    let mut observation = Observation { nodes: nodes.collect(), ..Observation::default() };
    roles::assume_fresh(inventory, &mut observation);
    let mut plan = bootstrap(&Basis { inventory, observation: &observation, renderer })?;
    for situation in &mut plan.situation {
        let node = if inventory.install { ASSUMED_BARE } else { ASSUMED };
        roles::assumed(&situation.role, inventory).unwrap_or(node).clone_into(&mut situation.seen);
    }
    plan.consequences.clear();
    plan.warnings
        .insert(0, "made offline: no host was asked, so nothing is known of data that is there".into());
    if inventory.tls.is_some() {
        let untold = "each member gets its certificate before it starts, which is not shown here: what hosts have is not known";
        plan.warnings.push(untold.into());
    }
    plan.rests_on.clear();
    plan.offline = true;
    Ok(plan)
}

/// The paths are the inventory's, where it has any: an expectation cannot be wrong yet.
fn fresh(inventory: &Inventory) -> Result<HostFacts, String> {
    let server = if inventory.install { BARE } else { INSTALLED };
    let provider = provider_candidates(inventory)[0];
    let report = format!("{DEBIAN}{server}@providers\n|{provider}\n@end\n");
    let report = Report::parse(&report).map_err(|error| error.to_string())?;
    let mut facts = HostFacts::read(&report, &Secrets::default()).map_err(|error| error.to_string())?;
    facts.datadir.path = inventory.host.datadir.clone().unwrap_or(facts.datadir.path);
    facts.socket = inventory.host.socket.clone().unwrap_or(facts.socket);
    Ok(facts)
}
