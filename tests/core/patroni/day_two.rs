//! The plans of switchovers, restarts, stops, starts and settings: what is done in which order, and what is refused.

use galactl::kernel::facts::ConfigFile;
use galactl::kernel::judge::Code;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::text;
use galactl::patroni::config::{DynamicConfig, FOREIGN_SECRET};
use galactl::patroni::facts::{Answer, Contents};
use galactl::patroni::inventory::SyncMode;
use galactl::patroni::judge::{Basis, codes, whole};
use galactl::patroni::plan::{
    Action, Choice, Command, NoPlan, PatroniAction, Plan, StopAs, apply_config, bootstrap, needed, recover,
    restart, start, stop, switchover,
};
use serde_json::json;

use super::world::{World, name};

impl World {
    pub fn basis(&self) -> Basis<'_> {
        Basis { inventory: &self.inventory, observation: &self.observation }
    }

    fn switchover(&self, to: Option<&str>) -> Result<Plan, NoPlan> {
        switchover(&self.basis(), to.map(name).as_ref())
    }

    fn stop(&self, nodes: &[&str]) -> Result<Plan, NoPlan> {
        stop(&self.basis(), &names(nodes))
    }

    /// No server and no Patroni runs there.
    fn stopped(&mut self, node: &str) {
        self.stop_patroni(node);
        self.node(node).server = Answer::Nobody("no socket".into());
        self.node(node).servers.clear();
        let streams = |row: &galactl::patroni::facts::Standby| row.application_name != node;
        self.live("pg1").standbys.retain(streams);
    }

    /// The dynamic configuration that every Patroni tells.
    fn configured(&mut self, change: impl Fn(&mut serde_json::Value)) {
        for node in ["pg1", "pg2", "pg3"] {
            let mut config = DynamicConfig::of(&self.inventory).to_json();
            change(&mut config);
            self.node(node).patroni.config = Answer::Told(config);
        }
    }

    /// What every server shows of a setting, and that it takes it only when it starts.
    fn shows(&mut self, setting: &str, value: &str) {
        for node in ["pg1", "pg2", "pg3"] {
            let live = self.live(node);
            live.settings.insert(setting.into(), value.into());
            live.at_start.push(setting.into());
        }
    }
}

fn names(nodes: &[&str]) -> Vec<NodeName> {
    nodes.iter().map(|node| name(node)).collect()
}

/// The steps of a plan without those that prove its end.
#[track_caller]
fn acts(plan: Result<Plan, NoPlan>) -> Vec<String> {
    let plan = plan.unwrap_or_else(|why| panic!("{why:?}"));
    let acts = plan.steps().map(|step| step.id.clone());
    acts.filter(|id| !id.contains("/verify-")).map(|id| id.replace("/patroni", "")).collect()
}

#[track_caller]
fn refused(plan: Result<Plan, NoPlan>) -> Vec<(Code, Option<String>)> {
    match plan {
        Err(NoPlan::Refused(refusals)) => {
            refusals.into_iter().map(|it| (it.code, it.node.map(|node| node.to_string()))).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn on(code: Code, node: &str) -> Vec<(Code, Option<String>)> {
    vec![(code, Some(node.to_owned()))]
}

fn heirs(plan: &Plan) -> Vec<String> {
    let to = plan.steps().find_map(|step| match &step.action {
        Action::Patroni(PatroniAction::Switchover { to, .. }) => Some(to),
        _ => None,
    });
    to.into_iter().flatten().map(ToString::to_string).collect()
}

#[test]
fn the_synchronous_standby_takes_over() {
    let plan = World::whole().switchover(None).unwrap();
    assert_eq!(heirs(&plan), ["pg3"]);
    assert_eq!(plan.command, Command::Switchover { from: name("pg1"), to: name("pg3") });
    insta::assert_snapshot!(text(&plan));
    assert!(World::whole().switchover(Some("pg1")).unwrap().is_empty(), "it leads already");
}

#[test]
fn who_has_not_all_does_not_take_over() {
    let world = World::whole();
    assert_eq!(refused(world.switchover(Some("pg2"))), on(codes::NOT_SYNCHRONOUS, "pg2"));
    let tried = |change: fn(&mut World)| {
        let mut world = World::whole();
        change(&mut world);
        refused(world.switchover(Some("pg3")))
    };
    assert_eq!(tried(|it| it.stopped("pg3")), on(codes::NOT_FOLLOWING, "pg3"));
    assert_eq!(tried(|it| it.unreachable("pg3")), on(codes::UNREACHABLE, "pg3"));
    assert_eq!(tried(|it| it.stop_patroni("pg3")), on(codes::PATRONI_DOWN, "pg3"));
    assert_eq!(tried(|it| it.live("pg3").replay_paused = true), on(codes::REPLAY_PAUSED, "pg3"));
    assert_eq!(tried(|it| it.inventory.nodes[2].tags.failover = false), on(codes::MAY_NOT_LEAD, "pg3"));
    assert_eq!(tried(|it| it.stop_patroni("pg1")), on(codes::PATRONI_DOWN, "pg1"));
    let paused = tried(|it| {
        let Answer::Told(cluster) = &mut it.node("pg1").patroni.cluster else { panic!("a cluster") };
        cluster.paused = true;
    });
    assert_eq!(paused[0].0, codes::PAUSED);
    let elsewhere = tried(|it| it.keys(|keys| keys.leader = Some("pg2".into())));
    assert_eq!(elsewhere, on(codes::LEADER_KEY, "pg1"));
    // A third node that is out of reach is in nobody's way.
    let mut world = World::whole();
    world.unreachable("pg2");
    let plan = world.switchover(None).unwrap();
    assert!(text(&plan).contains("pg2: connection timed out"), "{}", text(&plan));
}

#[test]
fn without_synchronous_commits_the_bytes_behind_are_told_and_the_priority_decides() {
    // The third host of Debian 13 has no report of that moment: it stands where the second does.
    let reports = ["trixie-whole-primary", "trixie-whole-sync", "trixie-whole-sync"];
    let mut world = World::with(reports, "synchronous: {mode: off}");
    for (row, node) in world.live("pg1").standbys.iter_mut().zip(["pg2", "pg3"]) {
        (row.application_name, row.sync_state) = (node.into(), Some("async".into()));
    }
    assert_eq!(heirs(&world.switchover(None).unwrap()), ["pg2"]);
    world.inventory.nodes[2].tags.priority = Some(5);
    assert_eq!(heirs(&world.switchover(None).unwrap()), ["pg3"]);
    let end = world.live("pg1").current.unwrap();
    world.live("pg1").standbys[1].flushed = Some(galactl::patroni::facts::Lsn::new(end.bytes() - 2048));
    let told = text(&world.switchover(None).unwrap());
    assert!(told.contains("pg3 is 2.0 KiB of WAL behind, which pg1 sends before it stops"), "{told}");
    // Who is far behind is not taken for its priority.
    world.live("pg1").standbys[1].flushed = Some(galactl::patroni::facts::Lsn::new(0));
    assert_eq!(heirs(&world.switchover(None).unwrap()), ["pg2"]);
    assert_eq!(refused(world.switchover(Some("pg3"))), on(codes::LAG, "pg3"));
}

#[test]
fn whoever_is_never_synchronous_is_told_why() {
    let mut world = World::whole();
    world.inventory.nodes[1].tags.synchronous = false;
    let Err(NoPlan::Refused(refusals)) = world.switchover(Some("pg2")) else { panic!("it is refused") };
    let remedy = refusals[0].remedy.to_string();
    assert!(remedy.contains("take `synchronous: no` out of its entry"), "{remedy}");
}

#[test]
fn nobody_may_take_over() {
    let mut world = World::whole();
    for at in [1, 2] {
        world.inventory.nodes[at].tags.failover = false;
    }
    assert_eq!(refused(world.switchover(None)), [(codes::MAY_NOT_LEAD, None)]);
    // So the primary restarts where it is.
    let plan = restart(&world.basis(), &names(&["pg1"])).unwrap();
    assert!(text(&plan).contains("pg1 restarts as the primary: clients are disconnected"), "{}", text(&plan));
    assert_eq!(acts(Ok(plan)), ["pg1/restart"]);
}

#[test]
fn standbys_restart_first_and_the_primary_by_a_switchover() {
    let world = World::whole();
    let plan = restart(&world.basis(), &[]).unwrap();
    assert_eq!(heirs(&plan), ["pg3", "pg2"], "either may be synchronous then");
    assert_eq!(acts(Ok(plan)), ["pg2/restart", "pg3/restart", "pg1/switchover"]);
    assert_eq!(acts(restart(&world.basis(), &names(&["pg3"]))), ["pg3/restart"]);
    let mut world = World::whole();
    world.stopped("pg2");
    assert_eq!(refused(restart(&world.basis(), &[])), on(codes::NOT_FOLLOWING, "pg2"));
    world.unreachable("pg2");
    assert_eq!(refused(restart(&world.basis(), &[])), on(codes::UNREACHABLE, "pg2"));
}

#[test]
fn commits_that_wait_while_a_standby_restarts_are_told() {
    let told = |mode: &str| {
        let mut world = World::whole_with(mode);
        world.inventory.nodes[2].tags.synchronous = false;
        text(&restart(&world.basis(), &names(&["pg2"])).unwrap())
    };
    let waits = "commits wait while a synchronous standby restarts";
    assert!(told("synchronous: {mode: strict}").contains(waits));
    assert!(!told("synchronous: {mode: on}").contains(waits));
    let both = World::whole_with("synchronous: {mode: strict}");
    assert!(!text(&restart(&both.basis(), &[]).unwrap()).contains(waits), "another one takes its place");
}

#[test]
fn the_whole_cluster_stops_with_its_primary_last() {
    let plan = World::whole().stop(&[]).unwrap();
    let last = plan.steps().last().unwrap().action.clone();
    let is_alone =
        matches!(last, Action::Patroni(PatroniAction::Stop { only_as: Some(StopAs::LastPrimary), .. }));
    assert!(is_alone, "{last:?}");
    assert_eq!(acts(Ok(plan)), ["pg2/stop", "pg3/stop", "pg1/stop"]);
    assert_eq!(acts(World::whole().stop(&["pg1", "pg2", "pg3"])), ["pg2/stop", "pg3/stop", "pg1/stop"]);
    // Who was not seen would take over.
    let mut world = World::whole();
    world.unreachable("pg3");
    assert_eq!(refused(world.stop(&[])), on(codes::UNREACHABLE, "pg3"));
    assert_eq!(acts(world.stop(&["pg2"])), ["pg2/stop"]);
}

#[test]
fn a_primary_that_stops_hands_over_to_one_that_stays() {
    assert_eq!(acts(World::whole().stop(&["pg1"])), ["pg1/switchover", "pg1/stop"]);
    let plan = World::whole().stop(&["pg1", "pg3"]).unwrap();
    assert_eq!(heirs(&plan), ["pg2"]);
    assert_eq!(acts(Ok(plan)), ["pg3/stop", "pg1/switchover", "pg1/stop"]);
    let mut world = World::whole();
    world.inventory.nodes[1].tags.synchronous = false;
    let nobody = refused(world.stop(&["pg1", "pg3"]));
    assert_eq!(nobody, on(codes::MAY_NOT_LEAD, "pg1"), "nobody who could have all stays");
    assert!(World::whole().stop(&[]).is_ok());
}

#[test]
fn what_a_stop_does_to_commits_is_said() {
    let told = |mode: &str, nodes: &[&str]| {
        text(&World::whole_with(&format!("synchronous: {{mode: {mode}}}")).stop(nodes).unwrap())
    };
    let strict = told("strict", &["pg2", "pg3"]);
    assert!(strict.contains("NO COMMIT IS ACKNOWLEDGED") && !strict.contains("verify-writes"), "{strict}");
    let strict = told("strict", &["pg2"]);
    assert!(!strict.contains("NO COMMIT") && strict.contains("verify-writes"), "{strict}");
    assert!(told("on", &["pg2", "pg3"]).contains("commits wait for no standby from then on"));
    assert!(!told("on", &["pg2"]).contains("commits wait for no standby"));
}

#[test]
fn what_runs_is_not_started_and_what_has_no_data_is_copied_by_bootstrap() {
    assert!(start(&World::whole().basis(), &[]).unwrap().is_empty());
    // One that is named, runs and does not follow is not said to be well.
    let mut world = World::whole();
    world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
    assert_eq!(refused(start(&world.basis(), &names(&["pg3"]))), on(codes::NOT_FOLLOWING, "pg3"));
    assert!(start(&world.basis(), &names(&["pg2"])).unwrap().is_empty());
    let mut world = World::whole();
    world.stopped("pg3");
    // How far its data got was not asked yet.
    assert!(matches!(start(&world.basis(), &[]), Err(NoPlan::PositionsWanted)));
    world.observation.recovered = Some(std::collections::BTreeMap::default());
    world.node("pg3").datadir.contents = Contents::Empty;
    assert_eq!(refused(start(&world.basis(), &names(&["pg3"]))), on(codes::NOT_FOLLOWING, "pg3"));
    let plan = start(&world.basis(), &[]).unwrap();
    assert!(plan.is_empty() && plan.warnings[0].contains("galactl bootstrap"), "{:?}", plan.warnings);
}

#[test]
fn a_cluster_as_its_inventory_says_has_nothing_to_apply() {
    let mut world = World::whole();
    assert!(apply_config(&world.basis()).unwrap().is_empty());
    // What others keep there is theirs.
    world.configured(|config| config["slots"] = json!({"reader": {"type": "logical"}}));
    assert!(apply_config(&world.basis()).unwrap().is_empty());
    assert!(bootstrap(&world.basis()).unwrap().is_empty());
}

#[test]
fn a_higher_value_goes_to_the_standbys_first() {
    let mut world = World::whole_with("postgresql: {settings: {max_connections: 200}}");
    world.shows("max_connections", "100");
    world.configured(|config| config["postgresql"]["parameters"]["max_connections"] = json!("100"));
    let plan = apply_config(&world.basis()).unwrap();
    insta::assert_snapshot!(text(&plan));
    assert_eq!(acts(Ok(plan)), ["pg1/configure", "pg2/restart", "pg3/restart", "pg1/switchover"]);
    assert_eq!(refused(bootstrap(&world.basis())), [(codes::CONFIG_DRIFT, None)]);
    assert_eq!(needed(&world.basis()).unwrap().command, Command::ApplyConfig);
}

#[test]
fn a_lower_value_goes_to_the_primary_first() {
    let mut world = World::whole_with("postgresql: {settings: {max_connections: 50}}");
    world.shows("max_connections", "100");
    world.configured(|config| config["postgresql"]["parameters"]["max_connections"] = json!("100"));
    let lowered = ["pg1/configure", "pg1/restart", "pg2/restart", "pg3/restart"];
    assert_eq!(acts(apply_config(&world.basis())), lowered);
    // A run that was cut off behind the primary goes on with the standbys.
    world.configured(|_| ());
    world.live("pg1").settings.insert("max_connections".into(), "50".into());
    assert_eq!(acts(apply_config(&world.basis())), ["pg2/restart", "pg3/restart"]);
}

#[test]
fn one_value_higher_and_one_lower_take_three_rounds() {
    let mut world = World::whole_with("postgresql: {settings: {max_connections: 50, max_wal_senders: 20}}");
    world.shows("max_connections", "100");
    world.shows("max_wal_senders", "10");
    world.configured(|config| {
        config["postgresql"]["parameters"] = json!({"wal_log_hints": "on"});
    });
    let rounds = [
        "pg1/configure",
        "pg2/restart",
        "pg3/restart",
        "pg1/restart",
        "pg2/restart-again",
        "pg3/restart-again",
    ];
    assert_eq!(acts(apply_config(&world.basis())), rounds);
}

/// The node's file as it was before the inventory was changed.
fn older(world: &mut World, node: &str, new: &str, old: &str) {
    let file = world.node(node).config.clone().unwrap();
    assert!(file.text.contains(new), "{}", file.text);
    world.node(node).config = Some(ConfigFile { text: file.text.replace(new, old), ..file });
}

#[test]
fn a_setting_of_the_nodes_restarts_those_that_take_it_at_their_start() {
    let settings = "postgresql: {settings: {work_mem: 8MB, shared_buffers: 1GB}}";
    let mut world = World::whole_with(settings);
    world.shows("shared_buffers", "128MB");
    older(&mut world, "pg2", "work_mem: \"8MB\"", "work_mem: \"4MB\"");
    assert_eq!(acts(apply_config(&world.basis())), ["pg2/config", "pg2/reload"]);
    older(&mut world, "pg2", "shared_buffers: \"1GB\"", "shared_buffers: \"2GB\"");
    assert_eq!(acts(apply_config(&world.basis())), ["pg2/config", "pg2/reload", "pg2/restart"]);
    let mut world = World::whole_with(settings);
    world.shows("shared_buffers", "128MB");
    older(&mut world, "pg1", "    shared_buffers: \"1GB\"\n", "");
    assert_eq!(acts(apply_config(&world.basis())), ["pg1/config", "pg1/reload", "pg1/switchover"]);
    // Patroni waits for a restart, whoever has changed what.
    let mut world = World::whole();
    let Answer::Told(node) = &mut world.node("pg3").patroni.node else { panic!("Patroni") };
    node.pending_restart = true;
    assert_eq!(acts(apply_config(&world.basis())), ["pg3/restart"]);
    assert_eq!(acts(needed(&world.basis())), ["pg3/restart"]);
}

#[test]
fn other_passwords_are_not_replaced() {
    let mut world = World::whole();
    let password = galactl::patroni::model::Account::Replication.password().placeholder();
    older(&mut world, "pg3", &password, FOREIGN_SECRET);
    assert_eq!(refused(apply_config(&world.basis())), on(codes::CONFIG_DRIFT, "pg3"));
}

#[test]
fn a_node_that_is_down_for_its_settings_is_mended_by_others_and_no_other_one_is() {
    let mut world = World::whole_with("postgresql: {settings: {shared_buffers: 1GB}}");
    world.shows("shared_buffers", "128MB");
    world.node("pg3").server = Answer::Nobody("no socket".into());
    world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
    assert_eq!(refused(apply_config(&world.basis())), on(codes::NOT_FOLLOWING, "pg3"));
    older(&mut world, "pg3", "shared_buffers: \"1GB\"", "shared_buffers: \"900GB\"");
    assert_eq!(acts(apply_config(&world.basis())), ["pg3/config", "pg3/reload", "pg3/join"]);
    // One that is stopped is started first.
    world.stopped("pg3");
    assert_eq!(refused(apply_config(&world.basis())), on(codes::NOT_FOLLOWING, "pg3"));
}

#[test]
fn a_change_of_whom_commits_wait_for_is_not_held_up_by_itself() {
    let mut world = World::whole_with("synchronous: {nodes: 2}");
    world.configured(|config| config["synchronous_node_count"] = json!(1));
    assert_eq!(acts(apply_config(&world.basis())), ["pg1/configure"]);
    assert_eq!(world.inventory.synchronous.mode, SyncMode::On);
}

#[test]
fn a_server_at_another_port_is_not_taken_for_one_that_is_down() {
    let mut world = World::whole();
    world.inventory.postgresql.port = 5433;
    for node in ["pg1", "pg2", "pg3"] {
        world.node(node).server = Answer::Nobody("no socket".into());
    }
    let refusals = refused(apply_config(&world.basis()));
    assert_eq!(refusals[0], (codes::CONFIG_DRIFT, Some("pg1".into())));
    assert_eq!(refused(bootstrap(&world.basis())).len(), 3);
}

#[test]
fn nobody_is_rewound_whose_patroni_does_not_answer_yet() {
    let mut world = World::whole();
    world.configured(|config| config["postgresql"]["use_pg_rewind"] = json!(false));
    assert_eq!(acts(apply_config(&world.basis())), ["pg1/configure"], "all follow");
    assert!(whole::kept_apart(&world.basis(), &name("pg1")).is_empty());
    // Its host has just booted: its Patroni is at work, and tells nothing yet.
    world.node("pg3").server = Answer::Nobody("no socket".into());
    world.node("pg3").servers.clear();
    world.node("pg3").patroni.config = Answer::Unseen("502".into());
    world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
    assert_eq!(refused(apply_config(&world.basis())), on(codes::NOT_FOLLOWING, "pg3"));
    world.observation.recovered = Some(std::collections::BTreeMap::new());
    assert_eq!(refused(recover(&world.basis(), &Choice::default())), on(codes::NOT_FOLLOWING, "pg3"));
    // The step that switches it on looks once more.
    assert_eq!(whole::kept_apart(&world.basis(), &name("pg1")), names(&["pg3"]));
    world.unreachable("pg2");
    assert_eq!(whole::kept_apart(&world.basis(), &name("pg1")), names(&["pg2", "pg3"]));
}
