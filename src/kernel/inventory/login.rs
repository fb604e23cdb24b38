//! How galactl logs in to the host of an entry.

use super::note::Note;
use super::places::join;
use super::raw::RawSsh;
use super::values::holds_password;
use super::{Login, RawEntry, SshFiles, SshTarget, Values, Written};
use crate::kernel::model::{Address, HostName, Invalid};

impl Values {
    /// What every entry has, whatever its role; `None` where some of it is wrong.
    pub fn login(&mut self, raw: &impl RawEntry, common: &RawSsh) -> Option<Login> {
        let (written, path) = (raw.written(), raw.path());
        let name = self.parse(written.name, &join(&path, "name"));
        let address = self.parse(written.address, &join(&path, "address"));
        let ssh = self.ssh_target(written, &path, common, address.as_ref());
        Some(Login { host: HostName::from(name.as_ref()?), name: name?, address: address?, ssh: ssh? })
    }

    pub fn ssh_files(&mut self, raw: &RawSsh) -> SshFiles {
        self.ssh_words(raw, "ssh");
        self.ssh_port(raw, "ssh");
        SshFiles { config: raw.config.clone(), known_hosts: raw.known_hosts.clone() }
    }

    /// These words become lines of a generated ssh_config, so none may hold a line break or quote.
    fn ssh_words(&mut self, raw: &RawSsh, path: &str) {
        let words = [
            ("user", raw.user.as_deref(), "@._-+$"),
            ("jump", raw.jump.as_deref(), "@._-+:[],"),
            ("key", raw.key.as_deref(), "@._-+~/ %"),
            ("config", raw.config.as_deref(), "@._-+~/ "),
            ("known_hosts", raw.known_hosts.as_deref(), "@._-+~/ "),
        ];
        for (field, text, extra) in words {
            let Some(text) = text else { continue };
            let fits = |c: char| c.is_alphanumeric() || extra.contains(c);
            // A word or a hop that begins with a dash would be an option of ssh.
            if text.is_empty()
                || text.split([',', '@']).any(|part| part.starts_with('-'))
                || !text.chars().all(fits)
                || field == "jump" && text.split(',').any(holds_password)
            {
                let reason = Invalid("cannot stand in an ssh configuration".into());
                self.wrong("ssh", &join(path, field), text, &reason);
            }
        }
    }

    fn ssh_port(&mut self, raw: &RawSsh, path: &str) {
        if raw.port == Some(0) {
            let note = Note::error("ssh", join(path, "port"), "0 is no port");
            self.notes.push(note.hint("leave it out for 22, or what ssh_config says"));
        }
    }

    fn ssh_target(
        &mut self,
        written: Written<'_>,
        path: &str,
        common: &RawSsh,
        address: Option<&Address>,
    ) -> Option<SshTarget> {
        let own = written.ssh.cloned().unwrap_or_default();
        let own_path = join(path, "ssh");
        self.ssh_words(&own, &own_path);
        self.ssh_port(&own, &own_path);
        for (field, set) in [("config", &own.config), ("known_hosts", &own.known_hosts)] {
            if set.is_some() {
                let note =
                    Note::error("ssh", join(&own_path, field), format!("`{field}` holds for all nodes"));
                self.notes.push(note.hint("write it in the inventory's own ssh section"));
            }
        }
        let ssh_address = written.ssh_address.map(|text| self.parse(text, &join(path, "ssh_address")));
        let user = own.user.or_else(|| common.user.clone()).unwrap_or_else(|| "root".into());
        Some(SshTarget {
            address: ssh_address.unwrap_or_else(|| address.cloned())?,
            sudo: own.sudo.or(common.sudo).unwrap_or(user != "root"),
            user,
            port: own.port.or(common.port),
            key: own.key.or_else(|| common.key.clone()),
            jump: own.jump.or_else(|| common.jump.clone()),
        })
    }
}
