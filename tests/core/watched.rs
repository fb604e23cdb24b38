//! Plans for clusters that are watched.

use galactl::galera::monitoring::action::MonitoringAction;
use galactl::galera::monitoring::inventory::fits;
use galactl::galera::monitoring::judge::findings;
use galactl::galera::monitoring::program::Service;
use galactl::galera::monitoring::{Watching, number_of_rules, target_list};
use galactl::galera::plan::{self, Action, ConfigChoice, Plan, Removing};
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::Severity;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{Action as _, HostAction, text};

use crate::endpoint::ids;
use crate::support::{Shape, World, name};

const WATCHED: &str = "proxies:\n  - name: lb1\n    address: 10.0.0.31\n\
    monitoring:\n  prometheus:\n    name: mon1\n    address: 10.0.0.41\n  alerts:\n    webhook:\n      env: ALERT_WEBHOOK\n";

fn mon1() -> NodeName {
    "mon1".parse().unwrap()
}

fn shape() -> Shape {
    Shape { rsync: true, ..Shape::of(3).more(WATCHED).installing() }
}

fn whole() -> World {
    World::whole(&shape())
}

fn apply_config(world: &World) -> Plan {
    plan::apply_config(&world.basis(), ConfigChoice::default()).unwrap()
}

fn of_monitoring(plan: &Plan) -> Vec<&str> {
    let roles: Vec<_> = Service::ALL.map(Service::role).into();
    plan.steps().filter(|step| roles.contains(&step.role())).map(|step| step.id.as_str()).collect()
}

#[test]
fn a_bootstrap_sets_up_who_watches_the_cluster_and_does_so_last() {
    let world = World::standalone(&shape());
    let plan = world.bootstrap().unwrap();
    insta::assert_snapshot!(text(&plan));
    let last = plan.stages.last().unwrap();
    assert_eq!(last.title, "Prometheus");
    assert_eq!(last.steps.last().unwrap().id, "mon1/prometheus/verify");
    // The servers, the machines, and the proxy's own metrics.
    let verify = MonitoringAction::Verify { targets: 3 + 5 + 1 };
    assert!(plan.steps().any(|step| step.action == Action::Monitoring(verify.clone())));
}

#[test]
fn a_watched_cluster_is_whole_and_nothing_is_found() {
    let world = whole();
    assert!(apply_config(&world).is_empty());
    assert!(findings(&world.basis()).is_empty());
}

/// galactl has no hand in it, but for the silences of its own work, which the host of Prometheus asks for.
#[test]
fn an_alertmanager_of_somebody_else_is_left_alone() {
    let another =
        WATCHED.replace("webhook:\n      env: ALERT_WEBHOOK", "alertmanager:\n      address: 10.0.0.50");
    assert_ne!(another, WATCHED);
    let shape = Shape { rsync: true, ..Shape::of(3).more(&another).installing() };
    let plan = World::standalone(&shape).bootstrap().unwrap();
    assert!(!ids(&plan).iter().any(|id| id.contains("/alertmanager/")), "{:?}", ids(&plan));
    let settings = plan.steps().find(|step| step.id == "mon1/prometheus/config").unwrap();
    assert!(settings.action.file().unwrap().text.contains("10.0.0.50:9093"));
    let world = World::whole(&shape);
    assert!(apply_config(&world).is_empty());
    let restart = plan::restart(&world.basis(), &[name(1)], true).unwrap();
    assert_eq!(ids(&restart)[0], "mon1/prometheus/silence");
}

#[test]
fn a_host_whose_alertmanager_is_too_old_is_told_and_the_rest_is_done() {
    for (os, is_set_up) in [("debian 11", false), ("debian 12", true), ("debian 13", true)] {
        let mut world = whole();
        world.unwatched();
        for service in [Service::Prometheus, Service::Alertmanager] {
            world.service_mut(service, &mon1()).machine.os = os.into();
        }
        let plan = apply_config(&world);
        let has = |id: &str| ids(&plan).contains(&id);
        assert_eq!(has("mon1/prometheus/run"), is_set_up, "{os}");
        assert!(has("mon1/node-exporter/run"), "{os}");
        let told = findings(&world.basis())
            .iter()
            .any(|it| it.evidence.contains("on debian 12 and debian 13 alone"));
        assert_eq!(told, !is_set_up, "{os}");
    }
}

#[test]
fn what_differs_is_a_note_and_is_put_right() {
    for (service, change, what) in [
        (Service::MysqldExporter, "login", "/etc/mysql/galactl-exporter.cnf is not what the inventory says"),
        (Service::NodeExporter, "inactive", "prometheus-node-exporter.service is inactive"),
        (Service::NodeExporter, "stale", "runs with an older file"),
    ] {
        let mut world = whole();
        let facts = world.service_mut(service, &name(1));
        match change {
            "inactive" => facts.unit.active = "inactive".into(),
            "stale" => facts.stale = true,
            artefact => facts.files.get_mut(artefact).unwrap().text += "user = root\n",
        }
        let found = findings(&world.basis());
        assert!(found.len() == 1 && found[0].evidence.contains(what), "{found:?}");
        assert_eq!((found[0].severity, found[0].node.as_ref()), (Severity::Note, Some(&name(1))));
        let plan = apply_config(&world);
        let run = format!("{}/{}/run", name(1), service.role());
        assert!(ids(&plan).contains(&run.as_str()), "{:?}", ids(&plan));
        world.carry_out(&plan);
        assert!(findings(&world.basis()).is_empty(), "{change}");
    }
}

#[test]
fn settings_are_reloaded_and_arguments_need_a_start() {
    for (artefact, restart) in [("config", false), ("rules", false), ("arguments", true)] {
        let mut world = whole();
        world.service_mut(Service::Prometheus, &mon1()).files.remove(artefact);
        let plan = apply_config(&world);
        let runs = |step: &plan::Step| match &step.action {
            Action::Monitoring(MonitoringAction::Run { restart, .. }) => Some(*restart),
            _ => None,
        };
        assert_eq!(plan.steps().filter_map(runs).collect::<Vec<_>>(), [restart], "{artefact}");
    }
}

#[test]
fn what_prometheus_does_not_watch_is_a_note() {
    let mut world = whole();
    let targets = target_list(&world.inventory).into_iter().map(|target| (target.address, None));
    let rules = number_of_rules(&world.inventory);
    world.observation.watching = Some(Watching { targets: targets.collect(), rules });
    assert!(findings(&world.basis()).is_empty());

    let watching = world.observation.watching.as_mut().unwrap();
    watching.rules = 0;
    watching.targets.remove("10.0.0.31:8405").unwrap();
    watching.targets.insert("10.0.0.31:9100".into(), Some("connection refused".into()));
    let found: Vec<_> = findings(&world.basis()).into_iter().map(|it| it.evidence).collect();
    let words = [
        format!("Prometheus has 0 of {rules} rules"),
        "no answer from 10.0.0.31:9100 (lb1, node): connection refused".to_owned(),
        "Prometheus does not ask 10.0.0.31:8405 (lb1, haproxy)".to_owned(),
    ];
    assert_eq!(found.len(), words.len(), "{found:?}");
    assert!(words.iter().zip(&found).all(|(word, found)| found.contains(word.as_str())), "{found:?}");
}

/// The URL cannot be had just now: the file that is there stays, and all else is done.
#[test]
fn a_webhook_without_a_value_leaves_the_file_as_it_is() {
    let mut world = whole();
    world.observation.has_webhook = false;
    world.service_mut(Service::Alertmanager, &mon1()).files.remove("config");
    world.service_mut(Service::NodeExporter, &name(0)).unit.active = "inactive".into();
    assert_eq!(ids(&apply_config(&world)), ["db1/node-exporter/run", "mon1/prometheus/verify"]);
}

#[test]
fn an_account_that_is_gone_is_made_again() {
    let mut world = whole();
    world.observation.logs_in.clear();
    assert_eq!(ids(&apply_config(&world)), ["db1/mysqld-exporter/account", "mon1/prometheus/verify"]);
}

/// A reviewed plan stays what it is while exporters come and go.
#[test]
fn no_plan_rests_on_who_watches_the_cluster() {
    let mut world = whole();
    let print = |world: &World| plan::restart(&world.basis(), &[], true).unwrap().rests_on;
    let before = print(&world);
    assert!(!before.keys().any(|host| host.as_str() == "mon1"), "{before:?}");
    world.service_mut(Service::NodeExporter, &name(0)).unit.active = "activating".into();
    assert_eq!(before, print(&world));
}

/// Work on the database goes on without it.
#[test]
fn a_prometheus_that_is_not_seen_keeps_nobody_from_a_restart() {
    let mut world = whole();
    let services = &mut world.observation.services;
    for role in [Service::Prometheus, Service::Alertmanager, Service::NodeExporter].map(Service::role) {
        services.get_mut(role).unwrap().insert(mon1(), Seen::Unreachable("timed out".into()));
    }
    let plan = plan::restart(&world.basis(), &[], true).unwrap();
    assert!(of_monitoring(&plan).is_empty());
    let found = findings(&world.basis());
    assert!(found.len() == 1 && found[0].evidence.contains("was not seen"), "{found:?}");
}

#[test]
fn a_file_of_somebody_else_is_left_and_what_can_be_done_is_named() {
    let mut world = whole();
    let facts = world.service_mut(Service::Prometheus, &mon1());
    facts.files.get_mut("config").unwrap().text = "scrape_configs: []\n".into();
    world.service_mut(Service::NodeExporter, &name(0)).unit.active = "inactive".into();
    let plan = apply_config(&world);
    assert_eq!(of_monitoring(&plan), ["db1/node-exporter/run"]);
    let warnings = plan.warnings.join("\n");
    assert!(warnings.contains("prometheus.yml is somebody else's work"), "{warnings}");
    assert!(warnings.contains("galactl monitoring render"), "{warnings}");
}

/// A host watches one cluster: the rules of another one are not replaced.
#[test]
fn a_prometheus_of_another_cluster_is_left_to_it() {
    let mut world = whole();
    let rules = world.service_mut(Service::Prometheus, &mon1()).files.get_mut("rules").unwrap();
    rules.text = rules.text.replace("- name: galactl-shop\n", "- name: galactl-other\n");
    world.service_mut(Service::Alertmanager, &mon1()).files.remove("config");
    let plan = apply_config(&world);
    assert!(plan.is_empty(), "{:?}", ids(&plan));
    let warnings = plan.warnings.join("\n");
    assert!(warnings.contains("galactl.rules.yml is of another cluster's Prometheus"), "{warnings}");
}

#[test]
fn a_node_that_leaves_for_good_is_not_watched_any_more() {
    let world = whole();
    let gone = [name(2)];
    let removing = Removing { nodes: &gone, unseen: &[], drain_seconds: 0 };
    let plan = plan::remove_node(&world.basis(), &removing).unwrap();
    let steps = of_monitoring(&plan);
    let retired = ["mon1/alertmanager/silence", "db3/mysqld-exporter/retire", "db3/node-exporter/retire"];
    assert!(steps.starts_with(&retired), "{steps:?}");
    let place = |id: &str| ids(&plan).iter().position(|it| *it == id).unwrap();
    assert!(place("db3/galera/mask") < place("db3/mysqld-exporter/retire"));
    let targets = plan.steps().find(|step| step.id == "mon1/prometheus/targets").unwrap();
    let Action::Host(HostAction::PutFile(file)) = &targets.action else { panic!("{targets:?}") };
    assert!(file.text.contains("node: db2") && !file.text.contains("node: db3"), "{}", file.text);
}

/// It is silent about the nodes that it works on, before anything else is done. Work on monitoring alone needs none.
#[test]
fn work_on_nodes_is_silenced_first() {
    let mut world = whole();
    let plan = plan::restart(&world.basis(), &[name(1)], true).unwrap();
    let first = plan.steps().next().unwrap();
    assert_eq!(first.id, "mon1/alertmanager/silence");
    let Action::Monitoring(MonitoringAction::Silence { nodes }) = &first.action else { panic!("{first:?}") };
    assert!(nodes.contains(&name(1)) && !nodes.contains(&mon1()), "{nodes:?}");
    world.carry_out(&plan);

    world.service_mut(Service::NodeExporter, &name(1)).unit.active = "inactive".into();
    assert_eq!(ids(&apply_config(&world)), ["db2/node-exporter/run", "mon1/prometheus/verify"]);
    world.service_mut(Service::Alertmanager, &mon1()).unit.active = "failed".into();
    let plan = plan::restart(&world.basis(), &[name(1)], true).unwrap();
    assert!(of_monitoring(&plan).is_empty(), "{:?}", ids(&plan));
}

#[test]
fn a_webhook_stays_one_value_of_its_line() {
    assert!(fits("https://chat.example/hook?a=b&c=d").is_ok());
    for wrong in
        ["chat.example", "https://a b", "https://a\nroute: {}", "https://a\"b", "http://a'b", "ftp://a"]
    {
        let why = fits(wrong).unwrap_err();
        assert!(!why.contains("chat.example"), "{why}");
    }
}
