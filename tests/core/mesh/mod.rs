//! A mesh of PostgreSQL servers: the inventory, the files that are made of it, the plans and the status.

mod doctor;
mod facts;
mod guards;
mod inventory;
mod leaving;
mod lines;
mod lint;
mod plans;
mod properties;
mod rendered;
mod reports;
mod status;
mod world;

use galactl::mesh::inventory::{Inventory, parse};

const NODES: &str = "nodes:
  - {name: pg1, address: 10.0.0.11}
  - {name: pg2, address: 10.0.0.12}
  - {name: pg3, address: 10.0.0.13}
";

fn inventory_of(text: &str) -> Inventory {
    let (inventory, _) = parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{text}\n{notes:#?}"));
    inventory
}

/// An inventory with these sections, one database and three nodes.
fn with(sections: &str) -> Inventory {
    inventory_of(&format!(
        "version: 1\nengine: postgresql-mesh\ncluster: {{name: shop}}\ndatabases: [{{name: shop}}]\n{sections}\n{NODES}"
    ))
}
