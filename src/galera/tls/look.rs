//! Scanning a member's certificates.

use super::settings::{self, Paths};
use super::{LOADED, Tls};
use crate::galera::garbd;
use crate::galera::inventory::{Arbitrator, Inventory, Node};
use crate::galera::model::Service;
use crate::galera::tls::Clients;

/// The script.
pub const SCRIPT: &str =
    concat!(include_str!("socket.sh"), include_str!("certificates.sh"), include_str!("look.sh"));

/// What it is called with on a data node's host. `ask`: look at what is served, too.
pub fn of_node(inventory: &Inventory, tls: &Tls, node: &Node, ask: bool) -> Vec<String> {
    let at = |port: u16| format!("{}:{port}", node.address.in_url());
    let unit = inventory.host.unit.as_str();
    let clients = tls.clients != Clients::Off;
    arguments(unit, settings::NODE, &at(node.port(Service::GroupCommunication)), clients, ask)
}

/// The same on an arbitrator's host, where no client comes.
pub fn of_arbitrator(arbitrator: &Arbitrator, ask: bool) -> Vec<String> {
    let port = Service::GroupCommunication.usual_port();
    let group = format!("{}:{port}", arbitrator.address.in_url());
    arguments(garbd::UNIT, settings::ARBITRATOR, &group, false, ask)
}

fn arguments(unit: &str, paths: Paths, group: &str, clients: bool, ask: bool) -> Vec<String> {
    let ask = if ask { "ask" } else { "" };
    let clients = if clients { "clients" } else { "" };
    let words = [unit, paths.ca, paths.pair, LOADED, group, clients, ask];
    words.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    const SHOW: &str = concat!(include_str!("certificates.sh"), "certificates");

    #[test]
    fn a_key_is_not_shown_where_a_certificate_before_it_is_cut_off() {
        let block =
            |kind: &str, text: &str| format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n");
        let (first, last) = (block("CERTIFICATE", "first"), block("CERTIFICATE", "last"));
        let keys = block("PRIVATE KEY", "secret") + &block("EC PRIVATE KEY", "secret");
        let file = format!("{first}{keys}-----BEGIN CERTIFICATE-----\ncut off\n{keys}secret\n{last}secret\n");
        let mut shell = Command::new("sh")
            .args(["-c", SHOW])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
        let said = String::from_utf8(shell.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(said, format!("{first}-----BEGIN CERTIFICATE-----\ncut off\n{last}"));
    }
}
