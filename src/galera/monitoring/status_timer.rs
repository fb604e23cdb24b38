//! A timer on a machine that can reach the hosts. It asks `galactl status`, and writes what that tells to where the node
//! exporter of the machine finds it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::file::File;
use super::names::{series_file, status_unit};
use crate::galera::inventory::Inventory;

/// Where Debian's node exporter reads files.
const FOLDER: &str = "/var/lib/prometheus/node-exporter";

/// What the timer runs.
#[derive(Debug, Clone)]
pub struct Asking {
    /// galactl itself.
    pub program: PathBuf,
    /// The inventory's file.
    pub inventory: PathBuf,
    /// The folder of the cluster's own templates.
    pub templates: Option<PathBuf>,
}

/// The units of the timer.
pub fn units(inventory: &Inventory, asking: &Asking) -> [File; 2] {
    let name = |kind| format!("systemd/{}.{kind}", status_unit(inventory));
    [
        File { name: name("service"), text: service(inventory, asking) },
        File { name: name("timer"), text: TIMER.to_owned() },
    ]
}

const TIMER: &str = "\
# Written by galactl. For /etc/systemd/system, with the service beside it.

[Unit]
Description=Ask galactl how a cluster is

[Timer]
OnBootSec=1min
OnUnitActiveSec=5min

[Install]
WantedBy=timers.target
";

fn service(inventory: &Inventory, asking: &Asking) -> String {
    // systemd does not look for variables in the program's path.
    let (program, of) = (word(&asking.program).replace("$$", "$"), word(&asking.inventory));
    let own = asking.templates.iter().map(|folder| format!(" --templates {}", word(folder)));
    let own: String = own.collect();
    let file = format!("{FOLDER}/{}", series_file(inventory));
    format!(
        "\
# Written by galactl. It runs as root, and so with root's SSH keys, unless `User=` names somebody else, who must be able to
# write to {FOLDER}.

[Unit]
Description=Ask galactl how a cluster is

[Service]
Type=oneshot
ExecStartPre=rm -f {file}.new
ExecStart={program} status {of} --output prometheus{own}
StandardOutput=append:{file}.new
StandardError=journal
TimeoutStartSec=4min
# 5 and 6 say that the cluster is not well, which is what is to be told.
SuccessExitStatus=5 6
ExecStartPost=mv {file}.new {file}
"
    )
}

/// A path as one word of a command line (systemd.service, \"COMMAND LINES\").
fn word(path: &Path) -> String {
    let mut out = String::from('"');
    for c in path.to_string_lossy().chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '%' | '$' => out.extend([c, c]),
            c if c.is_control() => _ = write!(out, "\\x{:02x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::word;
    use std::path::Path;

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(word(Path::new("/a b/%h $x\"\\\n")), r#""/a b/%%h $$x\"\\\x0a""#);
    }
}
