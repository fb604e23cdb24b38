//! What a file says that galactl's own would not. Only its words are named, never values: some of them are passwords.

use std::collections::BTreeSet;

use super::file::{Line, Section};
use super::listener::{Listener, binds};
use super::server::{Known, place};
use crate::kernel::inventory::text::showable;

/// The first words of lines that galactl's file has as well, or has in another form.
const ALIKE: [&str; 20] = [
    "bind",
    "server",
    "default_backend",
    "log",
    "chroot",
    "daemon",
    "user",
    "group",
    "stats socket",
    "stats timeout",
    "mode tcp",
    "option tcplog",
    "option dontlognull",
    "option clitcpka",
    "option srvtcpka",
    "option tcpka",
    "option redispatch",
    "balance leastconn",
    "description",
    "default-server",
];
/// Words that are named together with the next one, which is a word of HAProxy's and no value.
const WITH_THE_NEXT: [&str; 11] = [
    "option",
    "timeout",
    "stats",
    "balance",
    "mode",
    "http-check",
    "tcp-check",
    "tcp-request",
    "tcp-response",
    "stick",
    "hash-type",
];
/// Options of a server: how many values each has, and whether galactl's file has a similar one.
const OF_SERVER: [(&str, usize, bool); 17] = [
    ("check", 0, true),
    ("backup", 0, true),
    ("inter", 1, true),
    ("fastinter", 1, true),
    ("rise", 1, true),
    ("fall", 1, true),
    ("port", 1, true),
    ("id", 1, true),
    ("on-marked-down", 1, true),
    ("init-addr", 1, true),
    ("track", 1, true),
    ("downinter", 1, false),
    ("on-marked-up", 1, false),
    ("weight", 1, false),
    ("cookie", 1, false),
    ("maxconn", 1, false),
    ("disabled", 0, false),
];

/// One text for each section, in the order of the file. `chosen`: the parts that become the endpoint.
pub fn out(
    sections: &[Section],
    listeners: &[Listener<'_>],
    chosen: &[&Listener<'_>],
    nodes: &[Known],
) -> Vec<String> {
    let of_section = |section: &Section| match chosen.iter().find(|listener| listener.holds(section)) {
        Some(listener) => told(section, &inside(section, listener, nodes)),
        None => of_another(section, listeners, nodes),
    };
    sections.iter().filter_map(of_section).map(|text| visible(&text)).collect()
}

/// The text without characters that move a terminal's cursor or end the line of a comment.
fn visible(text: &str) -> String {
    showable(text.as_bytes()).replace('\r', "\u{fffd}")
}

/// The note about a section that is no part of the endpoint.
fn of_another(section: &Section, listeners: &[Listener<'_>], nodes: &[Known]) -> Option<String> {
    let whole = || format!("line {}, `{}`", section.head.number, section.title());
    if section.is("global") || section.is("defaults") {
        return told(section, &rest(section));
    }
    if let Some(listener) = listeners.iter().find(|listener| listener.section.is_at(section)) {
        let way = if listener.leads_to(nodes) {
            "one more way to the cluster"
        } else {
            "it does not lead to the cluster"
        };
        let ports: Vec<_> = listener.ports.iter().map(|port| format!(" at port {port}")).collect();
        return Some(format!("{}{}: {way}", whole(), ports.join(",")));
    }
    // A section that a listener leads to is part of that listener's note.
    (!listeners.iter().any(|listener| listener.holds(section))).then(whole)
}

fn told(section: &Section, words: &[String]) -> Option<String> {
    let (line, title) = (section.head.number, section.title());
    (!words.is_empty()).then(|| format!("line {line}, `{title}`: {}", words.join(", ")))
}

/// What a section of the endpoint has besides its ports and nodes.
fn inside(section: &Section, listener: &Listener<'_>, nodes: &[Known]) -> Vec<String> {
    let mut words = Vec::new();
    if listener.section.is_at(section) {
        words.extend(listener.ports.iter().skip(1).map(|port| format!("the port {port}")));
        words.extend(binds(section).flat_map(|(line, text)| of_bind(line, text)));
    }
    let other_servers = listener
        .other_servers(nodes)
        .filter(|server| section.lines.iter().any(|it| it.number == server.line.number));
    words.extend(
        other_servers.map(|it| format!("the server `{}`, which is no node of the cluster", it.line.word(1))),
    );
    words.extend(rest(section));
    for line in section.all("server").chain(section.all("default-server")) {
        words.extend(of_server(line).map(|word| format!("{word} of a server")));
    }
    words.sort();
    words.dedup();
    words
}

/// The address at which a line `bind` listens, where it is not every address, and the line's first option.
fn of_bind(line: &Line, text: &str) -> impl Iterator<Item = String> {
    let address = place(text).map(|(address, _)| address);
    let place = match address.as_deref() {
        None => Some("a socket".into()),
        Some("" | "*" | "0.0.0.0" | "::") => None,
        Some(address) => Some(format!(
            "the address {address} alone (galactl's proxy listens at every address; `virtual_address` is one that proxies share)"
        )),
    };
    let option = line.words.iter().skip_while(|word| !word.contains(text)).nth(1);
    place.into_iter().chain(option.map(|option| format!("bind {option}")))
}

/// The lines that galactl's file does not have, by their first words, each once.
fn rest(section: &Section) -> Vec<String> {
    let word = |line: &Line| {
        let (first, both) = (line.word(0), format!("{} {}", line.word(0), line.word(1)));
        let both = both.trim_end();
        let alike = ALIKE.contains(&first) || ALIKE.contains(&both);
        (!alike).then(|| if WITH_THE_NEXT.contains(&first) { both } else { first }.to_owned())
    };
    let words: BTreeSet<String> = section.lines.iter().filter_map(word).collect();
    words.into_iter().collect()
}

/// The options of a line `server` or `default-server` that galactl's file does not have.
fn of_server(line: &Line) -> impl Iterator<Item = String> {
    let from = if line.word(0) == "server" { 3 } else { 1 };
    let mut words = line.words.iter().skip(from);
    let mut left = Vec::new();
    while let Some(word) = words.next() {
        let known = OF_SERVER.iter().find(|(name, ..)| name == word);
        if known.is_none_or(|(.., alike)| !alike) {
            left.push(word.clone());
        }
        match known {
            Some((_, values, _)) => {
                let _ = words.by_ref().take(*values).count();
            }
            // How many values it has is not known: the rest may be values.
            None => break,
        }
    }
    left.into_iter()
}
