//! A description → the text of an inventory, with comments.

use std::fmt::Write;

use super::store::{Described as Etcd, endpoints_in};
use super::{Described, Description};
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::writing::{ssh_section, word};
use crate::kernel::model::Address;
use crate::patroni::config::FoundFile;
use crate::patroni::inventory::SyncMode;
use crate::patroni::model::{POSTGRESQL_PORT, Timing};

const BEGINNING: &str = "version: 1\nengine: patroni\ncluster:\n  name: ";

/// An inventory with which to look at hosts of which nothing is known; its nodes are called `host1`, `host2` and so on.
pub fn provisional(hosts: &[Address], ssh: &RawSsh) -> String {
    let mut out = format!("{BEGINNING}not-known-yet\n{}nodes:\n", ssh_section(ssh));
    for (index, host) in hosts.iter().enumerate() {
        // etcd listens at IP addresses only, and nobody sets one up here.
        let _ = writeln!(out, "  - {{name: host{}, address: {}}}", index + 1, word(&host.to_string()));
    }
    out + "etcd: {endpoints: ['127.0.0.1:2379']}\n"
}

/// An inventory with which to ask hosts whose files are known: servers, Patroni and etcd. `stores`: machines that may
/// have etcd alone, called `store1` and so on.
pub fn to_look_at(hosts: &[(&Address, &FoundFile)], stores: &[Address], ssh: &RawSsh) -> String {
    let first = hosts[0].1;
    let port = first.server.as_ref().map_or(POSTGRESQL_PORT, |(_, port)| *port);
    let mut out = format!("{BEGINNING}{}\n{}", word(&first.scope), ssh_section(ssh));
    let _ = writeln!(out, "postgresql: {{port: {port}}}\nsynchronous: {{mode: off}}\nnodes:");
    for (index, (reached_at, file)) in hosts.iter().enumerate() {
        let own = file.server.as_ref().map_or_else(|| reached_at.to_string(), |(address, _)| address.clone());
        let (address, ssh_address) = (word(&own), word(&reached_at.to_string()));
        let _ =
            writeln!(out, "  - {{name: host{}, address: {address}, ssh_address: {ssh_address}}}", index + 1);
    }
    if stores.is_empty() {
        let endpoints = endpoints_in(hosts.iter().map(|(_, file)| *file));
        let endpoints: Vec<_> = endpoints.iter().map(|it| word_in_list(it)).collect();
        let _ = writeln!(out, "etcd: {{endpoints: [{}]}}", endpoints.join(", "));
        return out;
    }
    out += "etcd_hosts:\n";
    for (index, store) in stores.iter().enumerate() {
        let _ = writeln!(out, "  - {{name: store{}, address: {}}}", index + 1, word(&store.to_string()));
    }
    out
}

/// Between brackets, a bare word with a colon could be a key.
fn word_in_list(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn text(cluster: &Description, ssh: &RawSsh) -> String {
    let mut out = format!("{HEAD}  name: {}\n\n", word(&cluster.cluster));
    out += &ssh_section(ssh);
    out += PASSWORDS;
    if cluster.port != POSTGRESQL_PORT || !cluster.settings.is_empty() {
        out += "# What all servers have in common.\npostgresql:\n";
        if cluster.port != POSTGRESQL_PORT {
            let _ = writeln!(out, "  port: {}", cluster.port);
        }
        settings(&mut out, "  ", &cluster.settings);
        out.push('\n');
    }
    if !cluster.clients.is_empty() {
        let clients: Vec<_> = cluster.clients.iter().map(|it| word_in_list(&it.to_string())).collect();
        let _ = writeln!(
            out,
            "# From where everybody may connect to every database with a password (SCRAM).\nclients: [{}]\n",
            clients.join(", ")
        );
    }
    let _ = writeln!(out, "# Whom a commit waits for.\nsynchronous:\n  mode: {}", cluster.mode.as_str());
    if cluster.mode != SyncMode::Off && cluster.synchronous_nodes > 1 {
        let _ = writeln!(out, "  nodes: {}", cluster.synchronous_nodes);
    }
    let timing = match cluster.timing {
        Timing::Default => "default",
        Timing::Fast => "fast",
    };
    let _ = writeln!(out, "\n# How soon a lost leader is followed.\nfailover: {timing}\n");
    etcd(&mut out, &cluster.etcd);
    out += "# The address is the one at which the nodes reach each other.\nnodes:\n";
    for node in &cluster.nodes {
        self::node(&mut out, node);
    }
    etcd_hosts(&mut out, &cluster.etcd);
    out
}

const HEAD: &str = "\
# A galactl inventory of a PostgreSQL cluster that was there already, written by `galactl init --from`.
# It holds what Patroni's files and its dynamic configuration say; what is galactl's default is left out.
# Those files stay in force until `galactl apply-config` puts galactl's own in their place.
# Editors complete and check it with the output of `galactl schema`.
version: 1
engine: patroni

cluster:
  # Patroni's scope.
";

const PASSWORDS: &str = "\
# No password stands here. galactl reads those of postgres, replicator and rewind_user from /etc/patroni/config.yml on
# the nodes. To keep them elsewhere, name the place under `secrets`: {env: NAME}, {file: PATH} or {command: [PROGRAM]}.

";

fn etcd(out: &mut String, etcd: &Etcd) {
    match etcd {
        Etcd::Existing(endpoints) => {
            let endpoints: Vec<_> = endpoints.iter().map(|it| word_in_list(it)).collect();
            let _ = writeln!(
                out,
                "# galactl asks this etcd and leaves it alone: it neither starts, stops nor changes it.\netcd:\n  endpoints: [{}]\n",
                endpoints.join(", ")
            );
        }
        Etcd::Members { listed: Some(names), .. } => {
            let names: Vec<_> = names.iter().map(|it| word_in_list(it)).collect();
            let _ = writeln!(out, "etcd:\n  members: [{}]\n", names.join(", "));
        }
        Etcd::Members { listed: None, .. } => {}
    }
}

fn etcd_hosts(out: &mut String, etcd: &Etcd) {
    let Etcd::Members { hosts, .. } = etcd else { return };
    if hosts.is_empty() {
        return;
    }
    out.push_str("\n# Machines that have etcd and no data.\netcd_hosts:\n");
    for host in hosts {
        let _ = writeln!(out, "  - name: {}\n    address: {}", word(&host.name), word(&host.address));
        let _ = host.ssh_address.as_ref().map(|it| writeln!(out, "    ssh_address: {}", word(it)));
    }
}

fn node(out: &mut String, node: &Described) {
    let _ = writeln!(out, "  - name: {}\n    address: {}", word(&node.name), word(&node.address));
    let _ = node.ssh_address.as_ref().map(|it| writeln!(out, "    ssh_address: {}", word(it)));
    if !node.tags.is_empty() {
        out.push_str("    tags:\n");
        for (name, value) in &node.tags {
            let _ = writeln!(out, "      {name}: {value}");
        }
    }
    if !node.settings.is_empty() {
        out.push_str("    postgresql:\n");
        settings(out, "      ", &node.settings);
    }
}

fn settings(out: &mut String, indent: &str, settings: &Settings) {
    if settings.is_empty() {
        return;
    }
    let _ = writeln!(out, "{indent}settings:");
    for (name, value) in settings {
        let _ = writeln!(out, "{indent}  {}: {}", word(name), word(value));
    }
}
