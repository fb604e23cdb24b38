//! Certificates of hosts: who has which, which ones the running programs have loaded, and what must hold of them
//! whenever a step has ended.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use galactl::galera::config::server_options;
use galactl::galera::facts::{ServerAnswer, Spoken};
use galactl::galera::garbd::settings::Garbd;
use galactl::galera::inventory::Inventory;
use galactl::galera::plan::{Action, Step};
use galactl::galera::tls::action::TlsAction;
use galactl::galera::tls::facts::TlsFacts;
use galactl::galera::tls::inventory::Material;
use galactl::galera::tls::settings::NODE;
use galactl::galera::tls::wanted::{members, sans};
use galactl::kernel::certificates::{Certificate, Pair, issue, leads_to, make_ca};
use galactl::kernel::facts::{ConfigFile, Machine, Seen};
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{HostAction, PutFile};

use super::arbitrator::Running;
use super::cluster::{Shape, inventory};
use super::world::World;

/// What the clocks of all hosts say, and that of the operator: seconds since 1970.
pub const NOW: i64 = 1_700_000_000;
pub const DAY: i64 = 86_400;
/// For how many days old certificates have been valid.
const BEGUN: i64 = 400;

static FIRST: LazyLock<Authority> = LazyLock::new(|| Authority::new("galactl shop"));

/// Who issues the certificates of the inventory.
#[derive(Clone)]
pub struct Authority(Pair);

impl Authority {
    pub fn new(name: &str) -> Self {
        Self(make_ca(name, NOW - BEGUN * DAY - DAY, 3650).unwrap())
    }

    /// One that ends in so many days.
    pub fn ending(name: &str, days_left: i64) -> Self {
        let days = u32::try_from(BEGUN + 1 + days_left).unwrap();
        Self(make_ca(name, NOW - BEGUN * DAY - DAY, days).unwrap())
    }

    pub fn pem(&self) -> &str {
        &self.0.certificate
    }

    /// A certificate that ends in so many days, of which it has been valid for some.
    pub fn issue(&self, inventory: &Inventory, member: &NodeName, days_left: i64) -> String {
        let entry = members(inventory).find(|(it, _)| it.name() == member).expect("a member").0;
        let begun = NOW - BEGUN * DAY;
        let days = u32::try_from(days_left + BEGUN).unwrap();
        issue(&self.0, member.as_str(), &sans(inventory, entry), begun, days).unwrap().pair.certificate
    }

    fn now(&self, inventory: &Inventory, member: &NodeName, days: u32) -> String {
        let entry = members(inventory).find(|(it, _)| it.name() == member).expect("a member").0;
        issue(&self.0, member.as_str(), &sans(inventory, entry), NOW, days).unwrap().pair.certificate
    }
}

/// What a running program has read from its files.
#[derive(Debug, Clone)]
pub struct Loaded {
    spoken: Spoken,
    pair: String,
    trusted: String,
}

impl World {
    /// Every host has room for certificates, and the inventory an authority that galactl has made.
    pub fn certified(&mut self) {
        let Some(tls) = &mut self.inventory.tls else {
            self.observation.certificates.clear();
            return;
        };
        let material = &tls.material;
        if material.ca.is_none() {
            tls.material = Material { ca: Some(FIRST.pem().to_owned()), read_at: NOW, ..Material::default() };
            self.authority = Some(FIRST.clone());
        }
        let names: Vec<_> = members(&self.inventory).map(|(it, _)| it.name().clone()).collect();
        for name in names {
            let there = self.observation.certificates.entry(name).or_insert(Seen::Unreachable("new".into()));
            if matches!(there, Seen::Unreachable(_)) {
                *there = Seen::Facts(Box::new(bare_certificates()));
            }
        }
    }

    /// The inventory is another one now; the hosts are as they are.
    pub fn with_inventory(&mut self, shape: &Shape) {
        self.inventory = inventory(shape);
        self.authority = None;
        self.certified();
    }

    /// The inventory names another authority from now on.
    pub fn change_authority(&mut self, authority: &Authority) {
        let tls = self.inventory.tls.as_mut().expect("a section `tls`");
        tls.material.ca = Some(authority.pem().to_owned());
        self.authority = Some(authority.clone());
    }

    pub fn authority(&self) -> &Authority {
        self.authority.as_ref().expect("an authority")
    }

    pub fn certificates_mut(&mut self, member: &NodeName) -> &mut TlsFacts {
        match self.observation.certificates.get_mut(member) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("the certificates of {member} are not seen"),
        }
    }

    fn certificates(&self, member: &NodeName) -> &TlsFacts {
        self.observation.certificates_of(member).unwrap_or_else(|| panic!("{member} has none"))
    }

    /// Its certificate is this one from now on, on disk and in what runs.
    pub fn has_certificate(&mut self, member: &NodeName, pem: &str) {
        let own = Certificate::all_in(pem).unwrap().remove(0);
        let facts = self.certificates_mut(member);
        facts.key = Some(own.spki_sha256);
        facts.pair.as_mut().expect("it had one").text = pem.to_owned();
        if let Some(loaded) = self.loaded.get_mut(member) {
            loaded.pair = pem.to_owned();
        }
    }

    /// It trusts this authority alone from now on, on disk and in what runs.
    pub fn trusts(&mut self, member: &NodeName, authority: &Authority) {
        self.certificates_mut(member).ca.as_mut().expect("it had one").text = authority.pem().to_owned();
        if let Some(loaded) = self.loaded.get_mut(member) {
            loaded.trusted = authority.pem().to_owned();
        }
    }

    /// One action on the certificates of a member.
    pub fn act_on_certificates(&mut self, step: &Step) {
        let member = &step.node;
        match &step.action {
            Action::Host(HostAction::PutFile(file)) => {
                let text = file.text.clone();
                let facts = self.certificates_mut(member);
                put(&mut facts.ca, file, text, &step.id);
                self.written(member);
            }
            Action::Tls(TlsAction::Put { file }) => {
                let text = self.new_pair(member);
                let own = Certificate::all_in(&text).unwrap().remove(0);
                let facts = self.certificates_mut(member);
                facts.key = Some(own.spki_sha256);
                put(&mut facts.pair, file, text, &step.id);
                self.written(member);
            }
            Action::Tls(TlsAction::Load { .. }) => {
                let spoken = self.loaded.get(member).map(|it| it.spoken);
                assert!(spoken.is_some(), "{}: what runs uses no certificates", step.id);
                self.load(member, spoken);
            }
            Action::Tls(TlsAction::Restart { nodes, .. }) => {
                assert_eq!(self.primary().len(), nodes.len(), "{}: the nodes are not whole", step.id);
                self.restart_arbitrator(member);
            }
            other => panic!("{}: {other:?}", step.id),
        }
        self.assert_understood(&step.id);
    }

    /// What is put in place as certificate and key: the one that the member brings along, or one issued now.
    fn new_pair(&self, member: &NodeName) -> String {
        let tls = self.inventory.tls.as_ref().expect("a section `tls`");
        match tls.material.own.get(member) {
            Some(own) => own.clone(),
            None => self.authority().now(&self.inventory, member, tls.valid_days),
        }
    }

    fn written(&mut self, member: &NodeName) {
        let runs = match self.observation.arbitrator(member) {
            Some(facts) => facts.runs(),
            None => self.facts(member).server_runs(),
        };
        self.certificates_mut(member).stale = runs;
    }

    /// A running program reads its files. `None`: it uses none.
    pub fn load(&mut self, member: &NodeName, spoken: Option<Spoken>) {
        if self.observation.certificates_of(member).is_none() {
            assert!(spoken.is_none_or(|it| it == Spoken::Clear), "{member} speaks TLS without a certificate");
            self.loaded.remove(member);
            return;
        }
        let facts = self.certificates_mut(member);
        facts.stale = false;
        let text = |file: &Option<ConfigFile>| file.as_ref().map(|file| file.text.clone());
        match (spoken, text(&facts.pair), text(&facts.ca)) {
            (None, ..) => self.loaded.remove(member),
            (Some(spoken), Some(pair), Some(trusted)) => {
                self.loaded.insert(member.clone(), Loaded { spoken, pair, trusted })
            }
            (Some(_), ..) => panic!("{member} is started without the files that it is told to read"),
        };
    }

    /// A server was started with its option file.
    pub fn started(&mut self, node: &NodeName) {
        let text = self.facts(node).config.as_ref().map(|it| it.text.clone()).unwrap_or_default();
        let options = server_options(&text);
        let provider = options.get("wsrep_provider_options").map_or("", String::as_str);
        let uses = options.values().any(|value| value.contains(NODE.pair));
        let spoken = Spoken::of(provider);
        if spoken == Spoken::Both {
            let address = options.get("wsrep_cluster_address").map_or("", String::as_str);
            self.assert_enters(node, address);
        }
        self.speaks(node, Some(spoken));
        self.load(node, uses.then_some(spoken));
        self.assert_understood(&format!("start of {node}"));
    }

    pub fn speaks(&mut self, node: &NodeName, spoken: Option<Spoken>) {
        if let ServerAnswer::Live(live) = &mut self.facts_mut(node).server_answer {
            live.spoken = spoken;
        }
    }

    /// An option file was put in place.
    pub fn options_from(&mut self, node: &NodeName) {
        let host = self.facts_mut(node);
        let text = host.config.as_ref().map(|it| it.text.clone()).unwrap_or_default();
        let options = server_options(&text);
        let used = options.values().any(|value| value.contains(NODE.pair));
        host.options = if used { options } else { BTreeMap::new() };
    }

    fn restart_arbitrator(&mut self, name: &NodeName) {
        let text = self.arbitrator_mut(name).config.as_ref().map(|it| it.text.clone()).unwrap_or_default();
        let settings = self.garbd_with(&text);
        assert!(self.arbitrator_mut(name).runs(), "{name} does not run");
        self.arbitrator_mut(name).become_running(&settings);
        self.arbitrator_started(name);
    }

    /// Its daemon was started with its settings.
    pub fn arbitrator_started(&mut self, name: &NodeName) {
        let spoken = self.observation.arbitrator(name).expect("it is seen").spoken();
        self.load(name, (spoken != Spoken::Clear).then_some(spoken));
        self.assert_understood(&format!("start of {name}"));
    }

    /// The settings that make this file: of the inventory, or of the first round of a switch.
    pub fn garbd_with(&self, text: &str) -> Garbd {
        let all = [self.inventory.clone(), self.both(&self.inventory.seed)];
        let found = all.iter().map(|it| Garbd::of(it, &it.arbitrators()[0])).find(|it| it.text() == text);
        found.unwrap_or_else(|| panic!("nobody wants these settings of garbd: {text}"))
    }

    /// The inventory of the first round in which TLS is switched: all take clear text and TLS, and enter at this node.
    pub fn both(&self, door: &NodeName) -> Inventory {
        let mut inventory = self.inventory.clone();
        inventory.doors = vec![door.clone()];
        let tls = |ca: &str, pair: &str| {
            [("socket.ssl_ca", ca), ("socket.ssl_cert", pair), ("socket.ssl_key", pair)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let both = [("socket.dynamic".to_owned(), "true".to_owned())];
        for node in &mut inventory.nodes {
            node.provider_options.extend(tls(NODE.ca, NODE.pair).into_iter().chain(both.clone()));
        }
        for arbitrator in inventory.beside.arbitrators_mut() {
            let paths = galactl::galera::tls::settings::ARBITRATOR;
            arbitrator.provider_options.extend(tls(paths.ca, paths.pair).into_iter().chain(both.clone()));
        }
        inventory
    }

    /// How the members speak that run.
    fn speaking(&self) -> Vec<(NodeName, Spoken)> {
        let live = |name: NodeName| {
            let spoken = self.facts(&name).live()?.spoken?;
            Some((name, spoken))
        };
        let nodes = self.primary().into_iter().filter_map(live);
        let arbitrators = self.inventory.arbitrators().iter().filter_map(|it| {
            let facts = self.observation.arbitrator(&it.name).filter(|facts| facts.runs())?;
            Some((it.name.clone(), facts.spoken()))
        });
        nodes.chain(arbitrators).collect()
    }

    /// Who takes both enters through one member, which speaks TLS only as long as there is one that does: all others
    /// that do connect to it under the address that this one tells.
    fn assert_enters(&self, node: &NodeName, address: &str) {
        let strict =
            self.speaking().into_iter().filter(|(name, spoken)| name != node && *spoken == Spoken::Tls);
        let doors = strict.filter_map(|(name, _)| {
            Some(format!("gcomm://{}", self.inventory.node(&name)?.address_for_peers()))
        });
        let doors: Vec<_> = doors.collect();
        assert!(
            doors.is_empty() || doors.iter().any(|door| door == address),
            "{node} enters at {address}, and TLS only is spoken at {doors:?}"
        );
    }

    /// Any two members that run can reconnect at any time: they speak alike, and each trusts what the other shows.
    pub fn assert_understood(&self, step: &str) {
        let all = self.speaking();
        for (one, own) in &all {
            for (other, its) in all.iter().filter(|(other, _)| other != one) {
                assert!(own.understands(*its), "{step}: {one} speaks {own:?}, and {other} {its:?}");
                if *own == Spoken::Clear || *its == Spoken::Clear {
                    continue;
                }
                let loaded = |name| self.loaded.get(name).unwrap_or_else(|| panic!("{name} has loaded none"));
                assert!(
                    is_trusted(&loaded(one).pair, &loaded(other).trusted),
                    "{step}: {other} does not trust the certificate of {one}"
                );
            }
        }
    }

    /// A transfer between these nodes works: their scripts read their files just then.
    pub fn assert_transfers(&self, joiner: &NodeName) {
        let section = |name: &NodeName| {
            let text = self.facts(name).config.as_ref().map(|it| it.text.clone()).unwrap_or_default();
            text.lines().find(|line| line.starts_with("ssl_mode")).map(str::to_owned)
        };
        for donor in self.primary().iter().filter(|it| *it != joiner) {
            let (own, its) = (section(joiner), section(donor));
            assert_eq!(own, its, "{joiner} and {donor} do not agree on how they transfer data");
            if own.is_some_and(|mode| mode.contains("VERIFY_CA")) {
                let text = |file: &Option<ConfigFile>| file.as_ref().map(|it| it.text.clone());
                let files = |name| {
                    let facts = self.certificates(name);
                    text(&facts.pair).zip(text(&facts.ca)).unwrap_or_else(|| panic!("{name} has no files"))
                };
                let ((pair, ca), (donors, trusted)) = (files(joiner), files(donor));
                assert!(is_trusted(&pair, &trusted), "{donor} sends nothing to {joiner}");
                assert!(is_trusted(&donors, &ca), "{joiner} takes nothing from {donor}");
            }
        }
    }
}

/// The chain leads to one of these, and is in force.
fn is_trusted(pair: &str, trusted: &str) -> bool {
    let chain = Certificate::all_in(pair).unwrap();
    leads_to(&chain, &Certificate::all_in(trusted).unwrap(), NOW)
}

fn put(there: &mut Option<ConfigFile>, file: &PutFile, text: String, step: &str) {
    assert_eq!(there.is_some(), file.replaces, "{step}: another file");
    let (mode, owner, group) = (file.mode.clone(), file.owner.clone(), file.group.clone());
    *there = Some(ConfigFile { mode, owner, group, text });
}

/// A host without certificates.
pub fn bare_certificates() -> TlsFacts {
    TlsFacts {
        machine: Machine {
            os: "debian 12".into(),
            debian_family: true,
            #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
            clock: NOW as f64,
            ..Machine::default()
        },
        openssl: true,
        ..TlsFacts::default()
    }
}
