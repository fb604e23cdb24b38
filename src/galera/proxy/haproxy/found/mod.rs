//! A file of HAProxy that others have written → the endpoint that it makes, and what galactl's own file would not do.
//! Pure: text in, values out.

mod door;
mod file;
mod left;
mod server;

use door::Door;
use file::Section;

pub use server::Known;

use crate::galera::endpoint::Writes;

/// The port at which the usual scripts answer a check, and galactl's, too.
const USUAL_CHECK: u16 = 9200;

/// What a file makes of the cluster.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// `None`: no part of it leads to the cluster.
    pub endpoint: Option<Doors>,
    /// What galactl's file would not do, one text for each section, without any value.
    pub left_out: Vec<String>,
}

/// The endpoint of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doors {
    pub writes: Writes,
    pub write_port: u16,
    /// `None`: it has no port for clients that only read.
    pub read_port: Option<u16>,
    /// The nodes answer another check where galactl's would.
    pub check_in_the_way: bool,
}

/// Reads a file in front of these nodes.
pub fn read(text: &str, nodes: &[Known]) -> Found {
    let sections = file::sections(text);
    let doors = Door::all(&sections);
    let ours: Vec<&Door<'_>> = doors.iter().filter(|door| door.leads_to(nodes)).collect();
    let chosen = writer(&ours, nodes).map(|writer| (writer, reader(&ours, writer, nodes)));
    let endpoint = chosen.map(|(writer, reader)| Doors {
        writes: writer.writes(nodes),
        write_port: writer.ports[0],
        read_port: reader.map(|reader| reader.ports[0]),
        check_in_the_way: in_the_way(&sections, &ours),
    });
    let chosen: Vec<_> =
        chosen.into_iter().flat_map(|(writer, reader)| [Some(writer), reader]).flatten().collect();
    Found { endpoint, left_out: left::out(&sections, &doors, &chosen, nodes) }
}

/// The part for clients that write: the one that is called so, or one that does not give them to several nodes.
fn writer<'d, 'a>(doors: &[&'d Door<'a>], nodes: &[Known]) -> Option<&'d Door<'a>> {
    let first = |is: &dyn Fn(&Door<'_>) -> bool| doors.iter().copied().find(|door| is(door));
    first(&|door| door.is_called_write())
        .or_else(|| first(&|door| !door.is_called_read() && door.writes(nodes) == Writes::Single))
        .or_else(|| first(&|door| !door.is_called_read()))
        .or_else(|| first(&|_| true))
}

/// Among the others, the part for clients that only read.
fn reader<'d, 'a>(doors: &[&'d Door<'a>], writer: &Door<'_>, nodes: &[Known]) -> Option<&'d Door<'a>> {
    let is_other = |door: &Door<'_>| !door.section.is_at(writer.section) && door.ports[0] != writer.ports[0];
    let first =
        |is: &dyn Fn(&Door<'_>) -> bool| doors.iter().copied().find(|door| is_other(door) && is(door));
    first(&|door| door.is_called_read())
        .or_else(|| first(&|door| !door.is_called_write() && door.writes(nodes) == Writes::Any))
}

/// The nodes answer another check at the port that galactl's would have.
fn in_the_way(sections: &[Section], doors: &[&Door<'_>]) -> bool {
    let asks = |section: &&Section| section.is("defaults") || doors.iter().any(|door| door.holds(section));
    let mut lines = sections.iter().filter(asks).flat_map(|section| &section.lines);
    lines.any(|line| server::value(&line.words, "port") == Some(USUAL_CHECK))
}
