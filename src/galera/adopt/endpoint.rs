//! Proxies that others have set up in front of the cluster → the sections `endpoint` and `proxies`.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Member, address, in_effect};
use crate::galera::endpoint::Writes;
use crate::galera::inventory::is_a_nodes;
use crate::galera::proxy::Kind;
use crate::galera::proxy::facts::ProxyFacts;
use crate::galera::proxy::haproxy::found::{self, Found, FoundEndpoint, Known};
use crate::galera::proxy::haproxy::settings::FILE;
use crate::kernel::inventory::writing::word;
use crate::kernel::model::{Address, NodeName};

/// The port of galactl's health unit where another check has the usual one.
const OTHER_HEALTH_PORT: u16 = 9300;
/// The usual ports: of the server and of the endpoint.
const SERVER_PORT: u16 = 3306;
const READ_PORT: u16 = 3307;

/// The host of a proxy in front of the cluster.
#[derive(Debug, Clone, Copy)]
pub struct ProxyHost<'a> {
    pub reached_at: &'a Address,
    pub facts: &'a ProxyFacts,
}

/// The text of the two sections, and notes about what they leave out. Both are empty where no proxy was named.
pub(super) fn describe(members: &[Member<'_>], proxies: &[ProxyHost<'_>]) -> (String, Vec<String>) {
    let (mut notes, mut first, mut list) = (Vec::new(), None::<(String, FoundEndpoint)>, String::new());
    let mut taken: BTreeSet<String> =
        members.iter().map(|member| in_effect(member, "wsrep_node_name")).collect();
    for proxy in proxies {
        if let Some(member) = members.iter().find(|member| is_host_of(proxy, member)) {
            notes.push(on_a_node(proxy, member));
            continue;
        }
        let name = name(proxy, &mut taken);
        let address = word(&proxy.reached_at.to_string());
        let _ = writeln!(list, "  - name: {}\n    address: {address}", word(&name));
        let nodes: Vec<Known> = members.iter().map(|member| known(member, members, proxy)).collect();
        match (read(proxy, &nodes, &name, &mut notes), &first) {
            (Some(endpoint), None) => first = Some((name, endpoint)),
            (Some(endpoint), Some((other, known))) if endpoint != *known => notes.push(format!(
                "{name}: its ports or its way of writing differ from those of {other}, which are taken"
            )),
            _ => {}
        }
    }
    if list.is_empty() {
        return (String::new(), notes);
    }
    let mut out = String::from("\n# What applications connect to.\nendpoint:\n");
    out += &section(first.map(|(_, endpoint)| endpoint), members);
    for note in &notes {
        let _ = writeln!(out, "# {note}");
    }
    (out + "proxies:\n" + &list, notes)
}

fn is_host_of(proxy: &ProxyHost<'_>, member: &Member<'_>) -> bool {
    proxy.reached_at == member.reached_at || proxy.facts.program.machine.is_same_as(&member.facts.machine)
}

fn on_a_node(proxy: &ProxyHost<'_>, member: &Member<'_>) -> String {
    let node = in_effect(member, "wsrep_node_name");
    format!(
        "{} is the host of the data node {node}, where galactl sets up no proxy: it is left out. A proxy needs a host of its own, or that of an arbitrator",
        proxy.reached_at
    )
}

/// The endpoint that a proxy's file makes for the cluster.
fn read(
    proxy: &ProxyHost<'_>,
    nodes: &[Known],
    name: &str,
    notes: &mut Vec<String>,
) -> Option<FoundEndpoint> {
    let Some(there) =
        proxy.facts.program.file("config").filter(|_| !proxy.facts.program.is_pristine("config"))
    else {
        notes.push(format!("{name}: HAProxy has no file of anybody there; galactl writes one"));
        return None;
    };
    let Found { endpoint, left_out } = found::read(&there.text, nodes);
    if endpoint.is_none() {
        notes.push(format!("{name}: nothing in {FILE} leads to the nodes of this cluster"));
    }
    if proxy.facts.program.anothers().is_some() {
        notes.extend(left_out.iter().map(|left| format!("{name}: not carried over from {FILE}: {left}")));
        notes.push(way_on(name));
    }
    endpoint
}

/// What the user has to do so that galactl writes the proxy's file.
fn way_on(name: &str) -> String {
    format!(
        "{name}: galactl does not replace {FILE}, which somebody else has written. When galactl's may take its place, on {name}: sudo mv {FILE} {FILE}.before-galactl; then galactl apply-config"
    )
}

/// The lines of the section `endpoint`.
fn section(endpoint: Option<FoundEndpoint>, members: &[Member<'_>]) -> String {
    let Some(endpoint) = endpoint else { return "  writes: single\n".into() };
    let FoundEndpoint { writes, write_port, read_port, health_port, check_in_the_way } = endpoint;
    let writes = match writes {
        Writes::Single => "single",
        Writes::Any => "any",
    };
    let mut out = format!("  writes: {writes}\n  write_port: {write_port}\n");
    let _ = match read_port {
        Some(port) => writeln!(out, "  read_port: {port}"),
        None => {
            let port = if write_port == READ_PORT { SERVER_PORT } else { READ_PORT };
            writeln!(out, "  # It had no port for clients that only read.\n  read_port: {port}")
        }
    };
    if let Some(port) = health_port.filter(|port| !is_a_nodes(*port, members.iter().map(client_port))) {
        let _ = writeln!(out, "  health_port: {port}");
    } else if check_in_the_way {
        out += "  # The nodes answer another check at 9200.\n";
        let _ = writeln!(out, "  health_port: {OTHER_HEALTH_PORT}");
    }
    out
}

/// A node, with all names that a proxy's file may have for it. The address of a bridge such as docker0 is the same on
/// many hosts, and is left out.
fn known(member: &Member<'_>, members: &[Member<'_>], proxy: &ProxyHost<'_>) -> Known {
    let others = members.iter().filter(|other| other.reached_at != member.reached_at);
    let machines = others.map(|other| &other.facts.machine).chain([&proxy.facts.program.machine]);
    let alike: BTreeSet<_> = machines.flat_map(|machine| &machine.addresses).collect();
    let own = member.facts.machine.addresses.iter();
    let own = own.filter(|address| !address.is_loopback() && !alike.contains(address));
    let names = [in_effect(member, "wsrep_node_name"), member.reached_at.to_string(), address(member)];
    let places = own.map(ToString::to_string).chain(names).filter(|place| !place.is_empty());
    Known { places: places.map(|place| place.to_ascii_lowercase()).collect(), port: client_port(member) }
}

fn client_port(member: &Member<'_>) -> u16 {
    in_effect(member, "port").parse().unwrap_or(SERVER_PORT)
}

/// The proxy's name: the first part of its host's name, or `lb1` and so on where that is no name or is taken.
fn name(proxy: &ProxyHost<'_>, taken: &mut BTreeSet<String>) -> String {
    let own = match proxy.reached_at {
        Address::Host(name) => name.split('.').next().map(str::to_owned),
        Address::Ip(_) => None,
    };
    let numbered = (1..).map(|number| format!("lb{number}"));
    let mut names = own.into_iter().chain(numbered);
    let fits = |name: &String| name.parse::<NodeName>().is_ok() && !taken.contains(name);
    let name = names.find(fits).unwrap_or_else(|| Kind::Haproxy.name().to_owned());
    taken.insert(name.clone());
    name
}
