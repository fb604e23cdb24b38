//! Who may connect to PostgreSQL: the lines of pg_hba.conf, the first that fits counts.

use crate::kernel::model::Address;
use crate::patroni::inventory::Inventory;
use crate::patroni::model::{Account, Network};

/// The lines for every node of a cluster. They are one for all, because each may become the leader.
pub fn lines(inventory: &Inventory) -> Vec<String> {
    let mut lines = vec![format!("local all {} peer", Account::Superuser.user())];
    // Patroni asks its own server for the timeline through a connection for replication.
    lines.extend(["127.0.0.1/32", "::1/128"].map(replication));
    for node in &inventory.nodes {
        let address = of_host(&node.address);
        lines.push(replication(&address));
        // pg_rewind reads the leader's files through an SQL connection to the database `postgres`.
        lines.push(host("postgres", Account::Rewind.user(), &address));
        lines.push(host("all", Account::Superuser.user(), &address));
    }
    // A password of these accounts is worth nothing elsewhere, not even in the networks of clients.
    let own = Account::ALL.map(Account::user).join(",");
    lines.push(format!("host all {own} all reject"));
    lines.extend(inventory.clients.iter().map(|network| host("all", "all", &network.to_string())));
    lines
}

fn replication(address: &str) -> String {
    host("replication", Account::Replication.user(), address)
}

fn host(database: &str, user: &str, address: &str) -> String {
    format!("host {database} {user} {address} scram-sha-256")
}

/// A host name stands there as it is: PostgreSQL looks it up. Between quotes, its own words for many addresses are names.
fn of_host(address: &Address) -> String {
    match address {
        Address::Ip(ip) => Network::of_host(*ip).to_string(),
        Address::Host(name) if ["all", "samehost", "samenet"].contains(&name.as_str()) => {
            format!("\"{name}\"")
        }
        Address::Host(name) => name.clone(),
    }
}
