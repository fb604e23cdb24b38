//! The private ssh_config of one connection.
//!
//! Everything goes through a file because options on ssh's command line do not reach its jump
//! hosts, and a strict known_hosts check must. Each host has a file of its own: ssh is then called with the
//! very name that the inventory says, so that `Host` of the user's own configuration applies as it does when
//! the user types `ssh NAME`, and two hosts behind one name and several ports do not get in each other's way.

use std::fmt::Write;
use std::path::Path;

use crate::kernel::inventory::{Hosts, Machine};

const USUAL: [&str; 2] = ["~/.ssh/config", "/etc/ssh/ssh_config"];

/// What ssh is called with.
pub fn destination(machine: &Machine) -> String {
    machine.ssh.address.to_string()
}

/// The text of one host's file. Paths of the inventory are relative to `base`, its directory.
///
/// ssh takes the first value it finds, so the inventory wins over the user's own configuration,
/// which is included last.
pub fn text(hosts: &Hosts, machine: &Machine, base: &Path) -> String {
    let (mut out, ssh) = (String::new(), &machine.ssh);
    let _ = writeln!(out, "Host {}", destination(machine));
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
    out.push_str("Host *\n  BatchMode yes\n  StrictHostKeyChecking yes\n");
    out.push_str("  ServerAliveInterval 5\n  ServerAliveCountMax 4\n  ConnectTimeout 10\n");
    // What the user's own configuration may ask for a person's login, and no program needs.
    out.push_str("  RequestTTY no\n  RemoteCommand none\n  ClearAllForwardings yes\n");
    if let Some(file) = &hosts.files.known_hosts {
        let _ = writeln!(out, "  UserKnownHostsFile {}", quoted(&resolve(file, base)));
    }
    // A jump host takes the key of the first node that has one, unless the user's own
    // configuration names another.
    if let Some(key) = hosts.iter().find_map(|machine| machine.ssh.key.as_ref()) {
        let _ = writeln!(out, "  IdentityFile {}", quoted(&resolve(key, base)));
    }
    // As ssh itself: a file that is named stands for both of these.
    let own = hosts.files.config.as_ref().map(|file| vec![resolve(file, base)]);
    for file in own.unwrap_or_else(|| USUAL.map(str::to_owned).to_vec()) {
        let _ = writeln!(out, "  Include {}", quoted(&file));
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::inventory::{SshFiles, SshTarget};
    use std::process::Command;

    /// What ssh itself makes of the file: `ssh -G` asks no host.
    fn resolved(config: &str, target: &SshTarget, jump: Option<&str>) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("own"), config).expect("written");
        let files = SshFiles { config: Some("own".into()), known_hosts: None };
        let mut hosts = Hosts::default();
        hosts.files = files;
        let machine = &Machine { name: "db1".parse().expect("a name"), ssh: target.clone() };
        let file = directory.path().join("file");
        std::fs::write(&file, text(&hosts, machine, directory.path())).expect("written");
        let name = jump.map_or_else(|| destination(machine), str::to_owned);
        let ssh =
            Command::new("ssh").arg("-G").arg("-F").arg(&file).arg(name).output().expect("ssh can be run");
        assert!(ssh.status.success(), "{}", String::from_utf8_lossy(&ssh.stderr));
        String::from_utf8(ssh.stdout).expect("text")
    }

    fn target(port: Option<u16>) -> SshTarget {
        let address = "db-a".parse().expect("an address");
        SshTarget { address, user: "ops".into(), port, key: None, jump: None, sudo: true }
    }

    const OWN: &str = "Host db-a\n  HostName 192.0.2.7\n  Port 2200\n  User somebody\n  RequestTTY force\n  LocalForward 8080 localhost:80\nMatch host 192.0.2.7\n  HostKeyAlias the-real-one\nHost hop\n  User hopper\n";

    #[test]
    fn an_alias_of_the_users_own_configuration_applies() {
        let said = resolved(OWN, &target(None), None);
        for line in ["hostname 192.0.2.7", "port 2200", "hostkeyalias the-real-one", "requesttty false"] {
            assert!(said.lines().any(|it| it == line), "{line} is missing in\n{said}");
        }
        assert!(said.lines().any(|it| it == "batchmode yes") && !said.contains("localforward"), "{said}");
    }

    #[test]
    fn the_inventory_wins() {
        let said = resolved(OWN, &target(Some(22)), None);
        assert!(said.lines().any(|it| it == "user ops") && said.lines().any(|it| it == "port 22"), "{said}");
    }

    #[test]
    fn what_holds_for_the_host_does_not_hold_for_its_jump_host() {
        let said = resolved(OWN, &target(Some(2222)), Some("hop"));
        for line in ["user hopper", "port 22", "batchmode yes", "stricthostkeychecking true"] {
            assert!(said.lines().any(|it| it == line), "{line} is missing in\n{said}");
        }
    }
}
