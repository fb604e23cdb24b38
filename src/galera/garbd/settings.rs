//! What an arbitrator's daemon is started with, and the file that says so: `/etc/default/garb`.

use std::fmt::Write;

use crate::galera::garbd::Arbitrator;
use crate::galera::inventory::Inventory;
use crate::galera::model::Service;
use crate::kernel::model::NodeName;

/// The file that Debian's garb.service takes its settings from.
pub const GARBD_FILE: &str = "/etc/default/garb";
pub const GARBD_PACKAGE: &str = "galera-arbitrator-4";

/// garbd's settings for one arbitrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbd {
    pub group: String,
    /// Provider options, one line.
    pub options: String,
    /// The addresses at which garbd finds its group; it reads them only at its start.
    nodes: String,
}

impl Garbd {
    pub fn of(inventory: &Inventory, arbitrator: &Arbitrator) -> Self {
        let node = |node: &crate::galera::inventory::Node| {
            format!("{}:{}", node.address.in_url(), node.port(Service::GroupCommunication))
        };
        let nodes: Vec<_> = inventory.nodes.iter().map(node).collect();
        let options = arbitrator.provider_options.iter().map(|(name, value)| format!("{name}={value}"));
        Self {
            group: inventory.cluster.to_string(),
            options: options.collect::<Vec<_>>().join("; "),
            nodes: nodes.join(","),
        }
    }

    /// The file's text, which a shell reads. Debian's script puts group and options between single quotes
    /// and lets the shell read them a second time, so that a quote in them is escaped twice. Before that, the shell
    /// cuts them at blanks and takes words for patterns of file names.
    pub fn text(&self) -> String {
        let once = |text: &str| format!("'{}'", escaped(text));
        let twice = |text: &str| once(&uncut(&escaped(text)));
        format!(
            "# Written by galactl from the inventory: change it there, not here.\nGALERA_NODES={}\nGALERA_GROUP={}\nGALERA_OPTIONS={}\n",
            once(&self.nodes),
            twice(&self.group),
            twice(&self.options)
        )
    }

    /// True where a daemon with this command line is in the group, with these options.
    pub fn in_force(&self, arguments: &[String]) -> bool {
        let after = |flag: &str| {
            let at = arguments.iter().position(|argument| argument == flag)?;
            arguments.get(at + 1).map(String::as_str)
        };
        after("-g") == Some(&self.group) && after("-o").unwrap_or_default() == self.options
    }
}

/// The file of each arbitrator: whose it is, its path and its text.
pub fn files(inventory: &Inventory) -> impl Iterator<Item = (&NodeName, &'static str, String)> {
    inventory.arbitrators().iter().map(|it| (&it.name, GARBD_FILE, Garbd::of(inventory, it).text()))
}

/// Escapes a text for a place between single quotes inside a word that is not quoted itself: nothing in it is a
/// pattern, and no two blanks stand together, because the shell would leave only one.
fn uncut(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '[' => write!(out, r"'$'\x{:02x}''", u32::from(c)),
            ' ' if out.ends_with(' ') => write!(out, r"'$'\x20''"),
            c => write!(out, "{c}"),
        }
        .unwrap_or_default();
    }
    out
}

/// Escapes a text for a place between single quotes.
fn escaped(text: &str) -> String {
    text.replace('\'', r"'\''")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_survives_both_readings() {
        let garbd = Garbd {
            group: "it's $(x) \"a\" #1; `y` * ü  ".into(),
            options: "socket.ssl_cert=/it's; $(x) `y` \"z\" *".into(),
            nodes: "10.0.0.11:4567".into(),
        };
        // The same as Debian's garb-systemd does.
        let script = format!(
            "{}\nOPTIONS=\"-g '$GALERA_GROUP'\"; OPTIONS=\"$OPTIONS -o '$GALERA_OPTIONS'\"\neval printf '%s\\\\n' $OPTIONS",
            garbd.text()
        );
        let output = std::process::Command::new("bash").args(["-uec", &script]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let arguments: Vec<_> = said.lines().map(str::to_owned).collect();
        assert_eq!(arguments, ["-g", &garbd.group, "-o", &garbd.options]);
        assert!(garbd.in_force(&arguments));
    }
}
