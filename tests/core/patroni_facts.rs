//! Reports of hosts with PostgreSQL, Patroni and etcd, as the scripts printed them in the lab, and what is
//! concluded from them. Debian 12 has Patroni 3.0.2 with etcd's API of version 2, Debian 13 has Patroni 4 and
//! version 3.

use std::fs;
use std::path::{Path, PathBuf};

use galactl::kernel::facts::{Report, Seen};
use galactl::kernel::model::{NodeName, SecretName, Secrets};
use galactl::patroni::config::redact;
use galactl::patroni::facts::{
    Answer, Contents, DataState, History, HostFacts, Initialize, Line, Lsn, Place, Recovered, Relation, Role,
    ScopeKeys, SystemId, Timeline, WalDigests, fingerprint, meeting, relation,
};
use galactl::patroni::inventory::ROLE;
use galactl::patroni::observation::{Born, Observation, Store};
use proptest::prelude::*;

const FOLDER: &str = "/service/core";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/patroni-hosts")
}

fn report(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn understood(text: &str) -> HostFacts {
    HostFacts::read(&Report::parse(text).unwrap(), FOLDER, &secrets()).unwrap()
}

fn facts(name: &str) -> HostFacts {
    understood(&report(name))
}

fn recovered(name: &str) -> Recovered {
    Recovered::read(&Report::parse(&report(&format!("{name}.recover"))).unwrap())
}

fn digests(name: &str) -> WalDigests {
    WalDigests::read(&Report::parse(&report(&format!("{name}.digest"))).unwrap())
}

/// What the data of one host is to another's, as their histories and their WAL tell.
fn compared(one: (&str, &Line), other: (&str, &Line)) -> Relation {
    let place = meeting(one.1, other.1).unwrap();
    relation(one.1, other.1, digests(one.0).same(&digests(other.0), place))
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert(&SecretName::new("superuser-password"), "SUPERUSER".into());
    secrets
}

fn all_reports() -> Vec<(String, String)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with(".recover") && !name.ends_with(".digest"));
    names.sort();
    names.into_iter().map(|name| (name.clone(), report(&name))).collect()
}

fn lsn(text: &str) -> Lsn {
    text.parse().unwrap()
}

fn timeline(number: u32) -> Timeline {
    Timeline::new(number).unwrap()
}

/// All of these hosts together, under the names `pg1`, `pg2` …
fn observed(names: &[&str]) -> Observation {
    let node = |(at, name): (usize, &&str)| (node(at + 1), Seen::Facts(Box::new(facts(name))));
    Observation { nodes: names.iter().enumerate().map(node).collect(), ..Observation::default() }
}

fn node(number: usize) -> NodeName {
    format!("pg{number}").parse().unwrap()
}

/// The keys in the store that the release's Patroni uses.
fn keys<'a>(name: &str, facts: &'a HostFacts) -> &'a ScopeKeys {
    let endpoint = facts.etcd.endpoints.values().next().unwrap();
    let keys = if name.starts_with("bookworm") { &endpoint.v2 } else { &endpoint.v3 };
    keys.agreed.told().unwrap_or_else(|| panic!("{name}: {:?}", keys.agreed))
}

// Every report.

#[test]
fn every_report_is_read_and_survives_as_json() {
    let reports = all_reports();
    assert!(reports.len() >= 20, "{}", reports.len());
    for (name, text) in reports {
        let mut facts = understood(&text);
        // The one number that JSON may round.
        facts.machine.clock = 0.0;
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<HostFacts>(&json).unwrap(), facts, "{name}");
        assert!(["debian 12", "debian 13"].contains(&facts.machine.os.as_str()), "{name}");
        for secret in ["SUPERUSER", "REPLICATION", "REWIND"] {
            assert!(!json.contains(secret), "{name} tells {secret}");
        }
    }
}

#[test]
fn a_report_that_breaks_off_is_none() {
    let whole = report("bookworm-whole-primary");
    for (at, _) in whole.match_indices("\n@").filter(|(at, _)| !whole[*at..].starts_with("\n@os")) {
        assert!(Report::parse(&whole[..at]).is_err());
    }
}

#[test]
fn a_report_without_a_part_that_every_host_tells_is_refused() {
    for section in ["unit/patroni", "unit/etcd", "datadir"] {
        let text = report("bookworm-installed").replace(&format!("\n@{section}\n"), "\n@other\n");
        let report = Report::parse(&text).unwrap();
        assert!(HostFacts::read(&report, FOLDER, &secrets()).is_err(), "{section}");
    }
}

#[test]
fn what_was_not_asked_is_unseen() {
    let text = report("bookworm-installed");
    let (before, _) = text.split_once("\n@rest/patroni").unwrap();
    let facts = understood(&format!("{before}\n@end\n"));
    assert!(facts.patroni.node.unseen().is_some());
    assert!(facts.etcd.endpoints.is_empty());
    let text = text.replace("\n@server_nobody\n", "\n@other\n");
    assert!(understood(&text).server.unseen().is_some());
}

// Before there is a cluster.

#[test]
fn a_bare_host_tells_what_it_could_install() {
    let facts = facts("bookworm-bare");
    assert!(facts.is_blank());
    assert_eq!(facts.installed("patroni"), None);
    assert_eq!(facts.packages["patroni"].candidate.as_deref(), Some("3.0.2-1"));
    assert!(facts.packages["postgresql-15"].candidate.is_some());
    assert!(!facts.packages.contains_key("postgresql-17"));
    assert_eq!(facts.datadir.contents, Contents::Absent);
    assert_eq!(facts.unit("patroni").unwrap().load, "not-found");
    assert!(facts.server.is_nobody() && facts.patroni.node.is_nobody());
}

#[test]
fn an_installed_host_has_never_run_anything() {
    for (name, patroni, server) in
        [("bookworm-installed", "3.0.2", "postgresql-15"), ("trixie-installed", "4.0.7", "postgresql-17")]
    {
        let facts = facts(name);
        assert!(facts.is_blank() && !facts.has_foreign_data(), "{name}");
        assert!(facts.installed("patroni").unwrap().starts_with(patroni), "{name}");
        assert!(facts.installed(server).is_some(), "{name}");
        assert!(!facts.etcd.runs() && facts.etcd.datadirs.is_empty(), "{name}");
        assert!(facts.createcluster.unwrap().text.contains("create_main_cluster = false"));
    }
}

#[test]
fn nobody_keeps_a_store_on_new_hosts() {
    assert_eq!(observed(&["bookworm-installed", "bookworm-bare"]).born(), Born::NoStore);
}

#[test]
fn somebodys_cluster_is_seen_whether_it_runs_or_not() {
    for (name, runs) in [("bookworm-foreign-running", true), ("bookworm-foreign-stopped", false)] {
        let facts = facts(name);
        assert!(facts.datadir.holds_cluster(), "{name}");
        assert_eq!(facts.server_runs(), runs, "{name}");
        assert_eq!(facts.is_primary(), runs, "{name}");
        assert_eq!(facts.debian_clusters.len(), 1, "{name}");
        assert!(facts.system_id().is_some() && !facts.datadir.patroni_dynamic, "{name}");
    }
    let live = facts("bookworm-foreign-running").live().unwrap().clone();
    assert_eq!(live.databases.unwrap()[0].name, "shop");
    let stopped = facts("bookworm-foreign-stopped").datadir;
    assert_eq!(stopped.control.told().unwrap().state, DataState::ShutDown);
}

#[test]
fn a_cluster_in_another_directory_is_foreign_data() {
    let facts = facts("bookworm-other-datadir");
    assert!(facts.datadir.is_blank() && facts.has_foreign_data());
    assert_eq!(facts.other_datadirs, ["/var/lib/postgresql/15/old"]);
}

#[test]
fn data_directories_are_told_apart() {
    let contents = |name| facts(name).datadir.contents;
    assert_eq!(contents("bookworm-datadir-empty"), Contents::Empty);
    assert_eq!(contents("bookworm-datadir-other"), Contents::Other(vec!["somebodys-file".into()]));
    assert!(!facts("bookworm-datadir-other").datadir.is_blank());
}

#[test]
fn a_data_directory_that_is_not_mounted_is_not_blank() {
    let facts = facts("bookworm-not-mounted");
    assert_eq!(facts.datadir.contents, Contents::Empty);
    assert!(!facts.is_blank() && facts.hidden().unwrap().contains("is not mounted"), "{:?}", facts.datadir);
}

#[test]
fn a_damaged_control_file_is_not_seen_instead_of_absent() {
    let facts = facts("bookworm-damaged-control");
    assert!(facts.datadir.holds_cluster() && facts.system_id().is_none());
    assert!(facts.hidden().unwrap().contains("pg_control"), "{:?}", facts.hidden());
    assert!(recovered("bookworm-damaged-control").ends.unseen().is_some());
}

// The store.

#[test]
fn an_empty_store_with_a_quorum_says_no() {
    assert_eq!(observed(&["bookworm-etcd-empty"]).born(), Born::No);
    let facts = facts("bookworm-etcd-empty");
    let endpoint = facts.etcd.endpoints.values().next().unwrap();
    assert_eq!(endpoint.members.told().unwrap().len(), 3);
    assert_eq!(endpoint.healthy, Answer::Told(true));
    assert!(endpoint.leader_id.is_some() && endpoint.v2.agreed.told().unwrap().is_empty());
}

#[test]
fn a_bootstrap_that_goes_on_has_a_key_without_an_identifier() {
    for name in ["bookworm-founding", "trixie-founding"] {
        let facts = facts(name);
        assert_eq!(keys(name, &facts).initialize, Some(Initialize::InProgress), "{name}");
        assert!(matches!(observed(&[name]).born(), Born::Yes(_)), "{name}");
        assert!(facts.patroni_runs() && facts.live().is_none(), "{name}");
    }
}

#[test]
fn the_initialize_key_is_found_in_the_store_that_patroni_uses() {
    for (name, store) in [("bookworm-whole-primary", Store::V2), ("trixie-whole-primary", Store::V3)] {
        let facts = facts(name);
        let id = facts.system_id().unwrap().clone();
        let born = observed(&[name]).born();
        assert_eq!(born, Born::Yes([(store, vec![Initialize::By(id)])].into()), "{name}");
    }
    let debian_13 = facts("trixie-whole-primary");
    let endpoint = debian_13.etcd.endpoints.values().next().unwrap();
    assert!(endpoint.v2.agreed.is_nobody(), "{:?}", endpoint.v2.agreed);
    let debian_12 = facts("bookworm-whole-primary");
    let endpoint = debian_12.etcd.endpoints.values().next().unwrap();
    assert!(endpoint.v3.agreed.told().unwrap().is_empty());
}

#[test]
fn a_member_without_a_quorum_does_not_say_no() {
    for name in ["bookworm-no-quorum", "trixie-no-quorum"] {
        let facts = facts(name);
        let endpoint = facts.etcd.endpoints.values().next().unwrap();
        assert!(endpoint.v3.agreed.unseen().is_some(), "{name}: {:?}", endpoint.v3.agreed);
        assert_ne!(endpoint.healthy, Answer::Told(true), "{name}");
        // What it has itself still says that the cluster was born.
        assert!(matches!(observed(&[name]).born(), Born::Yes(_)), "{name}");
        assert!(facts.patroni.node.told().is_some(), "{name}: Patroni answers without etcd");
    }
}

#[test]
fn a_store_without_a_quorum_that_has_no_key_leaves_it_open() {
    let text = report("bookworm-no-quorum");
    let (before, rest) = text.split_once("/v2_own\n").unwrap();
    let (_, after) = rest.split_once("\n@").unwrap();
    let facts = understood(&format!("{before}/v2_own\n|unseen no answer\n\n@{after}"));
    let nodes = [(node(1), Seen::Facts(Box::new(facts)))].into();
    let observation = Observation { nodes, ..Observation::default() };
    assert!(matches!(observation.born(), Born::Unknown(_)), "{:?}", observation.born());
}

#[test]
fn a_wiped_store_beside_data_says_no_and_the_data_has_its_identity() {
    for name in ["bookworm-etcd-wiped", "trixie-etcd-wiped"] {
        let observation = observed(&[name]);
        assert_eq!(observation.born(), Born::No, "{name}");
        assert_eq!(observation.system_ids().len(), 1, "{name}");
        assert!(!facts(name).server_runs() && !facts(name).patroni_runs(), "{name}");
    }
}

#[test]
fn a_stopped_etcd_has_data_and_does_not_answer() {
    let facts = facts("bookworm-everything-stopped");
    assert!(!facts.etcd.runs());
    assert!(facts.etcd.datadirs.contains_key("/var/lib/etcd/galactl-core"), "{:?}", facts.etcd.datadirs);
    assert!(facts.etcd.endpoints.values().all(|it| it.v3.agreed.is_nobody()));
}

#[test]
fn a_host_that_was_not_reached_leaves_it_open() {
    let mut observation = observed(&["bookworm-installed"]);
    observation.nodes.insert(node(2), Seen::Unreachable("no route".into()));
    assert_eq!(observation.born(), Born::Unknown(vec!["pg2: no route".into()]));
    assert_eq!(observation.may_be_primary().len(), 1);
}

// A cluster at work.

#[test]
fn a_whole_cluster_has_one_primary_and_two_streaming_standbys() {
    for (name, patroni) in [("bookworm-whole-primary", "3.0.2"), ("trixie-whole-primary", "4.0.7")] {
        let facts = facts(name);
        let live = facts.live().unwrap();
        assert!(facts.is_primary() && live.current.is_some(), "{name}");
        assert_eq!(live.standbys.len(), 2, "{name}");
        assert!(live.standbys.iter().all(|it| it.state.as_deref() == Some("streaming")), "{name}");
        assert_eq!(
            live.standbys.iter().filter(|it| it.sync_state.as_deref() == Some("sync")).count(),
            1,
            "{name}"
        );
        assert_eq!(live.slots.iter().filter(|slot| slot.active).count(), 2, "{name}");
        assert_eq!(live.databases.as_ref().unwrap()[0].name, "shop", "{name}");
        assert_eq!(live.relations_in_postgres, Some(0), "{name}");
        assert!(facts.datadir.control.told().unwrap().checksums, "{name}");
        let node = facts.patroni.node.told().unwrap();
        assert_eq!(
            (&node.role, node.version.as_str(), node.scope.as_str()),
            (&Role::Primary, patroni, "core")
        );
        assert_eq!(node.system_id, Some(live.system_id.clone()), "{name}");
        let cluster = facts.patroni.cluster.told().unwrap();
        assert_eq!(cluster.leader().unwrap().name, "pg1", "{name}");
        assert_eq!(cluster.members.len(), 3, "{name}");
        assert_eq!(facts.patroni.config.told().unwrap()["ttl"], 30, "{name}");
        let keys = keys(name, &facts);
        assert_eq!(keys.leader.as_deref(), Some("pg1"), "{name}");
        assert_eq!((keys.members.len(), keys.sync.as_ref().unwrap().standbys.len()), (3, 1), "{name}");
    }
}

#[test]
fn a_synchronous_standby_follows_the_same_line() {
    for (primary, standby) in
        [("bookworm-whole-primary", "bookworm-whole-sync"), ("trixie-whole-primary", "trixie-whole-sync")]
    {
        let (primary, standby) = (facts(primary), facts(standby));
        let live = standby.live().unwrap();
        assert!(live.in_recovery && standby.datadir.standby_signal);
        assert_eq!(live.receiver.as_ref().unwrap().status, "streaming");
        assert_eq!(standby.system_id(), primary.system_id());
        assert!(standby.patroni.node.told().unwrap().sync_standby);
        let (own, others) = (primary.line().unwrap(), standby.line().unwrap());
        assert!(meeting(&own, &others).is_ok());
        assert!(matches!(relation(&own, &others, None), Relation::Unknown(_)), "nobody compared their WAL");
    }
    assert!(!facts("bookworm-whole-async").patroni.node.told().unwrap().sync_standby);
}

#[test]
fn a_stopped_replica_has_data_and_no_server() {
    for name in ["bookworm-replica-stopped", "trixie-replica-stopped"] {
        let facts = facts(name);
        assert!(!facts.server_runs() && !facts.patroni_runs(), "{name}");
        assert_eq!(facts.datadir.control.told().unwrap().state, DataState::ShutDownInRecovery, "{name}");
    }
    assert_eq!(facts("bookworm-primary-without-replica").live().unwrap().standbys.len(), 1);
}

#[test]
fn what_waits_for_a_restart_is_named() {
    for name in ["bookworm-pending-restart", "trixie-pending-restart"] {
        let facts = facts(name);
        assert!(facts.patroni.node.told().unwrap().pending_restart, "{name}");
        assert_eq!(facts.live().unwrap().pending_restart, ["max_connections"], "{name}");
    }
    assert!(!facts("bookworm-whole-primary").patroni.node.told().unwrap().pending_restart);
}

#[test]
fn a_paused_cluster_says_so() {
    for name in ["bookworm-paused", "trixie-paused"] {
        let patroni = facts(name).patroni;
        assert!(patroni.node.told().unwrap().paused && patroni.cluster.told().unwrap().paused, "{name}");
    }
    assert!(!facts("bookworm-whole-primary").patroni.cluster.told().unwrap().paused);
}

#[test]
fn a_masked_unit_is_masked_while_its_program_runs() {
    let facts = facts("bookworm-masked");
    assert!(facts.unit("patroni").unwrap().is_masked() && facts.patroni_runs());
}

#[test]
fn programs_that_hang_are_not_taken_for_absent() {
    let hung = facts("bookworm-patroni-hung");
    assert!(hung.patroni.node.unseen().unwrap().contains("no answer within"));
    assert!(hung.live().is_some());
    let hung = facts("bookworm-postgres-hung");
    assert!(hung.server.unseen().is_some(), "{:?}", hung.server);
    assert!(hung.server_runs());
    assert_eq!(observed(&["bookworm-postgres-hung"]).may_be_primary().len(), 1);
}

#[test]
fn a_killed_primary_was_in_production_and_another_has_taken_over() {
    let killed = facts("bookworm-primary-killed");
    assert!(!killed.patroni_runs() && killed.live().is_none());
    assert_eq!(killed.datadir.control.told().unwrap().state, DataState::InProduction);
    assert!(killed.datadir.postmaster_pid.is_some(), "a killed server leaves its file");
    assert!(killed.server.is_nobody(), "{:?}", killed.server);
    let successor = facts("bookworm-after-failover");
    assert!(successor.is_primary());
    assert_eq!(successor.live().unwrap().timeline, timeline(2));
    assert_eq!(successor.datadir.history(timeline(2)).unwrap().0.len(), 1);
    assert!(successor.datadir.first_records[&timeline(2)].contains("END_OF_RECOVERY tli 2; prev tli 1"));
    // The killed one had nothing that its successor lacks.
    let line = recovered("bookworm-primary-killed").line(&killed.datadir).unwrap();
    let relation =
        compared(("bookworm-after-failover", &successor.line().unwrap()), ("bookworm-primary-killed", &line));
    assert!(matches!(relation, Relation::Ahead(_)), "{relation:?}");
    assert!(!facts("bookworm-rejoined").is_primary());
}

#[test]
fn patronis_history_and_the_servers_agree() {
    for name in ["bookworm-rejoined", "trixie-switched-primary"] {
        let facts = facts(name);
        let live = facts.live().unwrap();
        let told = facts.patroni.history.told().unwrap();
        let file = facts.datadir.history(live.timeline).unwrap();
        assert_eq!(
            told.iter().map(|it| (it.timeline, it.at)).collect::<Vec<_>>(),
            file.0.iter().map(|it| (it.timeline, it.at)).collect::<Vec<_>>(),
            "{name}"
        );
        assert!(!told.is_empty(), "{name}");
    }
}

// Stopped nodes.

#[test]
fn the_end_of_a_stopped_nodes_wal_is_found() {
    for name in ["bookworm-all-stopped-primary", "bookworm-all-stopped-standby", "trixie-all-stopped"] {
        let facts = facts(name);
        let line =
            recovered(name).line(&facts.datadir).unwrap_or_else(|| panic!("{name}: {:?}", recovered(name)));
        let control = facts.datadir.control.told().unwrap();
        assert!(control.state.is_clean(), "{name}");
        assert!(line.end > control.redo, "{name}");
        assert_eq!(line.timeline, timeline(2), "{name}");
    }
}

#[test]
fn a_stopped_primary_and_its_standby_are_one_line() {
    let names = ["bookworm-all-stopped-primary", "bookworm-all-stopped-standby"];
    let mut observation = observed(&names);
    observation.recovered =
        Some(names.iter().enumerate().map(|(at, name)| (node(at + 1), recovered(name))).collect());
    let lines = [observation.line(&node(1)).unwrap(), observation.line(&node(2)).unwrap()];
    let relation = compared((names[0], &lines[0]), (names[1], &lines[1]));
    assert!(matches!(relation, Relation::Equal | Relation::Ahead(_)), "{relation:?}");
}

#[test]
fn a_host_without_data_has_no_end() {
    assert!(recovered("bookworm-datadir-other").ends.is_nobody());
}

#[test]
fn two_promotions_to_the_same_number_are_told_apart() {
    let names = ["bookworm-fork-one", "bookworm-fork-two", "bookworm-fork-stayed"];
    let lines: Vec<_> =
        names.iter().map(|name| recovered(name).line(&facts(name).datadir).unwrap()).collect();
    assert_eq!(lines[0].timeline, lines[1].timeline, "Patroni sees one number");
    assert_ne!(lines[0].timeline, lines[2].timeline);
    for (one, other) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2)] {
        let relation = relation(&lines[one], &lines[other], None);
        assert!(matches!(relation, Relation::Forked(_)), "{} {}: {relation:?}", names[one], names[other]);
    }
    // They ran apart before, each as a primary.
    let running =
        observed(&["bookworm-fork-one-running", "bookworm-fork-two-running", "bookworm-by-hand-primary"]);
    assert_eq!(running.primaries().count(), 3);
}

#[test]
fn another_system_is_a_stranger() {
    let observation = observed(&["bookworm-another-system", "bookworm-fork-one"]);
    assert_eq!(observation.system_ids().len(), 2);
}

// Values.

#[test]
fn positions_in_the_wal_are_numbers() {
    assert_eq!(lsn("16/B374D848").bytes(), 0x16_B374_D848);
    assert_eq!(lsn("1/0").since(lsn("0/FFFFFFF0")), 16);
    assert_eq!(lsn("0/1").since(lsn("0/2")), 0);
    for wrong in ["", "0", "0/", "/0", "0/0/0", "g/0", "0/123456789", "+1/0", "0/ 1"] {
        assert!(wrong.parse::<Lsn>().is_err(), "{wrong}");
    }
    for wrong in ["", "0", "-1", "18446744073709551616", "abc"] {
        assert!(wrong.parse::<SystemId>().is_err(), "{wrong}");
    }
    assert_eq!(Timeline::of_file("0000000E0000000000000007").map(Timeline::number), Some(14));
}

#[test]
fn history_files_are_read_strictly() {
    let history = History::parse(
        "# comment\n1\t0/3000148\tno recovery target specified\n\n2\t0/5000000\tbefore 2026\n",
    );
    let history = history.unwrap();
    assert_eq!(history.begins_at(), Some(lsn("0/5000000")));
    assert_eq!(history.0[0].reason, "no recovery target specified");
    for wrong in
        ["1", "x\t0/1\tr", "1\t0\tr", "2\t0/1\ta\n1\t0/2\tb", "1\t0/5\ta\n2\t0/4\tb", "1\t0/1\n1\t0/2"]
    {
        assert!(History::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_pg_waldump_says_of_the_end_is_read() {
    let end = |said: &str| {
        let text = format!("@timelines\n|3 0/1000\n@said_3\n|{said}\n@end\n");
        let recovered = Recovered::read(&Report::parse(&text).unwrap());
        recovered.ends.told().unwrap()[&timeline(3)].end.clone()
    };
    for said in [
        "pg_waldump: error: error in WAL record at 0/67: invalid record length at 0/69E2A58: wanted 24, got 0",
        "pg_waldump: error: error in WAL record at 0/67: invalid record length at 0/69E2A58: expected at least 24, got 0",
        "pg_waldump: error: error in WAL record at 0/67: record with incorrect prev-link 0/1 at 0/69E2A58",
        "pg_waldump: error: error in WAL record at 0/67: invalid resource manager ID 123 at 0/69E2A58",
        "pg_waldump: error: error in WAL record at 0/67: unexpected pageaddr 0/1 in WAL segment 000000010000000000000006, LSN 0/69E2A58, offset 0",
    ] {
        assert_eq!(end(said), Answer::Told(lsn("0/69E2A58")), "{said}");
    }
    for said in ["", "nonsense", "pg_waldump: error: out of memory"] {
        assert!(end(said).unseen().is_some(), "{said}");
    }
    let missing =
        "pg_waldump: error: could not find file \"000000030000000000000001\": No such file or directory";
    // A file of the newest timeline is there, so that WAL before it is gone; of an older one, there need not be any.
    assert!(end(missing).unseen().is_some());
    let older = format!("@timelines\n|2 0/1000\n|3 0/1000\n@said_2\n|{missing}\n@said_3\n|{missing}\n@end\n");
    let recovered = Recovered::read(&Report::parse(&older).unwrap());
    assert!(recovered.ends.told().unwrap()[&timeline(2)].end.is_nobody());
}

#[test]
fn passwords_are_replaced_however_they_are_written() {
    let shown = |text: &str| redact(text, &secrets());
    let own = "a: # which\n  password: SUPERUSER\n  b: 1\n";
    assert_eq!(shown(own), own.replace("SUPERUSER", "${secret:superuser-password}"));
    assert!(shown("a: {password: SUPERUSER}\n").contains("password: ${secret:superuser-password}"));
    for text in [
        "a: {password: other-secret}\n",
        "a:\n  password: 'other-secret'\n",
        "a:\n  password: |\n    other-secret\n",
        "a:\n  password: \"other\\x2dsecret\"\n",
        "a: {password: [other-secret]}\n",
        "conninfo: host=a password=other-secret\n",
        "# password: other-secret\na: 1\n",
        "other-secret",
        "a: [other-secret\n",
    ] {
        let said = shown(text);
        assert!(!said.contains("other-secret") && !said.contains("x2d"), "{text} is shown as {said}");
    }
    assert_eq!(shown("scope: core # which\n"), "scope: core # which\n");
}

#[test]
fn a_fingerprint_does_not_move_by_itself() {
    let print = |text: &str| fingerprint(ROLE, &understood(text));
    let text = report("bookworm-whole-primary");
    let later = text.replace("/45203C8\"", "/46203C8\"").replace("|clock=", "|clock=1");
    assert_ne!(text, later);
    assert_eq!(print(&text).differences(&print(&later)), []);
    let other = text.replace("\"in_recovery\" : false", "\"in_recovery\" : true");
    assert_eq!(print(&text).differences(&print(&other))[0].fact, "server");
}

// Lines.

fn line(history: &[(u32, u64)], own: u32, end: u64, first: Option<&str>) -> Line {
    let lines: Vec<_> =
        history.iter().map(|(number, at)| format!("{number}\t0/{at:X}\tpromoted\n")).collect();
    Line {
        system_id: "7".parse().unwrap(),
        timeline: timeline(own),
        history: Some(History::parse(&lines.concat()).unwrap()),
        first_records: first.map(|record| (timeline(own), record.to_owned())).into_iter().collect(),
        end: Lsn::new(end),
    }
}

fn place(number: u32, at: u64) -> Place {
    Place { timeline: timeline(number), at: Lsn::new(at) }
}

#[test]
fn lines_are_compared_by_their_ancestors() {
    let is =
        |one: &Line, other: &Line, expected: Relation| assert_eq!(relation(one, other, Some(true)), expected);
    let first = |end| line(&[], 1, end, None);
    is(&first(100), &first(100), Relation::Equal);
    is(&first(100), &first(90), Relation::Ahead(10));
    let second = |end| line(&[(1, 100)], 2, end, Some("a"));
    is(&first(90), &second(120), Relation::Behind(30));
    is(&first(100), &second(120), Relation::Behind(20));
    let past = Relation::Forked(place(1, 100));
    is(&first(101), &second(120), past.clone());
    is(&second(120), &first(101), past.clone());
    is(&second(120), &second(130), Relation::Behind(10));
    // The same number and the same ancestors, promoted apart; also where one has left that timeline since.
    let apart = |own, history: &[(u32, u64)]| {
        let mut line = line(history, own, 130, None);
        line.first_records.insert(timeline(2), "b".into());
        line
    };
    is(&second(120), &apart(2, &[(1, 100)]), past.clone());
    is(&second(120), &apart(3, &[(1, 100), (2, 125)]), past.clone());
    is(&line(&[(1, 100)], 3, 130, Some("c")), &second(120), past);
    is(&line(&[(1, 80)], 2, 130, Some("b")), &second(120), Relation::Forked(place(1, 80)));
    is(&Line { system_id: "8".parse().unwrap(), ..first(100) }, &first(100), Relation::Strangers);
    let lost = Line { history: None, ..second(120) };
    assert!(matches!(relation(&lost, &second(120), Some(true)), Relation::Unknown(_)));
}

#[test]
fn nobody_holds_anothers_data_where_their_wal_was_not_compared() {
    let (behind, ahead) = (line(&[], 1, 90, None), line(&[(1, 100)], 2, 120, None));
    assert_eq!(meeting(&behind, &ahead), Ok(place(1, 90)));
    assert!(matches!(relation(&behind, &ahead, None), Relation::Unknown(_)));
    assert_eq!(relation(&behind, &ahead, Some(false)), Relation::Forked(place(1, 90)));
    assert_eq!(relation(&behind, &ahead, Some(true)), Relation::Behind(30));
}

prop_compose! {
    /// A line on a tree of timelines in which each switch is at one of few places.
    fn any_line()(switches in proptest::collection::vec(1_u64..4, 0..3), more in 0_u64..3, first in "[ab]")
        -> Line {
        let mut at = 0;
        let ancestors: Vec<_> = switches.iter().zip(1..).map(|(step, number)| { at += step; (number, at) }).collect();
        let own = u32::try_from(ancestors.len() + 1).unwrap();
        line(&ancestors, own, at + more, (own > 1).then_some(first.as_str()))
    }
}

proptest! {
    #[test]
    fn a_relation_is_the_same_from_both_sides(
        one in any_line(),
        other in any_line(),
        same in proptest::option::of(any::<bool>()),
    ) {
        let turned = match relation(&one, &other, same) {
            Relation::Ahead(bytes) => Relation::Behind(bytes),
            Relation::Behind(bytes) => Relation::Ahead(bytes),
            same => same,
        };
        prop_assert_eq!(relation(&other, &one, same), turned);
        prop_assert_eq!(relation(&one, &one, Some(true)), Relation::Equal);
    }
}
