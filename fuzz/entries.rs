//! What each fuzz target does with its bytes. `tests/core/fuzz_corpus.rs` puts the kept corpus through
//! the same functions.
//!
//! No panic is the least of it: what is asserted here holds of every text whatever.

#![allow(dead_code, reason = "each target uses its own part of this file")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use galactl::galera::act::logs::{MOST_LINES, split};
use galactl::galera::check::check;
use galactl::galera::config::{
    Renderer, lines_in_force, presentable, redact, server_options, sst_password_in,
};
use galactl::galera::explain::{explain, relevant};
use galactl::galera::facts::{
    BootstrapRecord, Examined, Grastate, Gvwstate, HostFacts, Live, PortMatrix, Position, Recovered,
    ServerStart, Target, Tried, fingerprint, node_ports, recovered_position, ways,
};
use galactl::galera::garbd;
use galactl::galera::garbd::facts::ArbitratorFacts;
use galactl::galera::inventory;
use galactl::galera::inventory::{Inventory, ROLE};
use galactl::galera::judge::Basis;
use galactl::galera::lint::log::{Log, large, of_general_log, of_slow_log};
use galactl::galera::lint::sql::Dump;
use galactl::galera::lint::{self, Place, Schema};
use galactl::galera::load::conflicts;
use galactl::galera::load::conflicts::Told;
use galactl::galera::load::own::Own;
use galactl::galera::model::{Distribution, SST_PASSWORD, Service};
use galactl::galera::observation::Observation;
use galactl::galera::plan;
use galactl::galera::plan::{Choice, ConfigChoice, NoPlan, Plan, Saved};
use galactl::galera::proxy::haproxy::found::{self, Known};
use galactl::galera::recovery::{
    Bundle, Evidence, HEADINGS, decide, force, holding, sentence, table, verdict_text,
};
use galactl::kernel::certificates::{Certificate, Pair, San, check as check_pair, check_ca, issue};
use galactl::kernel::facts::{Machine, Report, Seen};
use galactl::kernel::inventory::note;
use galactl::kernel::lint::Source;
use galactl::kernel::model::{ClusterName, HostName, NodeName, Secrets, ServerVersion};
use galactl::kernel::plan::{
    Command as _, Input, NotUsable, busy, markdown, other_work, refusals_text, stale, text as plan_text,
};
use galactl::kernel::run::event::Excerpt;
use galactl::mesh::facts::{HostFacts as MeshHost, fingerprint as mesh_fingerprint};
use galactl::mesh::inventory::{Inventory as MeshInventory, ROLE as MESH};
use galactl::mesh::model::MESH_PASSWORD;
use galactl::mesh::observation::Observation as MeshObservation;
use galactl::patroni as postgresql;
use galactl::patroni::facts::{
    EtcdHostFacts, HostFacts as PatroniHost, Line, Recovered as PatroniRecovered, Relation, WalDigests,
    fingerprint as patroni_fingerprint, meeting, relation,
};
use galactl::patroni::inventory::ROLE as PATRONI;
use galactl::patroni::observation::Observation as PatroniObservation;
use galactl::ui::{excerpts_text, lint_markdown, lint_regions, lint_text, notes_text, preflight_text};

pub type Entry = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const ENTRIES: [(&str, Entry); 14] = [
    ("bundle", bundle),
    ("certificates", certificates),
    ("dump", dump),
    ("hosts", hosts),
    ("inventory", inventory),
    ("logs", logs),
    ("mesh", mesh),
    ("mesh_hosts", mesh_hosts),
    ("patroni", patroni),
    ("patroni_hosts", patroni_hosts),
    ("ports", ports),
    ("report", report),
    ("saved", saved),
    ("words", words),
];

/// Parts the texts of several hosts in one input.
const NEXT_HOST: &str = "\n---\n";
/// Needs to be escaped in an option file.
const SECRET: &str = r#"p"q\r:secret"#;
const STANDALONE: &str = include_str!("../tests/fixtures/reports/bookworm-standalone.txt");

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(None).expect("galactl's own template"));
static THREE: LazyLock<Inventory> = LazyLock::new(|| three("sst: {method: mariabackup}"));
static INSTALLING: LazyLock<Inventory> =
    LazyLock::new(|| three("sst: {method: rsync}\narbitrators: [{name: arb, address: 10.77.1.20}]"));
static MESH_OF_THREE: LazyLock<MeshInventory> = LazyLock::new(|| {
    let node = |at: usize| format!("- {{name: pg{at}, address: 10.77.6.1{at}}}\n");
    let nodes: String = (1..=3).map(node).collect();
    let text = format!(
        "version: 1\nengine: postgresql-mesh\ncluster: {{name: shop}}\ndatabases: [{{name: shop}}]\nnodes:\n{nodes}"
    );
    galactl::mesh::inventory::parse(text.as_bytes()).map(|(inventory, _)| inventory).expect("an inventory")
});
static FRESH: LazyLock<HostFacts> = LazyLock::new(|| {
    Report::parse(STANDALONE)
        .and_then(|report| HostFacts::read(&report, &secrets()))
        .expect("a report of a real host")
});

fn three(more: &str) -> Inventory {
    let install = more.contains("rsync");
    let text = format!(
        "version: 1\ncluster: {{name: core, install: {install}}}\n{more}\nnodes:\n- {{name: db1, address: 10.77.1.11}}\n- {{name: db2, address: 10.77.1.12}}\n- {{name: db3, address: 10.77.1.13}}\n"
    );
    inventory::parse(text.as_bytes()).map(|(inventory, _)| inventory).expect("an inventory")
}

fn node(number: usize) -> NodeName {
    format!("db{number}").parse().expect("a name")
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert(SST_PASSWORD, SECRET.into());
    secrets
}

/// As what a host prints becomes text.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A dump: alike in pieces of any size, and harmless to a terminal whatever names it has.
pub fn dump(bytes: &[u8]) {
    let read = |size: usize| {
        let mut dump = Dump::new("dump.sql");
        bytes.chunks(size).for_each(|piece| dump.feed(piece));
        dump.finish()
    };
    let whole = read(bytes.len().max(1));
    assert_eq!(read(7), whole);
    linted(whole);
}

fn linted(schema: Schema) {
    let place = Place { nodes: 3, arbitrators: 0, member: false };
    let report = lint::with_regions(schema, Source::Dump("dump.sql".into()), place, &[], Some("region"));
    for text in
        [lint_text(&report, &lint_regions(&report), Some(80)), lint_markdown(&report, &lint_regions(&report))]
    {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "a terminal would obey it: {text:?}");
    }
}

/// An inventory of PostgreSQL with Patroni: errors or an inventory, never both, and its files are what they say.
pub fn patroni(bytes: &[u8]) {
    let parsed = postgresql::inventory::parse(bytes);
    let notes = parsed.as_ref().map_or_else(Vec::clone, |(_, notes)| notes.clone());
    assert_eq!(parsed.is_err(), note::any_error(&notes), "errors or an inventory, never both");
    let shown = notes_text(&notes, "inventory.yaml", bytes, false);
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "a terminal would obey it: {shown:?}");
    let Ok((inventory, _)) = parsed else { return };
    let software = postgresql::model::Software {
        debian: 13,
        patroni: ServerVersion { major: 4, minor: 0, patch: 7 },
        etcd: None,
        postgresql: postgresql::model::Major::Seventeen,
        founded: None,
    };
    let _ = postgresql::inventory::unfit(&inventory, software);
    for node in &inventory.nodes {
        let file = postgresql::config::patroni_file(&inventory, node, software).text;
        let config: serde_yaml::Value = serde_yaml::from_str(&file).expect("it is YAML");
        assert_eq!(config["name"].as_str(), Some(node.name.as_str()));
        let parameters = config["postgresql"]["parameters"].as_mapping().expect("a mapping");
        assert_eq!(parameters.len(), node.settings.len() + 1, "each setting is one parameter");
    }
    let start = postgresql::config::EtcdStart::New;
    for member in inventory.etcd.members() {
        let file = postgresql::config::etcd_file(&inventory, member, software, start).text;
        assert!(file.lines().skip(1).all(|line| line.starts_with("ETCD_")), "{file}");
    }
    if let Some(ports) = inventory.endpoint {
        let file = postgresql::proxy::settings::text(&inventory, ports);
        let lines = |word: &str| file.lines().filter(|line| line.trim_start().starts_with(word)).count();
        assert_eq!(
            lines("server "),
            3 * inventory.nodes.len(),
            "each node stands there as often as it is asked of"
        );
        assert_eq!(lines("acl "), 2 * (inventory.clients.len() + inventory.nodes.len()), "{file}");
    }
}

/// An inventory of a mesh: errors or an inventory, never both, and its files have a line for each setting and each network.
pub fn mesh(bytes: &[u8]) {
    let parsed = galactl::mesh::inventory::parse(bytes);
    let notes = parsed.as_ref().map_or_else(Vec::clone, |(_, notes)| notes.clone());
    assert_eq!(parsed.is_err(), note::any_error(&notes), "errors or an inventory, never both");
    let shown = notes_text(&notes, "inventory.yaml", bytes, false);
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "a terminal would obey it: {shown:?}");
    let Ok((inventory, _)) = parsed else { return };
    let plain = galactl::mesh::config::lines(&inventory);
    assert_eq!(plain.len(), 2 * inventory.nodes.len() + 1 + inventory.clients.len());
    assert!(plain.iter().all(|line| line.split(' ').count() == 5 && !line.contains('\n')), "{plain:?}");
    for node in &inventory.nodes {
        let major = galactl::postgresql::Major::Seventeen;
        let file = galactl::mesh::config::server_file(
            &inventory,
            node,
            major,
            None,
            &galactl::mesh::config::Values::new(),
        )
        .text;
        let is_setting = |line: &str| line.contains(" = '") && line.ends_with('\'');
        assert!(file.lines().skip(1).all(is_setting), "{file}");
        assert!(!file.contains("${secret:"), "everybody may read it: {file}");
    }
    let rendered = galactl::mesh::statements::rendered(&inventory);
    assert_eq!(rendered.is_empty(), inventory.method.is_run());
}

/// Reports of hosts of a mesh, what is planned on them, and how the mesh is.
pub fn mesh_hosts(bytes: &[u8]) {
    let mut secrets = Secrets::default();
    secrets.insert(MESH_PASSWORD, SECRET.into());
    let inventory = &*MESH_OF_THREE;
    let mut observation = MeshObservation::default();
    for (node, text) in inventory.nodes.iter().zip(text(bytes).split(NEXT_HOST)) {
        let Ok(report) = Report::parse(text) else { continue };
        let Ok(mut facts) = MeshHost::read(&report, &secrets) else { continue };
        // The one number that JSON may round.
        facts.machine.clock = 0.0;
        let json = serde_json::to_string(&facts).expect("JSON");
        assert!(serde_json::from_str::<MeshHost>(&json).expect("what was saved can be read") == facts);
        assert!(facts.password.as_ref().is_none_or(|file| !file.text.contains(SECRET)), "a secret is shown");
        let clusters = facts.major().map(|major| facts.data_directory(major).map(str::to_owned));
        let _ = (mesh_fingerprint(MESH, &facts), clusters);
        observation.nodes.insert(node.name.clone(), Seen::Facts(Box::new(facts)));
    }
    let status = galactl::mesh::status::status(inventory, &observation);
    assert_eq!(status.nodes.len(), inventory.nodes.len());
    let basis = galactl::mesh::judge::Basis { inventory, observation: &observation };
    if let Ok(plan) = galactl::mesh::plan::bootstrap(&basis) {
        assert!(basis.members().is_empty() || plan.steps().all(|step| !step.id.contains("/open-")));
        let _ = plan_text(&plan);
    }
}

/// A report of one host, of either script, and all that is made of it alone.
pub fn report(bytes: &[u8]) {
    let Ok(report) = Report::parse(&text(bytes)) else { return };
    let recovered = Recovered::read(&report);
    let _ = Examined::read(&report);
    if let Ok(schema) = lint::server::read(&report) {
        linted(schema);
    }
    let _ = Tried::read(&report, &secrets());
    let _ = ArbitratorFacts::read(&report).map(|facts| (facts.fingerprint(garbd::ROLE), facts.state()));
    let _ = report.section("config").map(sst_password_in);
    let Ok(facts) = HostFacts::read(&report, &secrets()) else { return };
    assert!(facts.config.as_ref().is_none_or(|config| !config.text.contains(SECRET)), "a secret is shown");
    let rests_on = fingerprint(ROLE, &facts);
    assert_eq!(rests_on.differences(&fingerprint(ROLE, &facts)), []);
    let _ = (facts.state().to_string(), facts.datadir.is_left_by_transfer());
    let observation = Observation {
        nodes: [(node(1), Seen::Facts(Box::new(facts)))].into(),
        recovered: Some([(node(1), recovered)].into()),
        ..Observation::default()
    };
    evidence(&observation, &[node(1)]);
}

/// Reports of up to three hosts, with both scripts' sections in each, through every plan and verdict.
pub fn hosts(bytes: &[u8]) {
    let text = text(bytes);
    // What stands before the first section is dropped by all parsers.
    let inventory = if text.starts_with("install") { &INSTALLING } else { &THREE };
    let (mut nodes, mut recovered) = (BTreeMap::new(), BTreeMap::new());
    for (number, text) in text.split(NEXT_HOST).take(3).enumerate() {
        let name = node(number + 1);
        let seen = Report::parse(text).and_then(|report| {
            recovered.insert(name.clone(), Recovered::read(&report));
            HostFacts::read(&report, &secrets())
        });
        let seen = seen.map_or_else(
            |why| Seen::Unreachable(why.to_string().into()),
            |facts| Seen::Facts(Box::new(facts)),
        );
        nodes.insert(name, seen);
    }
    // A fourth text is the arbitrator's.
    let told = text
        .split(NEXT_HOST)
        .nth(3)
        .map(|text| Report::parse(text).and_then(|it| ArbitratorFacts::read(&it)));
    let machine = Machine { debian_family: true, ..Machine::default() };
    let bare = ArbitratorFacts { machine, ..ArbitratorFacts::default() };
    let arbitrator = told.unwrap_or(Ok(bare));
    let arbitrator = arbitrator
        .map_or_else(|why| Seen::Unreachable(why.to_string().into()), |facts| Seen::Facts(Box::new(facts)));
    let arbitrators =
        inventory.arbitrators().iter().map(|it| (it.name.clone(), arbitrator.clone())).collect();
    let observation =
        Observation { nodes, arbitrators, recovered: Some(recovered), ..Observation::default() };
    let order: Vec<_> = inventory.nodes.iter().map(|node| node.name.clone()).collect();
    evidence(&observation, &order);
    plans(&Basis { inventory, observation: &observation, renderer: &RENDERER });
}

/// A recovery's evidence, as it is shown, saved and judged.
fn evidence(observation: &Observation, order: &[NodeName]) {
    let cluster: ClusterName = "core".parse().expect("a name");
    let bundle = Bundle::new(cluster, order.to_vec(), observation.clone(), "fuzz".into());
    judged(&bundle.evidence());
    let read = Bundle::parse(&bundle.text()).expect("what was saved can be read");
    assert_eq!(decide(&read.evidence()), decide(&bundle.evidence()), "a saved bundle tells the same");
    assert_eq!(table(&read.evidence()), table(&bundle.evidence()));
}

/// Every verdict on it, in words.
fn judged(evidence: &Evidence<'_>) {
    let _ = galactl::ui::table(&HEADINGS, &table(evidence));
    let stranger: NodeName = "stranger".parse().expect("a name");
    let forced = evidence.order.iter().chain([&stranger]).take(4).map(|seed| force(evidence, seed));
    for verdict in [decide(evidence)].into_iter().chain(forced) {
        let _ = verdict_text(evidence, &verdict);
        for standing in &verdict.standings {
            let _ = (sentence(evidence, standing), holding(evidence.observation, &standing.node));
        }
        assert!(verdict.source().is_none_or(|source| evidence.order.contains(source)));
        serde_json::to_string(&verdict).expect("a verdict is JSON");
    }
}

/// Every plan of these hosts, and what a later run asks of it.
fn plans(basis: &Basis<'_>) {
    let _ = preflight_text(&check(basis));
    let _ = refusals_text(&plan::seed_guards(basis));
    let third = [node(3)];
    let recover = |seed: Option<usize>| {
        let choice = Choice { seed: seed.map(node), keep_aside: seed == Some(2), ..Choice::default() };
        plan::recover(basis, &choice)
    };
    planned(basis, plan::bootstrap(basis));
    planned(basis, plan::add_node(basis, &third, &[]));
    planned(basis, plan::add_node(basis, &third, &third));
    planned(basis, plan::apply_config(basis, ConfigChoice::default()));
    planned(basis, plan::restart(basis, &[], false));
    planned(basis, plan::stop(basis, &[]));
    for seed in [None, Some(1), Some(2), Some(3)] {
        planned(basis, recover(seed));
    }
}

fn planned(basis: &Basis<'_>, outcome: Result<Plan, NoPlan>) {
    match outcome {
        Ok(plan) => {
            resealed(&plan);
            assert_eq!(
                stale(&plan, |host| basis.observation.fingerprint(&basis.inventory.hosts(), host)),
                [],
                "nothing has changed"
            );
            let again = plan::again(&plan, basis).expect("the same facts");
            assert_eq!(other_work(&plan, &again), [], "the same facts");
            let _ = plan::spent("", basis.observation);
        }
        Err(NoPlan::Refused(refusals)) => {
            assert!(!refusals.is_empty(), "a refusal has a reason");
            let _ = refusals_text(&refusals);
        }
        Err(
            NoPlan::Render(_)
            | NoPlan::PositionsWanted
            | NoPlan::StudyWanted(..)
            | NoPlan::Settling(_)
            | NoPlan::Donating(_),
        ) => {}
    }
}

/// A plan as it is shown, and as a file.
fn resealed(plan: &Plan) {
    let _ = (plan_text(plan), markdown(plan), plan.command.is_forced());
    let input = Input { path: "inventory.yaml".into(), sha256: String::new() };
    let saved = Saved::new(plan.clone(), "1f".into(), "fuzz".into(), input, None);
    match Saved::parse(&saved.text()) {
        Ok(read) => assert_eq!(read, saved),
        Err(why) => assert!(plan.offline && why == NotUsable::Offline, "{why}"),
    }
}

/// The shorter texts that hosts and servers say, each put to all that read one.
pub fn words(bytes: &[u8]) {
    let text = text(bytes);
    if let Grastate::Saved(state) = Grastate::parse(Some(&text)) {
        let again = format!("uuid: {}\nseqno: {}", state.position.uuid, state.position.seqno);
        assert!(
            matches!(Grastate::parse(Some(&again)), Grastate::Saved(read) if read.position == state.position)
        );
    }
    if let Some(position) = recovered_position(&text) {
        assert_eq!(recovered_position(&format!("Recovered position: {position}")), Some(position.clone()));
        let read = Recovered::parse(&text, None).position;
        assert!(position.uuid.is_zero() || i64::from(position.seqno) < 0 || read == Position::At(position));
    }
    let _ = Recovered::parse(&text, None);
    let _ = Own::parse(&text);
    let _ = (Gvwstate::parse(Some(&text)), BootstrapRecord::parse(&text), ServerStart::parse(&text));
    let _ =
        (text.parse::<ServerVersion>(), sst_password_in(&text), lines_in_force(&text), server_options(&text));
    let rows: BTreeMap<_, _> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let rows = rows.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let live = Live::from_rows(&rows, &rows);
    assert!(live.is_primary() || !live.is_synced());

    let redacted = redact(&text, &secrets());
    assert!(!redacted.contains(SECRET), "a secret is shown");
    let (there, wanted) =
        text.split_once(NEXT_HOST).unwrap_or((&text, "# ours\n[mysqld]\nport = \"3306\"\n"));
    assert_eq!(presentable(there, wanted).lines().count(), there.lines().count());
    proxied(&text);
    let held = BTreeMap::from([(HostName::from(&node(1)), text)]);
    let _ = refusals_text(&busy(&held));
}

/// A file of HAProxy in front of three nodes.
fn proxied(text: &str) {
    let known = |number: usize| Known {
        places: [format!("10.77.1.1{number}"), format!("db{number}")].into(),
        port: 3306,
    };
    let found = found::read(text, &[known(1), known(2), known(3)]);
    let shown = |text: &String| !text.chars().any(char::is_control);
    assert!(found.left_out.iter().all(shown), "a terminal would obey it");
    let ports = |endpoint: &found::FoundEndpoint| {
        endpoint.write_port != 0 && endpoint.read_port != Some(endpoint.write_port)
    };
    assert!(found.endpoint.as_ref().is_none_or(ports), "an inventory has two ports");
}

/// What three listeners say, and then three hosts that connect to them.
pub fn ports(bytes: &[u8]) {
    let text = text(bytes);
    let mut said = text.split(NEXT_HOST).chain(std::iter::repeat(""));
    let mut matrix = PortMatrix::default();
    let services = Service::ALL.map(|service| (service, service.usual_port()));
    for number in 1..=3 {
        let lines: Vec<_> = said.next().unwrap_or_default().lines().map(str::to_owned).collect();
        matrix.of_nodes.extend(node_ports(&node(number), &services, &lines));
    }
    for number in 1..=3 {
        let others = matrix.of_nodes.iter().filter(|port| port.node != node(number));
        let target = |port: &galactl::galera::facts::NodePort| Target {
            to: port.node.clone(),
            service: port.service,
            port: port.port,
        };
        let targets: Vec<_> = others.map(target).collect();
        matrix.ways.extend(ways(&node(number), &targets, said.next().unwrap_or_default()));
    }
    assert_eq!((matrix.of_nodes.len(), matrix.ways.len()), (3 * services.len(), 3 * 2 * services.len()));
    let seen = (1..=3).map(|number| (node(number), Seen::Facts(Box::new(FRESH.clone()))));
    let observation = Observation { nodes: seen.collect(), ports: matrix.sorted(), ..Observation::default() };
    let basis = Basis { inventory: &THREE, observation: &observation, renderer: &RENDERER };
    let _ = preflight_text(&check(&basis));
    planned(&basis, plan::bootstrap(&basis));
}

/// Logs as a host prints them, the causes in them, and the conflicts.
pub fn logs(bytes: &[u8]) {
    let text = text(bytes);
    conflicts(&text);
    large_transactions(&text);
    let logs = split(&text).parts;
    assert_eq!(logs.len(), text.lines().filter(|line| line.starts_with('@')).count(), "no log makes another");
    let excerpt = |(log, text): &(String, String)| {
        let lines = relevant(text, MOST_LINES);
        assert!(lines.len() <= MOST_LINES);
        Excerpt { node: node(1), log: log.clone(), lines: lines.into_iter().map(str::to_owned).collect() }
    };
    let _ = excerpts_text(&logs.iter().map(excerpt).collect::<Vec<_>>());
    let texts: Vec<_> = logs.iter().map(|(_, text)| text.as_str()).collect();
    let (own, others) = texts.split_at(texts.len() / 2);
    let _ = explain(own, others);
    for most in [0, 1] {
        assert!(relevant(&text, most).len() <= most);
    }
}

/// A transaction has as many rows as its statements, and a text in a statement is not told.
fn large_transactions(text: &str) {
    for (log, statements) in [(Log::Slow, of_slow_log(text)), (Log::General, of_general_log(text))] {
        for whole in [true, false] {
            let large = large(log, &statements, 2, whole);
            assert!(large.iter().all(|it| it.rows >= 2 && it.times > 0), "{large:?}");
        }
    }
}

/// No conflict is made up, and no key of another database is told.
fn conflicts(text: &str) {
    let (mut told, connections) = (Told::default(), BTreeSet::from([7]));
    told.read(text, conflicts::Own { database: "d", connections: &connections });
    let (own, others) = told.of("d");
    assert!(others.iter().all(|met| met.place.key.is_none()));
    let met: u64 = own.iter().chain(&others).map(|met| met.between_nodes + met.on_a_node).sum();
    assert!(met + told.unnamed <= text.lines().count() as u64);
}

/// Reports of hosts with PostgreSQL, Patroni and etcd; what their data is to each other.
pub fn patroni_hosts(bytes: &[u8]) {
    let text = text(bytes);
    let reports: Vec<_> = text.split(NEXT_HOST).filter_map(|text| Report::parse(text).ok()).collect();
    let mut observation = PatroniObservation::default();
    let mut recovered = BTreeMap::new();
    for (number, report) in (1..).zip(&reports) {
        recovered.insert(node(number), PatroniRecovered::read(report));
        let _ = (EtcdHostFacts::read(report, "/service/core"), WalDigests::read(report));
        let _ = postgresql::proxy::facts::ProxyFacts::read(report).map(|facts| facts.fingerprint("haproxy"));
        let Ok(mut facts) = PatroniHost::read(report, "/service/core", &secrets()) else { continue };
        // The one number that JSON may round.
        facts.machine.clock = 0.0;
        let json = serde_json::to_string(&facts).expect("JSON");
        assert!(serde_json::from_str::<PatroniHost>(&json).expect("what was saved can be read") == facts);
        assert!(facts.config.as_ref().is_none_or(|file| !file.text.contains(SECRET)), "a secret is shown");
        let _ = (patroni_fingerprint(PATRONI, &facts), facts.hidden(), facts.is_blank());
        observation.nodes.insert(node(number), Seen::Facts(Box::new(facts)));
    }
    observation.recovered = Some(recovered);
    let _ = (observation.born(), observation.system_ids(), observation.may_be_primary());
    let lines: Vec<_> = (1..=reports.len()).filter_map(|number| observation.line(&node(number))).collect();
    for (one, other) in lines.iter().flat_map(|one| lines.iter().map(move |other| (one, other))) {
        lines_related(one, other);
    }
}

/// Neither side is said to hold the other's data without a comparison of their WAL, and both see the same.
fn lines_related(one: &Line, other: &Line) {
    let unproved = relation(one, other, None);
    assert!(!matches!(unproved, Relation::Equal | Relation::Ahead(_) | Relation::Behind(_)));
    let turned = match relation(one, other, Some(true)) {
        Relation::Ahead(bytes) => Relation::Behind(bytes),
        Relation::Behind(bytes) => Relation::Ahead(bytes),
        same => same,
    };
    assert_eq!(relation(other, one, Some(true)), turned);
    assert_eq!(meeting(one, other), meeting(other, one));
}

/// Certificates and keys in PEM, or a certificate in DER: what is said of them moves no cursor, and what was read is
/// written and read again.
pub fn certificates(bytes: &[u8]) {
    const NOW: i64 = 1_800_000_000;
    let text = text(bytes);
    let harmless =
        |text: &str| assert!(!text.contains(char::is_control), "a terminal would obey it: {text:?}");
    let mut pairs = vec![Pair { certificate: text.clone(), key: text.clone().into() }];
    for certificate in Certificate::all_in(&text).into_iter().flatten().chain(Certificate::from_der(bytes)) {
        harmless(&certificate.subject);
        harmless(&certificate.issuer);
        certificate.sans.iter().for_each(|san| harmless(&san.to_string()));
        let _ = (certificate.days_left(NOW), certificate.answers_to(&San::of("db1")));
        let pem = certificate.pem();
        assert_eq!(Certificate::all_in(&pem), Ok(vec![certificate]));
        pairs.push(Pair { certificate: pem, key: text.clone().into() });
    }
    for pair in pairs {
        let faults = check_pair(&pair, &pair.certificate, &[San::of("db1")], NOW);
        for fault in faults.into_iter().chain(check_ca(&pair, NOW)) {
            harmless(&fault.to_string());
            harmless(&fault.remedy(&|_| "FILE".to_owned()));
        }
        let _ = issue(&pair, "db1", &[San::of("db1")], NOW, 1);
    }
}

/// An evidence file.
pub fn bundle(bytes: &[u8]) {
    let Ok(bundle) = Bundle::parse(&text(bytes)) else { return };
    judged(&bundle.evidence());
    let read = Bundle::parse(&bundle.text()).expect("what was saved can be read");
    assert_eq!(decide(&read.evidence()), decide(&bundle.evidence()));
    for (_, facts) in bundle.observation.seen() {
        let _ = (facts.state().to_string(), fingerprint(ROLE, facts));
    }
}

/// A plan file; and the plan in it as if its digest were right.
pub fn saved(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(saved) = Saved::parse(&text) {
        assert_eq!(Saved::parse(&saved.text()).as_ref(), Ok(&saved));
    }
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(&text) else { return };
    let value = if value["plan"].is_null() { value } else { value["plan"].take() };
    let Ok(plan) = serde_json::from_value::<Plan>(value) else { return };
    resealed(&plan);
    let nodes = (1..=3).map(|number| (node(number), Seen::Facts(Box::new(FRESH.clone()))));
    let observation = Observation { nodes: nodes.collect(), ..Observation::default() };
    let basis = Basis { inventory: &THREE, observation: &observation, renderer: &RENDERER };
    let _ = refusals_text(&stale(&plan, |host| observation.fingerprint(&THREE.hosts(), host)));
    if let Ok(again) = plan::again(&plan, &basis) {
        let _ = refusals_text(&other_work(&plan, &again));
    }
}

/// An inventory: what is said of it, the option files and the plan without hosts.
pub fn inventory(bytes: &[u8]) {
    let (inventory, notes) = match inventory::parse(bytes) {
        Ok((inventory, notes)) => (Some(inventory), notes),
        Err(notes) => (None, notes),
    };
    assert_eq!(inventory.is_none(), note::any_error(&notes), "an error, or an inventory");
    let shown = notes_text(&notes, "inventory.yaml", bytes, false);
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "nothing moves the cursor");
    let Some(inventory) = inventory else { return };
    let usual = Distribution::of(inventory.flavour).providers[0];
    let library = inventory.host.provider.as_deref().unwrap_or(usual);
    let list = inventory.cluster_address();
    for node in inventory.nodes.iter().take(3) {
        let file = RENDERER.render(&inventory, node, library, &list).expect("an inventory can be rendered");
        let _ = server_options(&file);
    }
    if let Ok(plan) = plan::bootstrap_offline(&inventory, &RENDERER) {
        resealed(&plan);
    }
}
