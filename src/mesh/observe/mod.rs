//! Hosts → [`Observation`]: one round trip a host, all hosts at once, nothing changed.

mod schema;
pub mod transaction;
mod trial;
pub mod watch;

use std::time::Duration;

use super::config::password_in;
use super::facts::HostFacts;
use super::inventory::{Inventory, Node};
use super::model::{MESH_PASSWORD, PASSWORD_FILE};
use super::observation::Observation;
use crate::kernel::facts::{END, HEAD, MACHINE, Report, Seen};
use crate::kernel::model::Secrets;
use crate::kernel::transport::asking::{Told, run};
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::postgresql::packages::PACKAGES;

pub use schema::schema;
pub use trial::try_merges;

/// A question to a database may wait for 30 s.
const DEADLINE: Duration = Duration::from_secs(90);
const LOOK: [&str; 7] = [
    HEAD,
    MACHINE,
    include_str!("version.sh"),
    PACKAGES,
    include_str!("of_users.sh"),
    include_str!("look.sh"),
    END,
];
const ABOUT_SERVER: &str = include_str!("server.sql");
const ABOUT_DATABASE: &str = include_str!("database.sql");

/// The raw reports of all hosts. They hold secrets in clear text and never leave this module's callers in that form.
pub struct Reports(Told);

/// Asks every host.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> Reports {
    let command = |node: &Node| (node.name.clone(), look(inventory));
    let commands: Vec<_> = inventory.nodes.iter().map(command).collect();
    Reports(run(commands, fleet).await)
}

fn look(inventory: &Inventory) -> RemoteCommand {
    let own = [inventory.port.to_string(), PASSWORD_FILE.into(), ABOUT_SERVER.into(), ABOUT_DATABASE.into()];
    let databases = inventory.databases.iter().map(|database| database.name.to_string());
    RemoteCommand::of_pieces(&LOOK, own.into_iter().chain(databases)).deadline(DEADLINE)
}

impl Reports {
    /// Adds the password where it is generated: that which the hosts have already, or a new one.
    pub fn complete(&self, secrets: &mut Secrets) {
        if secrets.get(MESH_PASSWORD).is_none() {
            let mut files = self.0.values().filter_map(|told| told.as_ref().ok()?.section("password"));
            let known = files.find_map(password_in).unwrap_or_else(crate::kernel::secrets::generate);
            secrets.insert(MESH_PASSWORD, known);
        }
    }

    /// Understands the reports; secrets in them are replaced.
    pub fn observation(&self, secrets: &Secrets) -> Observation {
        let see = |report: &Report| HostFacts::read(report, secrets);
        let nodes = self.0.iter().map(|(name, told)| {
            let facts = told.as_ref().map_err(Clone::clone);
            let facts = facts.and_then(|report| see(report).map_err(|error| error.to_string().into()));
            (name.clone(), facts.map_or_else(Seen::Unreachable, |facts| Seen::Facts(Box::new(facts))))
        });
        Observation { nodes: nodes.collect(), held_up: None, compared: None, trials: None }
    }
}
