//! Raw inventory → [`Inventory`]: defaults applied, every value valid by type.

use super::etcd::Written;
use super::raw::{RawEtcdHost, RawInventory, RawNode, RawSynchronous, RawTags};
use super::settings;
use super::{
    EtcdMember, Inventory, Node, Postgresql, SecretRefs, SyncMode, Synchronous, Tags, one_host, releases,
};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::{RawSsh, Scalar};
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::inventory::{Entry, Login, RawEntry, Values, accept, entries, settle_on_hosts};
use crate::kernel::keepalived::VirtualAddress;
use crate::kernel::model::{ClusterName, NodeName};
use crate::patroni::model::{
    ETCD_CLIENT_PORT, ETCD_PEER_PORT, Major, Network, POSTGRESQL_PORT, REST_PORT, check_scope,
};
use crate::patroni::proxy::ClientPorts;
use crate::patroni::proxy::endpoint::RawEndpoint;
use crate::patroni::proxy::inventory::RawProxy;

/// Warnings that may be accepted.
const ACCEPTABLE: [&str; 7] = [
    "clients-anywhere",
    "durability",
    "needs-patroni",
    "no-such-file",
    "single-etcd",
    "synchronous-off",
    "unwise-value",
];

/// Resolves an inventory; the errors of all its parts come together. An inventory that comes
/// with errors only serves to find more of them.
pub fn resolve(raw: &RawInventory) -> (Option<Inventory>, Vec<Note>) {
    let mut resolver = Resolver::default();
    let inventory = resolver.inventory(raw);
    (inventory, resolver.values.notes)
}

/// The address that the proxies share, held against the entries.
fn against_members(inventory: &Inventory) -> Vec<Note> {
    let Some(shared) = inventory.shared_address else { return Vec::new() };
    let nodes = inventory.nodes.iter().map(|it| &it.address);
    let members = nodes.chain(inventory.etcd_hosts.iter().map(|it| &it.address));
    let members = members.chain(inventory.proxies.iter().map(|it| &it.address));
    shared.check(members, inventory.proxies.iter().map(|it| it as &dyn Entry))
}

#[derive(Default)]
struct Resolver {
    values: Values,
}

impl Resolver {
    fn inventory(&mut self, raw: &RawInventory) -> Option<Inventory> {
        let common = raw.ssh.clone().unwrap_or_default();
        let cluster = self.cluster(raw);
        let postgresql = self.postgresql(raw);
        let clients = self.clients(raw.clients.as_deref().unwrap_or_default());
        let (accepted, wrong) = accept::read(raw.accept.as_deref().unwrap_or_default(), &ACCEPTABLE);
        self.values.notes.extend(wrong);
        let secrets = self.secrets(raw);
        let ssh = self.values.ssh_files(&common);
        let mut nodes = self.nodes(raw, &common);
        let host = |it: &RawEtcdHost| Some(etcd_host(self.values.login(it, &common)?));
        let mut etcd_hosts: Vec<_> = raw.etcd_hosts.iter().filter_map(host).collect();
        let proxy = |it: &RawProxy| it.resolved(&mut self.values, &common);
        let mut proxies: Vec<_> = raw.proxies.iter().filter_map(proxy).collect();
        let all = nodes.iter_mut().map(|it| it as &mut dyn Entry);
        let all = all.chain(etcd_hosts.iter_mut().map(|it| it as &mut dyn Entry));
        settle_on_hosts(all.chain(proxies.iter_mut().map(|it| it as &mut dyn Entry)));
        let (endpoint, shared_address) = self.endpoint(raw).unzip();
        let shared_address = shared_address.flatten();
        let synchronous = self.synchronous(raw.synchronous.as_ref());
        let whole = raw.complete
            && !nodes.is_empty()
            && [nodes.len(), etcd_hosts.len(), proxies.len()]
                == [raw.nodes.len(), raw.etcd_hosts.len(), raw.proxies.len()];
        whole.then_some(())?;
        self.against_nodes(raw, synchronous, &nodes);
        let seed = self.seed(raw, &nodes);
        let written = Written { section: raw.etcd.as_ref(), nodes: &nodes, hosts: &etcd_hosts };
        let etcd = written.resolve(&mut self.values);
        let inventory = Inventory {
            cluster: cluster?,
            install: raw.cluster.install.unwrap_or(false),
            seed,
            ssh,
            postgresql: postgresql?,
            clients,
            synchronous: synchronous?,
            failover: raw.failover.unwrap_or_default(),
            etcd: etcd?,
            endpoint,
            shared_address,
            secrets: secrets?,
            accepted,
            nodes,
            etcd_hosts,
            proxies,
        };
        let each = "every node, every machine of `etcd_hosts` and every proxy";
        self.values.notes.extend(entries::check(&inventory.entries(), one_host::why_apart, each));
        self.values.notes.extend(releases::check(&inventory));
        self.values.notes.extend(against_members(&inventory));
        Some(inventory)
    }

    fn cluster(&mut self, raw: &RawInventory) -> Option<ClusterName> {
        let name: ClusterName = self.values.parse(&raw.cluster.name, "cluster.name")?;
        let wrong = check_scope(&name).err();
        if let Some(reason) = wrong {
            self.values.wrong("value", "cluster.name", name.as_str(), &reason);
            return None;
        }
        Some(name)
    }

    /// A data node that may lead; what else is written is noted.
    fn seed(&mut self, raw: &RawInventory, nodes: &[Node]) -> Option<NodeName> {
        let written = raw.cluster.seed.as_ref()?;
        let known: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
        let Some(node) = nodes.iter().find(|node| node.name.as_str() == written) else {
            let message = format!("`{}` is no entry of `nodes`", shown(written));
            let note = Note::error("seed", "cluster.seed", message);
            self.values.notes.push(note.hint(suggest(written, &known)));
            return None;
        };
        if !node.tags.failover {
            let message = format!("{} is to lead the cluster first, and has `failover: no`", node.name);
            let note = Note::error("seed", "cluster.seed", message);
            self.values.notes.push(note.hint("remove `failover: no` from it; it may come back later"));
        }
        Some(node.name.clone())
    }

    fn postgresql(&mut self, raw: &RawInventory) -> Option<Postgresql> {
        let section = raw.postgresql.as_ref();
        let written = section.and_then(|it| it.settings.as_ref());
        self.values.notes.extend(settings::notes(written, "postgresql.settings", settings::check));
        let port = section.and_then(|it| it.port).unwrap_or(POSTGRESQL_PORT);
        let version = section.and_then(|it| it.version.as_ref()).map(|it| self.version(it));
        if [0, REST_PORT, ETCD_CLIENT_PORT, ETCD_PEER_PORT].contains(&port) {
            let message = match port {
                0 => "0 is no port".to_owned(),
                REST_PORT => format!("{port} is the port of Patroni's REST API"),
                _ => format!("{port} is a port of etcd"),
            };
            let note = Note::error("port", "postgresql.port", message);
            self.values.notes.push(note.hint("leave it out for 5432, or write another one"));
            return None;
        }
        let (shared, own) =
            settings::merged(written, None).into_iter().partition(|(name, _)| settings::is_shared(name));
        Some(Postgresql { version: version.map_or(Some(None), |it| it.map(Some))?, port, shared, own })
    }

    fn version(&mut self, written: &Scalar) -> Option<Major> {
        let major = written.0.parse::<u16>().map_err(|_| ()).and_then(|it| Major::try_from(it).map_err(drop));
        if major.is_err() {
            let message = format!("`{}` is no major version that galactl knows", shown(&written.0));
            let note = Note::error("value", "postgresql.version", message);
            self.values.notes.push(note.hint("write 15 (Debian 12) or 17 (Debian 13), or leave it out"));
        }
        major.ok()
    }

    fn clients(&mut self, written: &[String]) -> Vec<Network> {
        let parsed = |(index, text): (usize, &String)| self.values.parse(text, &format!("clients[{index}]"));
        written.iter().enumerate().filter_map(parsed).collect()
    }

    fn secrets(&mut self, raw: &RawInventory) -> Option<SecretRefs> {
        let section = raw.secrets.as_ref();
        let mut one = |raw, path| self.values.secret(raw, path);
        let superuser = one(section.and_then(|it| it.superuser.as_ref()), "secrets.superuser");
        let replication = one(section.and_then(|it| it.replication.as_ref()), "secrets.replication");
        let rewind = one(section.and_then(|it| it.rewind.as_ref()), "secrets.rewind");
        Some(SecretRefs { superuser: superuser?, replication: replication?, rewind: rewind? })
    }

    /// Proxies need ports, even where the inventory has no such section.
    fn endpoint(&mut self, raw: &RawInventory) -> Option<(ClientPorts, Option<VirtualAddress>)> {
        let usual = RawEndpoint::default();
        let written = raw.endpoint.as_ref().or((!raw.proxies.is_empty()).then_some(&usual))?;
        let (ports, shared, wrong) = written.resolved(raw.proxies.len());
        self.values.notes.extend(wrong);
        if raw.proxies.is_empty() && raw.complete {
            let message = "no proxy is there that could have these ports";
            let note = Note::error("endpoint-unused", "endpoint", message).at_key();
            self.values
                .notes
                .push(note.hint("name hosts for HAProxy under `proxies`, or remove the section"));
        }
        Some((ports, shared))
    }

    fn synchronous(&mut self, raw: Option<&RawSynchronous>) -> Option<Synchronous> {
        let mode = match raw.and_then(|it| it.mode.as_ref()) {
            None => Some(SyncMode::On),
            Some(written) => self.mode(written),
        };
        let nodes = match raw.and_then(|it| it.nodes.as_ref()) {
            None => Some(1),
            Some(written) => self.number(written, "synchronous.nodes"),
        };
        Some(Synchronous { mode: mode?, nodes: nodes? })
    }

    fn mode(&mut self, written: &Scalar) -> Option<SyncMode> {
        // Where YAML has made a truth value of `on`, it is `ON` here.
        let found = SyncMode::ALL.into_iter().find(|mode| mode.as_str().eq_ignore_ascii_case(&written.0));
        if found.is_none() {
            let known = SyncMode::ALL.map(SyncMode::as_str);
            let message = format!("`{}` is none of {}", shown(&written.0), known.join(", "));
            let note = Note::error("value", "synchronous.mode", message);
            let note = match suggest(&written.0, &known) {
                near if near.starts_with("did you mean") => note.hint(near),
                _ => note.hint("write `mode: on`"),
            };
            self.values.notes.push(note);
        }
        found
    }

    /// A whole number from 1 on.
    fn number(&mut self, written: &Scalar, path: &str) -> Option<u16> {
        let number = written.0.parse::<u16>().ok().filter(|number| *number > 0);
        if number.is_none() {
            let message = format!("`{}` is no whole number from 1 to {}", shown(&written.0), u16::MAX);
            self.values.notes.push(Note::error("value", path, message).hint("write a number, such as 1"));
        }
        number
    }

    fn switch(&mut self, written: Option<&Scalar>, path: &str) -> Option<bool> {
        let Some(written) = written else { return Some(true) };
        match written.0.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" => Some(true),
            "no" | "off" | "false" => Some(false),
            _ => {
                let message = format!("`{}` is neither `yes` nor `no`", shown(&written.0));
                self.values.notes.push(Note::error("value", path, message).hint("write `yes` or `no`"));
                None
            }
        }
    }

    fn nodes(&mut self, raw: &RawInventory, common: &RawSsh) -> Vec<Node> {
        if raw.nodes.is_empty() && raw.complete {
            let note = Note::error("no-nodes", "nodes", "a cluster has at least one node");
            self.values.notes.push(note.hint("begin each entry with `- name: …`"));
        }
        raw.nodes.iter().filter_map(|node| self.node(node, raw, common)).collect()
    }

    fn node(&mut self, raw: &RawNode, all: &RawInventory, common: &RawSsh) -> Option<Node> {
        let path = raw.path();
        let own = raw.postgresql.as_ref().and_then(|it| it.settings.as_ref());
        let wrong = settings::notes(own, &join(&path, "postgresql.settings"), settings::check_own);
        self.values.notes.extend(wrong);
        let tags =
            raw.tags.as_ref().map_or(Some(Tags::default()), |tags| self.tags(tags, &join(&path, "tags")));
        let Login { name, address, host, ssh } = self.values.login(raw, common)?;
        let mut settings = settings::merged(all.postgresql.as_ref().and_then(|it| it.settings.as_ref()), own);
        settings.retain(|name, _| !settings::is_shared(name));
        Some(Node { name, address, host, ssh, tags: tags?, settings })
    }

    fn tags(&mut self, raw: &RawTags, path: &str) -> Option<Tags> {
        let failover = self.switch(raw.failover.as_ref(), &join(path, "failover"));
        let synchronous = self.switch(raw.synchronous.as_ref(), &join(path, "synchronous"));
        let priority = match &raw.priority {
            None => None,
            Some(written) => Some(self.number(written, &join(path, "priority"))?),
        };
        if failover == Some(false) && priority.is_some() {
            let message = "a node that never becomes the leader has no priority";
            let note = Note::error("tags", join(path, "priority"), message);
            self.values.notes.push(note.hint("remove it, or remove `failover: no`"));
        }
        Some(Tags { failover: failover?, synchronous: synchronous?, priority })
    }

    /// What is asked of the nodes together.
    fn against_nodes(&mut self, raw: &RawInventory, synchronous: Option<Synchronous>, nodes: &[Node]) {
        if nodes.iter().all(|node| !node.tags.failover) {
            let note = Note::error("tags", "nodes", "no node may become the leader").at_key();
            self.values.notes.push(note.hint("remove `failover: no` from one node at least"));
        }
        let Some(Synchronous { mode, nodes: wanted }) = synchronous.filter(|it| it.mode != SyncMode::Off)
        else {
            return;
        };
        let fit = nodes.iter().filter(|node| node.tags.synchronous).count();
        let written = raw.synchronous.as_ref().is_some_and(|it| it.nodes.is_some());
        // One node alone has no standby, and needs none while nobody asked for it.
        if usize::from(wanted) < fit || nodes.len() == 1 && mode == SyncMode::On && !written {
            return;
        }
        let path = match (written, &raw.synchronous) {
            (true, _) => "synchronous.nodes",
            (false, Some(_)) => "synchronous",
            (false, None) => "nodes",
        };
        let message = format!(
            "commits are to wait for {wanted} of {fit} nodes that may be synchronous, the leader among them"
        );
        let hint = match fit {
            0 | 1 => "add a node, remove `synchronous: no` from one, or write `synchronous: {mode: off}`"
                .to_owned(),
            _ => format!("write {} at most", fit - 1),
        };
        self.values.notes.push(Note::error("synchronous-nodes", path, message).hint(hint));
    }
}

fn etcd_host(login: Login) -> EtcdMember {
    let Login { name, address, host, ssh } = login;
    EtcdMember { name, address, host, ssh }
}
