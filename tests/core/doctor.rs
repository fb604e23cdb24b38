//! `galactl doctor` on clusters made of words.

use std::collections::BTreeMap;
use std::path::Path;

use galactl::galera::config::Renderer;
use galactl::galera::doctor::{Case, examine};
use galactl::galera::facts::{
    Examined, Intent, LaterOption, Login, NotAccepted, Rates, ServerAnswer, Tables, Tried,
};
use galactl::galera::plan::{Action, ServerAction};
use galactl::galera::status::{Health, status};
use galactl::kernel::judge::Diagnosis;
use galactl::kernel::judge::{Finding, Invocation, Severity};
use galactl::kernel::model::NodeName;
use galactl::ui::diagnosis_text;

use crate::support::{Changes, Component, Shape, World, fresh, name, uuid};

fn whole(shape: &Shape) -> World {
    let component = Component::of(3);
    let grant = "GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO `sst`@`localhost`";
    let host = |index: usize| {
        let mut host = fresh().member(name(index).as_str(), &component);
        host.sst_grants = vec![grant.to_owned()];
        host
    };
    let mut world = World::new(shape, (0..3).map(host));
    world.configure(0..3);
    world
}

fn examined(world: &World, bytes: f64, cut_off: Option<&str>, path: &str) -> Diagnosis {
    asked(world, bytes, &BTreeMap::new(), cut_off, path)
}

fn asked(
    world: &World,
    bytes: f64,
    examined: &BTreeMap<NodeName, Examined>,
    cut_off: Option<&str>,
    path: &str,
) -> Diagnosis {
    let rates = Rates { write_sets: 10.0, bytes, ..Rates::default() };
    let live = world.observation.seen().filter(|(_, facts)| facts.live().is_some());
    let rates: BTreeMap<NodeName, Rates> = live.map(|(node, _)| (node.clone(), rates.clone())).collect();
    let renderer = Renderer::new(None).unwrap();
    let status = status(&world.inventory, &world.observation, &renderer, &rates).unwrap();
    let diagnosis = examine(&Case { basis: world.basis(), status: &status, examined, cut_off }).unwrap();
    diagnosis.settled(&Invocation::new(Path::new(path), None, Vec::new()))
}

fn diagnosis(world: &World) -> Diagnosis {
    examined(world, 8000.0, None, "shop.yaml")
}

/// Of the first finding with this slug.
#[track_caller]
fn found<'a>(diagnosis: &'a Diagnosis, slug: &str) -> &'a Finding {
    let finding = diagnosis.findings.iter().find(|finding| finding.code.name == slug);
    finding.unwrap_or_else(|| panic!("no {slug} in {:#?}", diagnosis.findings))
}

/// It is the only finding, on this node.
#[track_caller]
fn only<'a>(diagnosis: &'a Diagnosis, slug: &str, node: usize) -> &'a Finding {
    let finding = found(diagnosis, slug);
    assert_eq!(diagnosis.findings.len(), 1, "{:#?}", diagnosis.findings);
    assert_eq!(finding.node, Some(name(node)));
    finding
}

#[test]
fn a_whole_cluster_has_nothing() {
    let diagnosis = diagnosis(&whole(&Shape::of(3)));
    assert_eq!((diagnosis.health, diagnosis.findings.as_slice()), (Health::Healthy, &[][..]));
    insta::assert_snapshot!(diagnosis_text(&diagnosis));
}

#[test]
fn everything_at_once_is_told_worst_first() {
    let mut world = whole(&Shape::of(3));
    let host = world.facts(&name(0)).clone();
    world.set(&name(0), host.armed(Intent::Environment("_WSREP_NEW_CLUSTER".into())));
    let host = world.facts_mut(&name(1));
    host.unit.file = "disabled".into();
    host.datadir.kept = vec!["/var/lib/mysql.kept-00000001-90".into()];
    host.config.as_mut().unwrap().mode = "644".into();
    let option = ("/etc/mysql/mariadb.conf.d/99-zz.cnf", "wsrep_slave_threads", "1");
    let (file, option, value) = option;
    host.later_options = vec![LaterOption { file: file.into(), name: option.into(), value: value.into() }];
    let host = world.facts(&name(2)).clone();
    world.set(&name(2), host.safe_to_bootstrap());
    let cut_off = Some("the last run on this cluster (ann) was cut off in step db3/galera/join");
    let diagnosis = examined(&world, 2_000_000.0, cut_off, "my clusters/shop.yaml");
    assert_eq!(diagnosis.health, Health::Critical);
    insta::assert_snapshot!(diagnosis_text(&diagnosis));
    insta::assert_snapshot!(serde_json::to_string_pretty(&diagnosis.findings[0]).unwrap());
}

#[test]
fn nodes_that_are_away_are_told_with_the_way_back() {
    let mut world = whole(&Shape::of(3));
    world.set(&name(1), fresh().saved(uuid(1), 90).failed().safe_to_bootstrap());
    world.configure([1]);
    world.lose(&name(2));
    insta::assert_snapshot!(diagnosis_text(&diagnosis(&world)));
}

#[test]
fn a_cluster_that_is_down_is_recovered_and_one_that_never_was_is_bootstrapped() {
    let shape = Shape::of(3);
    let down = World::new(&shape, (0..3).map(|index| fresh().saved(uuid(1), 90 + index)));
    assert_eq!(found(&diagnosis(&down), "no-primary").remedy.to_string(), "galactl recover shop.yaml");
    let never = World::new(&shape, (0..3).map(|_| fresh()));
    assert_eq!(found(&diagnosis(&never), "no-primary").remedy.to_string(), "galactl bootstrap shop.yaml");
}

#[test]
fn of_several_flags_none_is_trusted() {
    let mut world = World::new(&Shape::of(3), (0..3).map(|_| fresh().saved(uuid(1), 90)));
    let flagged = |world: &World| {
        diagnosis(world).findings.iter().filter(|finding| finding.code.name == "safe-to-bootstrap").count()
    };
    world.set(&name(0), fresh().saved(uuid(1), 90).safe_to_bootstrap());
    assert_eq!(flagged(&world), 0, "the last one of a cluster that was stopped in order has it");
    world.set(&name(1), fresh().saved(uuid(1), 90).safe_to_bootstrap());
    assert_eq!(flagged(&world), 2);
}

#[test]
fn a_cache_is_too_small_at_the_present_rate() {
    let world = whole(&Shape::of(3));
    assert!(examined(&world, 200_000.0, None, "shop.yaml").findings.is_empty(), "512 MiB hold 45 min");
    let small = examined(&world, 400_000.0, None, "shop.yaml");
    let finding = found(&small, "gcache");
    assert_eq!(small.findings.len(), 3, "on each node");
    assert!(finding.evidence.contains("holds 22 min"), "{}", finding.evidence);
    assert!(
        finding.remedy.to_string().contains("gcache.size: 1G")
            && finding.remedy.to_string().contains("shop.yaml"),
        "{}",
        finding.remedy
    );
    let short = whole(&Shape::of(3).more("thresholds:\n  ist_window: 600\n"));
    assert!(examined(&short, 400_000.0, None, "shop.yaml").findings.is_empty());
}

#[test]
fn what_a_joiner_would_miss() {
    let mut world = whole(&Shape::of(3));
    world.facts_mut(&name(1)).datadir.free = 0;
    world.facts_mut(&name(1)).datadir.bytes = 0;
    let diagnosis_of_disk = diagnosis(&world);
    assert!(only(&diagnosis_of_disk, "disk", 1).remedy.to_string().contains("/var/lib/mysql"));

    let mut world = whole(&Shape::of(3));
    world.facts_mut(&name(0)).sst_grants = vec!["GRANT RELOAD, PROCESS ON *.* TO `sst`@`localhost`".into()];
    let lacking = diagnosis(&world);
    let fix = only(&lacking, "sst-account", 0).remedy.to_string();
    assert!(fix.contains("GRANT LOCK TABLES, BINLOG MONITOR ON *.* TO sst@localhost"), "{fix}");
    world.facts_mut(&name(0)).sst_grants.clear();
    assert!(
        only(&diagnosis(&world), "sst-account", 0).remedy.to_string().contains("CREATE USER sst@localhost")
    );
    let rsync = Shape { rsync: true, ..Shape::of(3) };
    let mut world = whole(&rsync);
    world.facts_mut(&name(0)).sst_grants.clear();
    assert!(diagnosis(&world).findings.is_empty(), "rsync needs none");
}

#[test]
fn an_account_of_files_of_others_works_until_galactl_makes_its_own() {
    let mut world = whole(&Shape::of(3));
    for index in 0..3 {
        let host = world.facts_mut(&name(index));
        host.config = None;
        host.sst_grants.clear();
        host.options.insert("wsrep_sst_auth".into(), "root:${secret:another-value}".into());
    }
    let diagnosis = diagnosis(&world);
    let account = found(&diagnosis, "sst-account");
    assert_eq!(account.severity, Severity::Note);
    assert!(account.evidence.contains("log in as `root`"), "{}", account.evidence);
    assert_eq!(account.remedy.to_string(), "galactl apply-config shop.yaml");
    found(&diagnosis, "config-drift");
}

#[test]
fn provider_options_that_a_later_line_takes_the_place_of() {
    let mut world = whole(&Shape::of(3));
    let host = world.facts_mut(&name(0));
    host.options.insert("wsrep_provider_options".into(), "gcs.fc_limit=64".into());
    host.void_provider_options =
        vec!["socket.ssl_key=/k; gcs.fc_limit=16".into(), "evs.send_window=8".into()];
    let said = diagnosis(&world).findings.into_iter().any(|finding| finding.code.name == "void-options");
    assert!(!said, "galactl's own file takes their place by design");
    world.facts_mut(&name(0)).config = None;
    let diagnosis = diagnosis(&world);
    let void = found(&diagnosis, "void-options");
    assert_eq!(void.severity, Severity::Degraded);
    let words = "is set 3 times in the option files, and only the last one counts; without effect are \
        evs.send_window, gcs.fc_limit, socket.ssl_key: replication is not encrypted";
    assert!(void.evidence.contains(words), "{}", void.evidence);
}

#[test]
fn a_donor_that_is_no_node() {
    let mut world = whole(&Shape::of(3));
    world.facts_mut(&name(1)).options.insert("wsrep_sst_donor".into(), "rep1,db1".into());
    let severity = only(&diagnosis(&world), "donor", 1).severity;
    assert_eq!(severity, Severity::Degraded);
    world.facts_mut(&name(1)).options.insert("wsrep_sst_donor".into(), "rep1,".into());
    assert_eq!(only(&diagnosis(&world), "donor", 1).severity, Severity::Note);
    world.facts_mut(&name(1)).options.insert("wsrep_sst_donor".into(), "db1,db3,".into());
    assert!(diagnosis(&world).findings.is_empty());
    world.facts_mut(&name(1)).options.insert("wsrep_sst_donor".into(), "rep1".into());
    world.inventory.accepted.insert("donor".into());
    assert!(diagnosis(&world).findings.is_empty(), "it was accepted");
}

#[test]
fn members_that_are_behind_their_host() {
    let mut world = whole(&Shape::of(3));
    let ServerAnswer::Live(live) = &mut world.facts_mut(&name(2)).server_answer else { panic!("no member") };
    live.version = "10.11.18".parse().ok();
    assert_eq!(
        only(&diagnosis(&world), "old-process", 2).remedy.to_string(),
        "galactl restart shop.yaml db3"
    );

    let mut world = whole(&Shape::of(3));
    let host = world.facts_mut(&name(1));
    let list = "gcomm://10.0.0.11,10.0.0.12".to_owned();
    let config = host.config.as_mut().unwrap();
    config.text = config.text.replace("gcomm://10.0.0.11,10.0.0.12,10.0.0.13", &list);
    host.options.insert("wsrep_cluster_address".into(), list);
    let told = diagnosis(&world);
    assert_eq!(only(&told, "address-list", 1).remedy.to_string(), "galactl apply-config shop.yaml");

    let mut world = whole(&Shape::of(3));
    let drift = world.facts(&name(1)).clone().configured("[mysqld]\n");
    world.set(&name(1), drift);
    assert_eq!(
        only(&diagnosis(&world), "config-drift", 1).remedy.to_string(),
        "galactl apply-config shop.yaml"
    );
}

#[test]
fn notes_alone_are_no_reason_to_fail() {
    let mut world = whole(&Shape::of(3));
    for index in 0..3 {
        world.facts_mut(&name(index)).datadir.write_tests = vec!["galactl_verify_0123456789abcdef".into()];
    }
    let told = diagnosis(&world);
    assert_eq!(only(&told, "write-test", 0).severity, Severity::Note);
    assert_eq!(told.health, Health::Healthy);
}

/// Its database is on one node, and must not be dropped on the others.
#[test]
fn a_trial_of_a_change_that_was_cut_off_is_told_with_what_removes_it() {
    let mut world = whole(&Shape::of(3));
    world.facts_mut(&name(1)).datadir.tried_changes = vec!["galactl_alter_0123456789abcdef".into()];
    let told = diagnosis(&world);
    let remedy = only(&told, "tried-change", 1).remedy.to_string();
    let command = "on db2: sudo mariadb -e 'SET SESSION wsrep_on=OFF, sql_log_bin=0; DROP DATABASE galactl_alter_0123456789abcdef'";
    assert!(remedy.ends_with(command), "{remedy}");
    assert_eq!(told.health, Health::Healthy);
}

/// A restart with an armed intent would found a second cluster.
#[test]
fn no_member_restarts_before_it_is_disarmed() {
    let mut world = whole(&Shape::of(3).more("mysqld:\n  max_connections: 77\n"));
    let armed = world.facts(&name(1)).clone().armed(Intent::File("/run/mariadb-wsrep-new-cluster".into()));
    let drifted = armed.clone().configured("[mysqld]\n");
    world.set(&name(1), armed);
    let restart = world.plan_restart(&[]).unwrap();
    world.set(&name(1), drifted);
    let change = world.apply_config().unwrap();
    for plan in [restart, change] {
        let of_db2: Vec<_> = plan.steps().filter(|step| step.node == name(1)).collect();
        let at = |wanted: fn(&Action) -> bool| of_db2.iter().position(|step| wanted(&step.action));
        let disarmed = at(|action| matches!(action, Action::Server(ServerAction::Disarm { .. })));
        let left = at(|action| matches!(action, Action::Server(ServerAction::Leave { .. })));
        assert!(disarmed.is_some() && disarmed < left, "{:?}", plan.command);
    }
}

/// What only a doctor asks of a host.
fn of_node(index: usize, examined: Examined) -> BTreeMap<NodeName, Examined> {
    BTreeMap::from([(name(index), examined)])
}

fn told(world: &World, examined: &BTreeMap<NodeName, Examined>) -> Diagnosis {
    asked(world, 8000.0, examined, None, "shop.yaml")
}

fn variables(all: &[(&str, &str)]) -> Examined {
    let variables = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Examined { variables, ..Examined::default() }
}

#[test]
fn commits_that_are_not_on_the_disk_are_told() {
    let world = whole(&Shape::of(3));
    let safe =
        variables(&[("innodb_flush_log_at_trx_commit", "1"), ("sync_binlog", "0"), ("log_bin", "OFF")]);
    assert!(told(&world, &of_node(1, safe)).findings.is_empty(), "there is no binary log");
    let flush = &[("innodb_flush_log_at_trx_commit", "2"), ("sync_binlog", "0"), ("log_bin", "ON")];
    let diagnosis = told(&world, &of_node(1, variables(flush)));
    let finding = only(&diagnosis, "durability", 1);
    assert_eq!(finding.evidence, "innodb_flush_log_at_trx_commit is 2, sync_binlog is 0");
    assert_eq!(finding.severity, Severity::Degraded);
    assert_eq!(
        finding.remedy.to_string(),
        "`mysqld: innodb_flush_log_at_trx_commit: 1, sync_binlog: 1` in shop.yaml, then galactl apply-config shop.yaml"
    );
    let binlog = told(&world, &of_node(1, variables(&[("sync_binlog", "0"), ("log_bin", "ON")])));
    assert_eq!(only(&binlog, "durability", 1).severity, Severity::Note);
    let wanted = whole(&Shape::of(3).more("mysqld:\n  innodb_flush_log_at_trx_commit: 2\n"));
    assert_eq!(only(&told(&wanted, &of_node(1, variables(flush))), "durability", 1).severity, Severity::Note);
}

#[test]
fn a_server_that_looks_over_its_damage_is_told() {
    let mut world = whole(&Shape::of(3));
    let forced = |value| of_node(0, variables(&[("innodb_force_recovery", value)]));
    assert!(told(&world, &forced("0")).findings.is_empty());
    assert_eq!(only(&told(&world, &forced("1")), "force-recovery", 0).severity, Severity::Degraded);
    assert_eq!(only(&told(&world, &forced("4")), "force-recovery", 0).severity, Severity::Critical);
    world.facts_mut(&name(2)).options.insert("innodb_force_recovery".into(), "2".into());
    let diagnosis = diagnosis(&world);
    let finding = found(&diagnosis, "force-recovery");
    assert_eq!(finding.evidence, "innodb_force_recovery is 2 in its option files");
    assert!(finding.remedy.to_string().ends_with("galactl add-node shop.yaml db3 --discard"));
}

#[test]
fn tables_that_are_not_replicated_well_are_counted_and_named() {
    let world = whole(&Shape::of(3));
    let engine = |index: usize| (format!("shop.t{index}"), "MyISAM".to_owned());
    let tables = Tables {
        not_replicated: (0..5).map(engine).collect(),
        keyless: vec!["shop.a b".into()],
        unread: Some("its triggers: it breaks off".into()),
        engine_fix: Some("mend the engine".into()),
        key_fix: Some("mend the key".into()),
        more: vec![("named-lock", 2), ("xa", 1)],
    };
    let examined = of_node(1, Examined { tables: Some(Ok(tables)), ..Examined::default() });
    let diagnosis = told(&world, &examined);
    let finding = found(&diagnosis, "table-engine");
    assert_eq!(
        finding.evidence,
        "5 tables are not of InnoDB: shop.t0 (MyISAM), shop.t1 (MyISAM), shop.t2 (MyISAM), …"
    );
    let keyless = found(&diagnosis, "primary-key");
    assert_eq!(
        (keyless.severity, &*keyless.evidence),
        (Severity::Note, "1 table has no primary key: shop.a b")
    );
    assert_eq!(finding.remedy.to_string(), "mend the engine");
    assert_eq!(keyless.remedy.to_string(), "mend the key");
    let unread = "the databases of users were not all looked at: its triggers: it breaks off";
    assert!(diagnosis.findings.iter().any(|it| it.evidence == unread), "{diagnosis:#?}");
    let silent = of_node(1, Examined { tables: Some(Err("it is busy".into())), ..Examined::default() });
    assert!(found(&told(&world, &silent), "schema").evidence.ends_with("looked at: it is busy"));
    let more = found(&diagnosis, "schema");
    assert_eq!(more.evidence, "the databases of users do not all fit Galera: named-lock (2), xa (1)");
    assert!(more.remedy.to_string().starts_with("galactl lint "));
    assert_eq!(diagnosis.findings.len(), 4);
}

#[test]
fn a_login_that_fails_is_told_once_or_of_the_node_whose_file_is_another() {
    let world = whole(&Shape::of(3));
    let refused = || Examined {
        login: Some(Login::Refused { user: "sst".into(), said: "ERROR 1045 (28000): Access denied".into() }),
        ..Examined::default()
    };
    let all: BTreeMap<_, _> = (0..3).map(|index| (name(index), refused())).collect();
    let nobody = told(&world, &all);
    let finding = found(&nobody, "sst-account");
    assert_eq!((nobody.findings.len(), finding.node.as_ref()), (1, None));
    assert!(finding.remedy.to_string().starts_with("on db1: "), "{}", finding.remedy);
    let mut one = of_node(2, refused());
    one.insert(name(0), Examined { login: Some(Login::Accepted), ..Examined::default() });
    let one = told(&world, &one);
    assert!(only(&one, "sst-account", 2).remedy.to_string().contains("galactl apply-config shop.yaml"));
    let mut without = world.clone();
    (0..3).for_each(|index| without.facts_mut(&name(index)).sst_grants.clear());
    let without = told(&without, &all);
    assert!(found(&without, "sst-account").evidence.contains("there is no account"));
    assert_eq!(without.findings.len(), 1, "that is said already");
}

#[test]
fn a_file_that_is_not_read_to_its_end_is_told_unless_no_server_starts_with_it() {
    let mut world = whole(&Shape::of(3));
    let said = "Found option without preceding group in config file: /etc/mysql/conf.d/x.cnf at line: 7";
    let unread = of_node(1, Examined { unread: vec![said.into()], ..Examined::default() });
    let diagnosis = told(&world, &unread);
    let remedy = only(&diagnosis, "unread-file", 1).remedy.to_string();
    assert!(remedy.contains("sudo sed -n '7p' /etc/mysql/conf.d/x.cnf"), "{remedy}");
    let own = Some(NotAccepted { option: None, said: said.into(), advice: None });
    world.observation.tried.insert(name(1), Tried { new: None, own });
    only(&told(&world, &unread), "unknown-option", 1);
}
