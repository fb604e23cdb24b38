//! PostgreSQL with Patroni: the inventory, and the files that are made of it.

mod adopt;
mod day_two;
mod doctor;
mod endpoint;
mod explain;
mod failover;
mod files;
mod guards;
mod inventory;
mod lines;
mod nodes;
mod on_this_machine;
mod recovery;
mod recovery_plans;
mod seed;
mod status;
mod watch;
mod world;

use galactl::kernel::model::ServerVersion;
use galactl::patroni::inventory::{Inventory, parse};
use galactl::patroni::model::{Major, Software};

const NODES: &str = "nodes:
  - {name: pg1, address: 10.0.0.11}
  - {name: pg2, address: 10.0.0.12}
  - {name: pg3, address: 10.0.0.13}
";

fn inventory_of(text: &str) -> Inventory {
    let (inventory, _) = parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{text}\n{notes:#?}"));
    inventory
}

/// An inventory with these sections, and three nodes.
fn with(sections: &str) -> Inventory {
    inventory_of(&format!("version: 1\nengine: patroni\ncluster: {{name: shop}}\n{sections}\n{NODES}"))
}

fn version(text: &str) -> ServerVersion {
    text.parse().unwrap()
}

/// What Debian's packages are.
fn debian(release: u16) -> Software {
    let (patroni, etcd) = if release == 12 { ("3.0.2", "3.4.23") } else { ("4.0.7", "3.5.16") };
    Software {
        debian: release,
        patroni: version(patroni),
        etcd: Some(version(etcd)),
        postgresql: Major::of_debian(release).unwrap(),
        founded: None,
    }
}
