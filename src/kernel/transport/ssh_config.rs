//! The private ssh_config of one run.
//!
//! Everything goes through a file because options on ssh's command line do not reach its jump
//! hosts, and a strict known_hosts check must.

use std::fmt::Write;
use std::path::Path;

use crate::kernel::inventory::Hosts;
use crate::kernel::model::HostName;

/// The alias under which ssh knows a host; no host name collides with it.
pub fn alias(host: &HostName) -> String {
    format!("galactl-{host}")
}

/// The file's text. Paths of the inventory are relative to `base`, its directory.
///
/// ssh takes the first value it finds, so the inventory wins over the user's own configuration,
/// which is included last.
pub fn text(hosts: &Hosts, base: &Path) -> String {
    let mut out = String::new();
    for machine in hosts.iter() {
        let (name, ssh) = (&machine.name, &machine.ssh);
        let _ = writeln!(out, "Host {}", alias(name));
        let _ = writeln!(out, "  HostName {}", ssh.address);
        let _ = writeln!(out, "  User {}", ssh.user);
        if let Some(port) = ssh.port {
            let _ = writeln!(out, "  Port {port}");
        }
        if let Some(jump) = &ssh.jump {
            let _ = writeln!(out, "  ProxyJump {jump}");
        }
        if let Some(key) = &ssh.key {
            key_lines(&mut out, &resolve(key, base));
        }
    }
    out.push_str("Host *\n  BatchMode yes\n  StrictHostKeyChecking yes\n");
    out.push_str("  ServerAliveInterval 5\n  ServerAliveCountMax 4\n  ConnectTimeout 10\n");
    if let Some(file) = &hosts.files.known_hosts {
        let _ = writeln!(out, "  UserKnownHostsFile {}", quoted(&resolve(file, base)));
    }
    // A jump host takes the key of the first node that has one, unless the user's own
    // configuration names another.
    if let Some(key) = hosts.iter().find_map(|machine| machine.ssh.key.as_ref()) {
        let _ = writeln!(out, "  IdentityFile {}", quoted(&resolve(key, base)));
    }
    let own =
        hosts.files.config.as_ref().map_or_else(|| "~/.ssh/config".to_owned(), |file| resolve(file, base));
    let _ = writeln!(out, "  Include {}", quoted(&own));
    out
}

fn key_lines(out: &mut String, key: &str) {
    let _ = writeln!(out, "  IdentityFile {}\n  IdentitiesOnly yes", quoted(key));
}

fn quoted(path: &str) -> String {
    format!("\"{path}\"")
}

fn resolve(path: &str, base: &Path) -> String {
    if path.starts_with('~') { path.to_owned() } else { base.join(path).display().to_string() }
}
