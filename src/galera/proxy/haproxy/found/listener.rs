//! The parts of a file that take clients, and where they lead.

use super::file::{Line, Section};
use super::server::{Known, Server, place};
use crate::galera::endpoint::Writes;

/// The usual names of the section for clients that write, and of the one for those that only read.
const WRITE: [&str; 5] = ["write", "rw", "master", "primary", "single"];
const READ: [&str; 6] = ["read", "ro", "slave", "replica", "select", "secondary"];

/// A section `listen` or `frontend`, and the sections whose servers its clients reach.
pub struct Listener<'a> {
    pub section: &'a Section,
    /// The ports at which it takes clients, in the order of the file.
    pub ports: Vec<u16>,
    pub backends: Vec<&'a Section>,
    pub servers: Vec<Server<'a>>,
}

impl<'a> Listener<'a> {
    /// Every section that takes clients at a port.
    pub fn all(sections: &'a [Section]) -> Vec<Self> {
        let takes = |section: &&Section| section.is("listen") || section.is("frontend");
        sections.iter().filter(takes).map(|section| Self::of(section, sections)).collect()
    }

    fn of(section: &'a Section, sections: &'a [Section]) -> Self {
        let mut backends: Vec<&Section> = Vec::new();
        let named = ["default_backend", "use_backend"].into_iter().flat_map(|word| section.all(word));
        for line in named {
            let backend = |it: &&Section| (it.is("backend") || it.is("listen")) && it.name() == line.word(1);
            backends.extend(sections.iter().find(backend).filter(|it| !it.is_at(section)));
        }
        backends.sort_by_key(|it| it.head.number);
        backends.dedup_by_key(|it| it.head.number);
        let servers = [section].into_iter().chain(backends.iter().copied());
        let servers = servers.flat_map(|it| it.all("server")).filter_map(Server::read).collect();
        Self { section, ports: ports(section), backends, servers }
    }

    /// The section is part of it.
    pub fn holds(&self, section: &Section) -> bool {
        self.section.is_at(section) || self.backends.iter().any(|it| it.is_at(section))
    }

    fn port(&self) -> u16 {
        self.ports.first().copied().unwrap_or_default()
    }

    /// Clients get through it to nodes of the cluster.
    pub fn leads_to(&self, nodes: &[Known]) -> bool {
        !self.ports.is_empty() && self.servers.iter().any(|it| it.is_one_of(nodes, self.port()))
    }

    /// The servers that are none of the cluster's nodes.
    pub fn other_servers(&self, nodes: &[Known]) -> impl Iterator<Item = &Server<'a>> {
        self.servers.iter().filter(|it| !it.is_one_of(nodes, self.port()))
    }

    /// Whether one node takes its clients, and others stand by.
    pub fn writes(&self, nodes: &[Known]) -> Writes {
        let active = |it: &&Server<'_>| it.is_one_of(nodes, self.port()) && !it.stands_by();
        match self.servers.iter().filter(active).count() {
            0 | 1 => Writes::Single,
            _ => Writes::Any,
        }
    }

    /// By its name or that of where it leads, it is for clients that write.
    pub fn is_called_write(&self) -> bool {
        self.is_called(&WRITE) && !self.is_called(&READ)
    }

    pub fn is_called_read(&self) -> bool {
        self.is_called(&READ) && !self.is_called(&WRITE)
    }

    fn is_called(&self, words: &[&str]) -> bool {
        let sections = [self.section].into_iter().chain(self.backends.iter().copied());
        let mut parts = sections.flat_map(|it| it.name().split(|c: char| !c.is_alphanumeric()));
        // A name of two letters counts as a whole word only.
        let is = |part: &str, word: &str| part == word || word.len() > 2 && part.contains(word);
        parts.any(|part| words.iter().any(|word| is(&part.to_ascii_lowercase(), word)))
    }
}

/// The places at which a section takes clients: `bind A:1,B:2 …`, or behind the name of an old `listen`.
pub fn binds(section: &Section) -> impl Iterator<Item = (&Line, &str)> {
    let head = Some(&section.head).filter(|line| line.word(2).contains(':'));
    let head = head.into_iter().map(|line| (line, line.word(2)));
    let binds = head.chain(section.all("bind").map(|line| (line, line.word(1))));
    binds.flat_map(|(line, places)| places.split(',').map(move |place| (line, place)))
}

/// The ports of these places; of a range, the first one.
fn ports(section: &Section) -> Vec<u16> {
    let port = |(_, text): (&Line, &str)| place(text.split_once('-').map_or(text, |(first, _)| first))?.1;
    binds(section).filter_map(port).filter(|port| *port != 0).collect()
}
