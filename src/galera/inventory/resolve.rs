//! Raw inventory → [`Inventory`]: defaults applied, every value valid by type.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use super::raw::{RawInventory, RawNode, RawSst, RawThreshold, RawThresholds};
use super::{
    Arbitrator, HostLayout, Inventory, Node, RawArbitrator, Sst, Threshold, Thresholds, entries, options,
};
use crate::galera::model::{Distribution, Flavour, SstMethod};
use crate::kernel::inventory::host_names;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::{RawSecret, RawSettings, RawSsh, Scalar};
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::SOURCES;
use crate::kernel::inventory::{Settings, SshFiles, SshTarget};
use crate::kernel::model::{Address, HostName, Invalid, NodeName, SecretRef, UserName};

/// Nobody reads more errors, and to find the nearest known name for each takes time.
const ENOUGH: usize = 100;

/// Galera's own 128M lasts for minutes under load; the file is allocated whole at the first start.
pub const DEFAULT_GCACHE: &str = "512M";

/// Resolves an inventory; the errors of all its parts come together. An inventory that comes
/// with errors serves to find more of them.
pub fn resolve(raw: &RawInventory) -> (Option<Inventory>, Vec<Note>) {
    let mut resolver = Resolver { notes: Vec::new() };
    let inventory = resolver.inventory(raw);
    (inventory, resolver.notes)
}

struct Resolver {
    notes: Vec<Note>,
}

impl Resolver {
    fn inventory(&mut self, raw: &RawInventory) -> Option<Inventory> {
        let flavour = raw.cluster.flavour.unwrap_or(Flavour::Mariadb);
        let common = raw.ssh.clone().unwrap_or_default();
        self.settings(raw.mysqld.as_ref(), "mysqld", options::check_server_option);
        self.settings(raw.provider_options.as_ref(), "provider_options", options::check_provider_option);
        let cluster = self.parse(&raw.cluster.name, "cluster.name");
        let sst = self.sst(raw.sst.as_ref());
        let host = self.host(raw, flavour);
        let thresholds = self.thresholds(raw.thresholds.as_ref());
        let ssh = self.ssh_files(&common);
        let mut nodes = self.nodes(raw, &common);
        let mut arbitrators = self.arbitrators(raw, &common);
        settle_on_hosts(&mut nodes, &mut arbitrators);
        let seed = self.seed(raw, &nodes);
        let whole = raw.complete && nodes.len() == raw.nodes.len();
        if whole {
            self.notes.extend(entries::check(&nodes, &arbitrators));
        }
        whole.then_some(())?;
        Some(Inventory {
            cluster: cluster?,
            flavour,
            seed: seed?,
            install: raw.cluster.install.unwrap_or(false),
            ssh,
            sst: sst?,
            join: raw.join.unwrap_or_default(),
            host: host?,
            thresholds,
            nodes,
            arbitrators,
        })
    }

    fn parse<T: FromStr<Err = Invalid>>(&mut self, text: &str, path: &str) -> Option<T> {
        text.parse().map_err(|reason| self.wrong("value", path, text, &reason)).ok()
    }

    fn wrong(&mut self, code: &'static str, path: &str, text: &str, reason: &Invalid) {
        if path.ends_with("user") && text.contains(':') || text.split(',').any(holds_password) {
            let note = Note::error(code, path, "a login's name holds no `:`").discreet();
            self.notes.push(note.hint("a password has no place here"));
            return;
        }
        let message =
            if text.is_empty() { format!("it {reason}") } else { format!("`{}` {reason}", shown(text)) };
        let note = Note::error(code, path, message);
        self.notes.push(match code {
            "path" => note.hint("letters, digits and / . _ - + may stand here, and no `..`"),
            "ssh" => note.hint("no quotes, no line breaks, and no dash at its beginning"),
            _ => note,
        });
    }

    /// Checks names and values of a map of options; what is wrong is noted at the option.
    fn settings(
        &mut self,
        raw: Option<&RawSettings>,
        path: &str,
        check: fn(&str, &str) -> Result<(), options::Wrong>,
    ) {
        let mut spellings = BTreeMap::new();
        for (name, value) in raw.into_iter().flatten() {
            if self.notes.len() >= ENOUGH {
                return;
            }
            if let Some(other) = spellings.insert(options::canonical(name), name) {
                let message = format!("`{}` and `{}` are one option", shown(name), shown(other));
                let note = Note::error("duplicate-option", join(path, name), message).at_key();
                self.notes.push(note.hint("keep one of them"));
            }
            if let Err(wrong) = check(name, &value.0) {
                let note = Note::error(wrong.code, join(path, name), wrong.message).hint(wrong.hint);
                let note = match wrong.code {
                    "unknown-provider-option" | "option-name" => note.at_unknown_name(),
                    _ if wrong.on_name => note.at_key(),
                    _ => note,
                };
                self.notes.push(if options::holds_secret(name) { note.discreet() } else { note });
            }
        }
    }

    fn sst(&mut self, raw: Option<&RawSst>) -> Option<Sst> {
        let method = raw.and_then(|sst| sst.method).unwrap_or(SstMethod::Mariabackup);
        let user = raw.and_then(|sst| sst.user.as_deref()).unwrap_or("sst");
        let user: Option<UserName> = self.parse(user, "sst.user");
        let password = self.secret(raw.and_then(|sst| sst.password.as_ref()), "sst.password");
        let options = raw.and_then(|sst| sst.options.as_ref());
        self.settings(options, "sst.options", options::check_sst_option);
        Some(Sst { method, user: user?, password: password?, options: merged(options, None) })
    }

    fn secret(&mut self, raw: Option<&RawSecret>, path: &str) -> Option<SecretRef> {
        let Some(raw) = raw else { return Some(SecretRef::Generated) };
        let none = RawSecret::default();
        let RawSecret { env, file, command, generate } = raw;
        let sources = [env.is_some(), file.is_some(), command.is_some(), generate.is_some()];
        let one = if sources.iter().filter(|given| **given).count() == 1 { raw } else { &none };
        let reference = match one {
            RawSecret { env: Some(name), .. } if !name.is_empty() && !name.contains(['=', '\0']) => {
                Some(SecretRef::Env(name.clone()))
            }
            RawSecret { file: Some(file), .. } if !file.is_empty() => Some(SecretRef::File(file.clone())),
            RawSecret { command: Some(words), .. } if words.first().is_some_and(|word| !word.is_empty()) => {
                Some(SecretRef::Command(words.clone()))
            }
            RawSecret { generate: Some(true), .. } => Some(SecretRef::Generated),
            _ => None,
        };
        if reference.is_none() {
            let note =
                Note::error("secret", path, "exactly one source of the secret is needed here").at_key();
            self.notes.push(note.hint(SOURCES));
        }
        reference
    }

    fn host(&mut self, raw: &RawInventory, flavour: Flavour) -> Option<HostLayout> {
        let none = crate::galera::inventory::raw::RawHost::default();
        let host = raw.host.as_ref().unwrap_or(&none);
        let usual = Distribution::of(flavour);
        let config_file = self
            .remote_path(host.config_file.as_ref(), "host.config_file")
            .unwrap_or_else(|| usual.config_file.to_owned());
        if Path::new(&config_file).extension().is_none_or(|extension| extension != "cnf") {
            let message = "the server reads only files whose names end in .cnf";
            let note = Note::error("config-file", "host.config_file", message)
                .hint(format!("for example {}", usual.config_file));
            self.notes.push(note);
        }
        Some(HostLayout {
            unit: self.parse(host.service.as_deref().unwrap_or(usual.unit), "host.service")?,
            config_file,
            datadir: self.remote_path(host.datadir.as_ref(), "host.datadir"),
            socket: self.remote_path(host.socket.as_ref(), "host.socket"),
            provider: self.remote_path(host.provider.as_ref(), "host.provider"),
        })
    }

    fn thresholds(&mut self, raw: Option<&RawThresholds>) -> Thresholds {
        let usual = Thresholds::default();
        let Some(raw) = raw else { return usual };
        let mut one = |raw: Option<&RawThreshold>, usual: Threshold, path: &str| {
            let Some(raw) = raw else { return usual };
            let number = |text: &str| text.parse::<f64>().ok().filter(|number| *number >= 0.0);
            if let (Some(warn), Some(critical)) = (number(&raw.warn.0), number(&raw.critical.0))
                && warn <= critical
            {
                return Threshold { warn, critical };
            }
            let message = "`warn` and `critical` are numbers, the first not above the second";
            self.notes.push(Note::error("threshold", path, message));
            usual
        };
        Thresholds {
            flow_control: one(raw.flow_control.as_ref(), usual.flow_control, "thresholds.flow_control"),
            receive_queue: one(raw.receive_queue.as_ref(), usual.receive_queue, "thresholds.receive_queue"),
            send_queue: one(raw.send_queue.as_ref(), usual.send_queue, "thresholds.send_queue"),
            ist_window: self.seconds(raw.ist_window.as_ref(), usual.ist_window),
        }
    }

    fn seconds(&mut self, raw: Option<&Scalar>, usual: u64) -> u64 {
        let Some(raw) = raw else { return usual };
        raw.0.parse().unwrap_or_else(|_| {
            let message = "`ist_window` is a number of seconds";
            self.notes.push(Note::error("threshold", "thresholds.ist_window", message));
            usual
        })
    }

    /// An absolute path on a host, plain enough for every place it is put into.
    fn remote_path(&mut self, raw: Option<&String>, path: &str) -> Option<String> {
        let text = raw?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
        if !text.starts_with('/') || !text.chars().all(plain) || text.split('/').any(|part| part == "..") {
            let reason = Invalid("is not a plain absolute path".into());
            self.wrong("path", path, text, &reason);
            return None;
        }
        Some(text.clone())
    }

    fn ssh_files(&mut self, raw: &RawSsh) -> SshFiles {
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

    fn nodes(&mut self, raw: &RawInventory, common: &RawSsh) -> Vec<Node> {
        if raw.nodes.is_empty() && raw.complete {
            let note = Note::error("no-nodes", "nodes", "a cluster has at least one node");
            self.notes.push(note.hint("begin each entry with `- name: …`"));
        }
        let node = |node: &RawNode| self.node(node, &format!("nodes[{}]", node.index), raw, common);
        raw.nodes.iter().filter_map(node).collect()
    }

    fn node(&mut self, raw: &RawNode, path: &str, all: &RawInventory, common: &RawSsh) -> Option<Node> {
        let own_options = raw.provider_options.as_ref();
        self.settings(raw.mysqld.as_ref(), &join(path, "mysqld"), options::check_server_option);
        self.settings(own_options, &join(path, "provider_options"), options::check_provider_option);
        let name = self.parse(&raw.name, &join(path, "name"));
        let address = self.parse(&raw.address, &join(path, "address"));
        let ssh = (raw.ssh.as_ref(), raw.ssh_address.as_deref());
        let ssh = self.ssh_target(ssh, path, common, address.as_ref());
        let mut provider_options = merged(all.provider_options.as_ref(), own_options);
        provider_options.insert("gmcast.segment".into(), raw.segment.unwrap_or(0).to_string());
        provider_options.entry("gcache.size".into()).or_insert_with(|| DEFAULT_GCACHE.into());
        Some(Node {
            host: HostName::from(name.as_ref()?),
            name: name?,
            address: address?,
            ssh: ssh?,
            mysqld: merged(all.mysqld.as_ref(), raw.mysqld.as_ref()),
            provider_options,
        })
    }

    fn ssh_target(
        &mut self,
        (own, ssh_address): (Option<&RawSsh>, Option<&str>),
        path: &str,
        common: &RawSsh,
        address: Option<&Address>,
    ) -> Option<SshTarget> {
        let own = own.cloned().unwrap_or_default();
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
        let ssh_address = ssh_address.map(|text| self.parse(text, &join(path, "ssh_address")));
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

    fn arbitrators(&mut self, raw: &RawInventory, common: &RawSsh) -> Vec<Arbitrator> {
        let options = merged(raw.provider_options.as_ref(), None);
        let arbitrator = |arbitrator| self.arbitrator(arbitrator, common, &options);
        raw.arbitrators.iter().flatten().filter_map(arbitrator).collect()
    }

    fn arbitrator(&mut self, raw: &RawArbitrator, common: &RawSsh, options: &Settings) -> Option<Arbitrator> {
        let path = format!("arbitrators[{}]", raw.index);
        let name = self.parse(&raw.name, &join(&path, "name"));
        let address = self.parse(&raw.address, &join(&path, "address"));
        let ssh = (raw.ssh.as_ref(), raw.ssh_address.as_deref());
        let ssh = self.ssh_target(ssh, &path, common, address.as_ref());
        Some(Arbitrator {
            host: HostName::from(name.as_ref()?),
            name: name?,
            address: address?,
            ssh: ssh?,
            provider_options: raw.options(options),
        })
    }

    fn seed(&mut self, raw: &RawInventory, nodes: &[Node]) -> Option<NodeName> {
        let Some(text) = &raw.cluster.seed else { return nodes.first().map(|node| node.name.clone()) };
        let found = nodes.iter().map(|node| &node.name).find(|name| name.as_str() == text);
        if raw.complete && raw.nodes.iter().all(|node| node.name != *text) {
            let known: Vec<_> = raw.nodes.iter().map(|node| node.name.as_str()).collect();
            let note = Note::error(
                "seed",
                "cluster.seed",
                format!("`{}` is no node of this inventory", shown(text)),
            );
            self.notes.push(note.hint(crate::kernel::inventory::wording::suggest(text, &known)));
        }
        found.cloned()
    }
}

/// Some write a password behind a login's name, as `wsrep_sst_auth` has it.
fn holds_password(hop: &str) -> bool {
    hop.split_once('@').is_some_and(|(login, _)| login.contains(':'))
}

/// Gives every entry the machine that it stands on.
fn settle_on_hosts(nodes: &mut [Node], arbitrators: &mut [Arbitrator]) {
    let entries = nodes.iter().map(|node| (&node.name, &node.ssh));
    let entries = entries.chain(arbitrators.iter().map(|it| (&it.name, &it.ssh)));
    let hosts = host_names(entries);
    let places = nodes.iter_mut().map(|node| &mut node.host);
    let places = places.chain(arbitrators.iter_mut().map(|it| &mut it.host));
    for (place, host) in places.zip(hosts) {
        *place = host;
    }
}

fn merged(common: Option<&RawSettings>, own: Option<&RawSettings>) -> Settings {
    let entries = common.into_iter().chain(own).flatten();
    entries.map(|(name, value)| (options::canonical(name), value.0.clone())).collect()
}
