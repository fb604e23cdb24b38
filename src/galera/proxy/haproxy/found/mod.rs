//! A file of HAProxy that others have written → the endpoint that it makes, and what galactl's own file would not do.
//! Pure: text in, values out.

mod file;
mod left;
mod listener;
mod server;

use file::{Line, Section};
use listener::Listener;

use server::Server;

pub use server::Known;

use super::settings::NODE_BACKEND;

use crate::galera::endpoint::Writes;

/// The port at which the usual scripts answer a check, and galactl's, too.
const USUAL_CHECK: u16 = 9200;

/// What a file says about the cluster.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// `None`: no part of it leads to the cluster.
    pub endpoint: Option<FoundEndpoint>,
    /// What galactl's file would not do, one text for each section, without any value.
    pub left_out: Vec<String>,
}

/// The endpoint of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEndpoint {
    pub writes: Writes,
    pub write_port: u16,
    /// `None`: it has no port for clients that only read.
    pub read_port: Option<u16>,
    /// The port at which the nodes are asked, known from a file that galactl wrote. Never 0.
    pub health_port: Option<u16>,
    /// The nodes answer another check at galactl's usual health port.
    pub check_in_the_way: bool,
}

/// Reads a file in front of these nodes.
pub fn read(text: &str, nodes: &[Known]) -> Found {
    let sections = file::sections(text);
    let listeners = Listener::all(&sections);
    let ours: Vec<&Listener<'_>> = listeners.iter().filter(|listener| listener.leads_to(nodes)).collect();
    let chosen = writer(&ours, nodes).map(|writer| (writer, reader(&ours, writer, nodes)));
    let endpoint = chosen.map(|(writer, reader)| FoundEndpoint {
        writes: writer.writes(nodes),
        write_port: writer.ports[0],
        read_port: reader.map(|reader| reader.ports[0]),
        health_port: health_port(&sections, nodes),
        check_in_the_way: in_the_way(&sections, &ours),
    });
    let chosen: Vec<_> =
        chosen.into_iter().flat_map(|(writer, reader)| [Some(writer), reader]).flatten().collect();
    Found { endpoint, left_out: left::out(&sections, &listeners, &chosen, nodes) }
}

/// The section for clients that write: the one with such a name, else one that sends them to a single node, else any
/// other.
fn writer<'l, 'a>(listeners: &[&'l Listener<'a>], nodes: &[Known]) -> Option<&'l Listener<'a>> {
    let first = |is: &dyn Fn(&Listener<'_>) -> bool| listeners.iter().copied().find(|listener| is(listener));
    first(&|listener| listener.is_called_write())
        .or_else(|| first(&|listener| !listener.is_called_read() && listener.writes(nodes) == Writes::Single))
        .or_else(|| first(&|listener| !listener.is_called_read()))
        .or_else(|| first(&|_| true))
}

/// Among the others, the part for clients that only read.
fn reader<'l, 'a>(
    listeners: &[&'l Listener<'a>],
    writer: &Listener<'_>,
    nodes: &[Known],
) -> Option<&'l Listener<'a>> {
    let is_other = |listener: &Listener<'_>| {
        !listener.section.is_at(writer.section) && listener.ports[0] != writer.ports[0]
    };
    let first = |is: &dyn Fn(&Listener<'_>) -> bool| {
        listeners.iter().copied().find(|listener| is_other(listener) && is(listener))
    };
    first(&|listener| listener.is_called_read())
        .or_else(|| first(&|listener| !listener.is_called_write() && listener.writes(nodes) == Writes::Any))
}

/// The port at which galactl's own file asks the nodes.
fn health_port(sections: &[Section], nodes: &[Known]) -> Option<u16> {
    let own = sections.iter().filter(|it| it.is("backend") && it.name().starts_with(NODE_BACKEND));
    let mut lines = own.flat_map(|section| section.all("server"));
    // Each server has a port of its own, so the port of the client does not matter: it is 0 here.
    let asked = |line: &Line| Server::read(line).is_some_and(|server| server.is_one_of(nodes, 0));
    let port = |line: &Line| server::value(&line.words, "port").filter(|port| *port != 0 && asked(line));
    lines.find_map(port)
}

/// True where the nodes answer another check at galactl's usual health port.
fn in_the_way(sections: &[Section], listeners: &[&Listener<'_>]) -> bool {
    let asks = |section: &&Section| {
        section.is("defaults") || listeners.iter().any(|listener| listener.holds(section))
    };
    let mut lines = sections.iter().filter(asks).flat_map(|section| &section.lines);
    lines.any(|line| server::value(&line.words, "port") == Some(USUAL_CHECK))
}
