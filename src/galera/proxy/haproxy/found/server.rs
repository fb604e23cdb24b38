//! The servers of a file, and which of them are nodes of the cluster.

use std::collections::BTreeSet;

use super::file::Line;

/// A node as a file may name it.
#[derive(Debug)]
pub struct Known {
    /// Addresses, host names and its own name, in lower case.
    pub places: BTreeSet<String>,
    /// The port at which clients reach it.
    pub port: u16,
}

/// A line `server NAME ADDRESS[:PORT] …`.
#[derive(Debug)]
pub struct Server<'a> {
    pub line: &'a Line,
    address: String,
    /// `None`: the port of the client's connection, or one that is counted from it.
    port: Option<u16>,
}

impl<'a> Server<'a> {
    pub fn read(line: &'a Line) -> Option<Self> {
        let (address, port) = place(line.word(2))?;
        Some(Self { line, address, port })
    }

    /// `port`: at which the client came.
    pub fn is_one_of(&self, nodes: &[Known], port: u16) -> bool {
        let port = self.port.unwrap_or(port);
        nodes.iter().any(|node| node.port == port && node.places.contains(&self.address))
    }

    /// It takes clients only when others do not.
    pub fn stands_by(&self) -> bool {
        self.has("backup") || self.has("disabled")
    }

    fn has(&self, word: &str) -> bool {
        self.line.words.iter().skip(3).any(|it| it == word)
    }
}

/// The number behind a word.
pub fn value(words: &[String], name: &str) -> Option<u16> {
    let at = words.iter().position(|word| word == name)?;
    words.get(at + 1)?.parse().ok()
}

/// Address and port of a place as HAProxy writes it (11.1 of its manual): `10.0.0.1:3306`, `[::1]:3306`, `::1:3306`,
/// `ipv4@db1:3306`, `*:3306`, `:3306`. `None`: a socket, or something else that is no place in a network.
pub fn place(text: &str) -> Option<(String, Option<u16>)> {
    let text = match text.split_once('@') {
        Some(("ipv4" | "ipv6", place)) => place,
        Some(_) => return None,
        None => text,
    };
    if text.is_empty() || text.starts_with('/') || text.contains('$') {
        return None;
    }
    let (address, port) = match text.rsplit_once(':') {
        // With a sign, the port is counted from the client's port.
        Some((address, port)) => (address, port.parse().ok().filter(|_| !port.starts_with('+'))),
        None => (text, None),
    };
    let address = address.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    Some((address, port))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_are_read_in_every_spelling() {
        let at = |address: &str, port| Some((address.to_owned(), port));
        for (text, read) in [
            ("10.0.0.1:3306", at("10.0.0.1", Some(3306))),
            ("DB1.example.org", at("db1.example.org", None)),
            ("[fd00::1]:3306", at("fd00::1", Some(3306))),
            ("fd00::1:3306", at("fd00::1", Some(3306))),
            ("ipv4@db1:3306", at("db1", Some(3306))),
            ("*:3306", at("*", Some(3306))),
            (":3306", at("", Some(3306))),
            ("db1:+1", at("db1", None)),
            ("/run/x.sock", None),
            ("unix@x", None),
            ("${DB1}:3306", None),
            ("", None),
        ] {
            assert_eq!(place(text), read, "{text}");
        }
    }
}
