//! Raw inventory → [`Inventory`]: defaults applied, every value valid by type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::raw::{RawInventory, RawSst, RawThreshold, RawThresholds};
use super::raw_node::RawNode;
use super::{
    HostLayout, Inventory, Node, Sst, Threshold, Thresholds, accept, endpoint, lists, one_host, options, tls,
};
use crate::galera::endpoint::Endpoint;
use crate::galera::endpoint::inventory::RawEndpoint;
use crate::galera::lint::codes as rules;
use crate::galera::model::{Distribution, Flavour, Service, SstMethod};
use crate::kernel::inventory::entries;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::{RawSettings, RawSsh, Scalar};
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::{Login, RawEntry, Settings, Values, settle_on_hosts};
use crate::kernel::lint::{ANY, Acceptance};
use crate::kernel::model::{Address, NodeName, UserName};

/// With so many errors, no more options are checked: nobody reads more, and finding the nearest known name takes time.
const ENOUGH: usize = 100;

/// Galera's own 128M lasts for minutes under load; the file is allocated whole at the first start.
pub const DEFAULT_GCACHE: &str = "512M";

/// Resolves an inventory; the errors of all its parts come together. An inventory that comes
/// with errors only serves to find more of them.
pub fn resolve(raw: &RawInventory) -> (Option<Inventory>, Vec<Note>) {
    let mut resolver = Resolver::default();
    let inventory = resolver.inventory(raw);
    (inventory, resolver.values.notes)
}

/// A code of `accept` may be that of a rule of `lint`, too: then it holds for every object.
fn of_any_object(accepted: &BTreeSet<String>) -> Vec<Acceptance> {
    let rules = accepted.iter().filter(|code| rules::rule(code).is_some());
    rules.map(|code| Acceptance { rule: code.clone(), object: ANY.into() }).collect()
}

#[derive(Default)]
struct Resolver {
    values: Values,
}

impl Resolver {
    fn inventory(&mut self, raw: &RawInventory) -> Option<Inventory> {
        let flavour = raw.cluster.flavour.unwrap_or(Flavour::Mariadb);
        let common = raw.ssh.clone().unwrap_or_default();
        self.settings(raw.mysqld.as_ref(), "mysqld", options::check_server_option);
        self.settings(raw.provider_options.as_ref(), "provider_options", options::check_provider_option);
        let cluster = self.values.parse(&raw.cluster.name, "cluster.name");
        let mut sst = self.sst(raw.sst.as_ref());
        let host = self.host(raw, flavour);
        let thresholds = self.thresholds(raw.thresholds.as_ref());
        let (accepted, wrong) = accept::read(raw.accept.as_deref().unwrap_or_default());
        self.values.notes.extend(wrong);
        let ssh = self.values.ssh_files(&common);
        let mut nodes = self.nodes(raw, &common);
        let mut options = merged(raw.provider_options.as_ref(), None);
        listen_everywhere(raw, &mut options);
        let mut beside = raw.beside.resolve(&mut self.values, &common, &options);
        let watcher = raw.monitoring.as_ref().and_then(|section| section.prometheus.as_ref());
        beside.watcher = watcher.and_then(|watcher| watcher.resolved(&mut self.values, &common));
        let tls = tls::resolved(raw, &mut self.values);
        self.values.notes.extend(tls::set_twice(raw));
        if let Some(tls) = &tls {
            tls::apply(tls, &mut nodes, &mut beside, sst.as_mut());
        }
        settle_on_hosts(lists::entries_mut(&mut nodes, &mut beside));
        let endpoint = self.endpoint(raw, beside.proxies().len());
        let proxysql = raw.proxysql.as_ref().map(|section| section.resolved(&mut self.values));
        let monitoring = raw.monitoring.as_ref().map(|section| section.resolved(&mut self.values));
        let lint_accepts = raw.lint.as_ref().map(|section| section.resolved(rules::ALL, &mut self.values));
        let lint_accepts = lint_accepts.into_iter().flatten().chain(of_any_object(&accepted)).collect();
        let seed = self.seed(raw, &nodes);
        let whole = raw.complete && nodes.len() == raw.nodes.len();
        if whole {
            let entries = lists::entries(&nodes, &beside);
            let each = "every node, arbitrator and proxy";
            self.values.notes.extend(entries::check(&entries, one_host::why_apart, each));
            let members: Vec<_> = entries.iter().map(|it| it.entry.address()).collect();
            let of_endpoint = endpoint.map(|it| endpoint::check(it, &nodes, beside.proxies(), &members));
            self.values.notes.extend(of_endpoint.into_iter().flatten());
            self.values.notes.extend(endpoint::section_of_proxysql(proxysql.as_ref(), beside.proxies()));
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
            accepted,
            endpoint,
            proxysql,
            monitoring,
            tls,
            lint_accepts,
            doors: Vec::new(),
            nodes,
            beside,
        })
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
            if self.values.notes.len() >= ENOUGH {
                return;
            }
            if let Some(other) = spellings.insert(options::canonical(name), name) {
                let message = format!("`{}` and `{}` are one option", shown(name), shown(other));
                let note = Note::error("duplicate-option", join(path, name), message).at_key();
                self.values.notes.push(note.hint("keep one of them"));
            }
            if let Err(wrong) = check(name, &value.0) {
                let note = Note::error(wrong.code, join(path, name), wrong.message).hint(wrong.hint);
                let note = match wrong.code {
                    "unknown-provider-option" | "option-name" => note.at_unknown_name(),
                    _ if wrong.on_name => note.at_key(),
                    _ => note,
                };
                self.values.notes.push(if options::holds_secret(name) { note.discreet() } else { note });
            }
        }
    }

    fn sst(&mut self, raw: Option<&RawSst>) -> Option<Sst> {
        let method = raw.and_then(|sst| sst.method).unwrap_or(SstMethod::Mariabackup);
        let user = raw.and_then(|sst| sst.user.as_deref()).unwrap_or("sst");
        let user: Option<UserName> = self.values.parse(user, "sst.user");
        let password = self.values.secret(raw.and_then(|sst| sst.password.as_ref()), "sst.password");
        let options = raw.and_then(|sst| sst.options.as_ref());
        self.settings(options, "sst.options", options::check_sst_option);
        Some(Sst { method, user: user?, password: password?, options: merged(options, None) })
    }

    fn host(&mut self, raw: &RawInventory, flavour: Flavour) -> Option<HostLayout> {
        let none = crate::galera::inventory::raw::RawHost::default();
        let host = raw.host.as_ref().unwrap_or(&none);
        let usual = Distribution::of(flavour);
        let config_file = self
            .values
            .remote_path(host.config_file.as_ref(), "host.config_file")
            .unwrap_or_else(|| usual.config_file.to_owned());
        if Path::new(&config_file).extension().is_none_or(|extension| extension != "cnf") {
            let message = "the server reads only files whose names end in .cnf";
            let note = Note::error("config-file", "host.config_file", message)
                .hint(format!("for example {}", usual.config_file));
            self.values.notes.push(note);
        }
        Some(HostLayout {
            unit: self.values.parse(host.service.as_deref().unwrap_or(usual.unit), "host.service")?,
            config_file,
            datadir: self.values.remote_path(host.datadir.as_ref(), "host.datadir"),
            socket: self.values.remote_path(host.socket.as_ref(), "host.socket"),
            provider: self.values.remote_path(host.provider.as_ref(), "host.provider"),
        })
    }

    /// Proxies need an endpoint, even where the inventory has no such section.
    fn endpoint(&mut self, raw: &RawInventory, proxies: usize) -> Option<Endpoint> {
        let usual = RawEndpoint::default();
        let written = raw.endpoint.as_ref().or((proxies > 0).then_some(&usual))?;
        let (endpoint, wrong) = written.resolved(proxies);
        self.values.notes.extend(wrong);
        Some(endpoint)
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
            self.values.notes.push(Note::error("threshold", path, message));
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
            self.values.notes.push(Note::error("threshold", "thresholds.ist_window", message));
            usual
        })
    }

    fn nodes(&mut self, raw: &RawInventory, common: &RawSsh) -> Vec<Node> {
        if raw.nodes.is_empty() && raw.complete {
            let note = Note::error("no-nodes", "nodes", "a cluster has at least one node");
            self.values.notes.push(note.hint("begin each entry with `- name: …`"));
        }
        let node = |node: &RawNode| self.node(node, raw, common);
        raw.nodes.iter().filter_map(node).collect()
    }

    fn node(&mut self, raw: &RawNode, all: &RawInventory, common: &RawSsh) -> Option<Node> {
        let path = raw.path();
        let own_options = raw.provider_options.as_ref();
        self.settings(raw.mysqld.as_ref(), &join(&path, "mysqld"), options::check_server_option);
        self.settings(own_options, &join(&path, "provider_options"), options::check_provider_option);
        let Login { name, address, host, ssh } = self.values.login(raw, common)?;
        let mut provider_options = merged(all.provider_options.as_ref(), own_options);
        provider_options.insert("gmcast.segment".into(), raw.segment.unwrap_or(0).to_string());
        provider_options.entry("gcache.size".into()).or_insert_with(|| DEFAULT_GCACHE.into());
        listen_everywhere(all, &mut provider_options);
        Some(Node {
            name,
            address,
            host,
            ssh,
            mysqld: merged(all.mysqld.as_ref(), raw.mysqld.as_ref()),
            provider_options,
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
            self.values.notes.push(note.hint(crate::kernel::inventory::wording::suggest(text, &known)));
        }
        found.cloned()
    }
}

/// Where a node has an IPv6 address, the provider does not listen at its default, 0.0.0.0, which is IPv4 alone. A
/// socket at [::] takes both.
fn listen_everywhere(raw: &RawInventory, options: &mut Settings) {
    let is_ipv6 = |node: &RawNode| matches!(node.address.parse(), Ok(Address::Ip(ip)) if ip.is_ipv6());
    if !raw.nodes.iter().any(is_ipv6) {
        return;
    }
    let usual = Service::GroupCommunication.usual_port().to_string();
    let port = options.get("base_port").unwrap_or(&usual);
    let address = format!("tcp://[::]:{port}");
    options.entry("gmcast.listen_addr".into()).or_insert(address);
}

fn merged(common: Option<&RawSettings>, own: Option<&RawSettings>) -> Settings {
    let entries = common.into_iter().chain(own).flatten();
    entries.map(|(name, value)| (options::canonical(name), value.0.clone())).collect()
}
