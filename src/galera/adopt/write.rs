//! A description → the text of an inventory, with comments.

use std::fmt::Write;

use super::encrypted::key_of;
use super::{Description, Sst};
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::writing::{ssh_section, word};
use crate::kernel::model::Address;

/// An inventory with which to look at hosts of which nothing is known; its nodes are called `host1`,
/// `host2` and so on.
pub fn provisional(hosts: &[Address], ssh: &RawSsh) -> String {
    let mut out = format!("version: 1\ncluster:\n  name: not-known-yet\n{}nodes:\n", ssh_section(ssh));
    for (index, host) in hosts.iter().enumerate() {
        let _ = writeln!(out, "  - {{name: host{}, address: {}}}", index + 1, word(&host.to_string()));
    }
    out
}

pub(super) fn text(cluster: &Description, ssh: &RawSsh) -> String {
    let mut out = format!("{HEAD}  name: {}\n\n", word(&cluster.cluster));
    out += &ssh_section(ssh);
    sst_section(&mut out, cluster);
    out += cluster.encrypted.as_ref().map_or("", |it| &it.section);
    section(
        &mut out,
        "# Server options that the nodes' own files set, on all of them alike.",
        "mysqld",
        &cluster.mysqld,
    );
    section(&mut out, "# Options of the wsrep provider.", "provider_options", &cluster.provider_options);
    section(&mut out, "# Where things are on the hosts.", "host", &cluster.host);
    out += "# In the order in which they start. The address is the one at which the nodes reach each other.\nnodes:\n";
    for node in &cluster.nodes {
        let _ = writeln!(out, "  - name: {}\n    address: {}", word(&node.name), word(&node.address));
        for (name, value) in [("ssh_address", &node.ssh_address), ("segment", &node.segment)] {
            let _ = value.as_ref().map(|value| writeln!(out, "    {name}: {}", word(value)));
        }
        if let Some(file) = &node.certificate {
            let key = word(&key_of(file));
            let _ = writeln!(out, "    tls: {{certificate: {}, key: {{file: {key}}}}}", word(file));
        }
        for (name, settings) in [("mysqld", &node.mysqld), ("provider_options", &node.provider_options)] {
            if !settings.is_empty() {
                let _ = writeln!(out, "    {name}:");
                entries(&mut out, "      ", settings);
            }
        }
    }
    if cluster.arbitrators > 0 {
        out += "\n# The cluster does not tell where its arbitrators are.\n# arbitrators:\n#   - name: arb1\n#     address: 192.0.2.20\n";
    }
    out
}

const HEAD: &str = "\
# A galactl inventory of a cluster that was there already, written by `galactl init --from`.
# It holds what the nodes' own option files say; what is galactl's default or the packages' is left out.
# Those files stay in force until something here is changed: then galactl writes one of its own.
# Editors complete and check it with the output of `galactl schema`.
version: 1

cluster:
  # The same on every node.
";

fn sst_section(out: &mut String, cluster: &Description) {
    let Sst { method, user, options } = &cluster.sst;
    let _ = writeln!(out, "# How a new node gets the data.\nsst:\n  method: {}", method.as_str());
    if let Some(user) = user {
        let _ = writeln!(
            out,
            "  # Its password stands in no inventory: it is read back from the nodes.\n  user: {}",
            word(user)
        );
    }
    if !options.is_empty() {
        out.push_str("  options:\n");
        entries(out, "    ", options);
    }
    out.push('\n');
}

fn section(out: &mut String, comment: &str, name: &str, settings: &Settings) {
    if !settings.is_empty() {
        let _ = writeln!(out, "{comment}\n{name}:");
        entries(out, "  ", settings);
        out.push('\n');
    }
}

fn entries(out: &mut String, indent: &str, settings: &Settings) {
    for (name, value) in settings {
        let _ = writeln!(out, "{indent}{name}: {}", word(value));
    }
}
