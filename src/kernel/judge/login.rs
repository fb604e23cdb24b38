//! The way by which galactl logs in, as a command for a person.

use super::Remedy;
use crate::kernel::inventory::{SshFiles, SshTarget};

/// `ssh …` with the user, port, key, jump host and files that the inventory names; ready to paste.
pub fn login(files: &SshFiles, ssh: &SshTarget) -> Remedy {
    let mut command = with_files(Remedy::from("ssh"), files, ssh);
    if let Some(port) = ssh.port {
        command = command.and(format!(" -p {port}"));
    }
    command = match &ssh.jump {
        None => command,
        // The options above do not reach a jump host, and it needs them as well.
        Some(jump) if !jump.contains(',') && (ssh.key.is_some() || files.known_hosts.is_some()) => {
            let proxy = with_files(command.and(" -o ProxyCommand=\"ssh"), files, ssh);
            proxy.and(format!(" -W '[%h]:%p' ssh://{jump}\""))
        }
        Some(jump) => command.and(format!(" -J {jump}")),
    };
    command.and(format!(" {}@{}", ssh.user, ssh.address))
}

fn with_files(mut command: Remedy, files: &SshFiles, ssh: &SshTarget) -> Remedy {
    if let Some(config) = &files.config {
        command = command.and(" -F ").and(Remedy::Path(config.clone()));
    }
    if let Some(key) = &ssh.key {
        command = command.and(" -i ").and(Remedy::Path(key.clone()));
    }
    if let Some(known) = &files.known_hosts {
        command = command.and(" -o UserKnownHostsFile=").and(Remedy::Path(known.clone()));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::judge::Invocation;
    use std::path::Path;

    fn text(files: &SshFiles, ssh: &SshTarget) -> String {
        login(files, ssh).text(&Invocation::new(Path::new("clusters/shop.yaml"), None, Vec::new()))
    }

    fn target(jump: Option<&str>) -> SshTarget {
        let address = "10.0.0.11".parse().expect("an address");
        let (user, key) = ("ops".to_owned(), Some("id".to_owned()));
        SshTarget { address, user, port: Some(2222), key, jump: jump.map(str::to_owned), sudo: true }
    }

    #[test]
    fn it_can_be_pasted() {
        let files = SshFiles { config: None, known_hosts: Some("/etc/known".into()) };
        let plain = "ssh -i clusters/id -o UserKnownHostsFile=/etc/known -p 2222 ops@10.0.0.11";
        assert_eq!(text(&files, &target(None)), plain);
        assert_eq!(
            text(&files, &target(Some("me@hop:22"))),
            "ssh -i clusters/id -o UserKnownHostsFile=/etc/known -p 2222 -o ProxyCommand=\"ssh -i clusters/id \
             -o UserKnownHostsFile=/etc/known -W '[%h]:%p' ssh://me@hop:22\" ops@10.0.0.11"
        );
        let bare = SshTarget { key: None, port: None, ..target(Some("hop")) };
        assert_eq!(text(&SshFiles::default(), &bare), "ssh -J hop ops@10.0.0.11");
    }
}
