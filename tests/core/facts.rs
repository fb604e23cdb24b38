//! Reports of real hosts, whole and broken, and what is concluded from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use galactl::galera::facts::{
    ClusterStatus, Glance, Grastate, HostFacts, Intent, Live, NodeState, SavedState, Schema, ServerAnswer,
    sst_password_of,
};
use galactl::galera::model::{SST_PASSWORD, Seqno, StateUuid};
use galactl::kernel::facts::Report;
use galactl::kernel::model::{Secrets, ServerVersion};
use proptest::prelude::*;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports")
}

/// A report as `observe.sh` printed it on a host of the lab; only passwords are replaced.
fn report(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap()
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert(SST_PASSWORD, "lab-password".into());
    secrets
}

fn understood(text: &str) -> HostFacts {
    HostFacts::read(&Report::parse(text).unwrap(), &secrets()).unwrap()
}

fn facts(name: &str) -> HostFacts {
    understood(&report(name))
}

fn all_reports() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut reports: Vec<_> =
        entries.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect();
    reports.sort();
    reports
}

/// Replaces the lines of one section, or adds the section.
fn with_section(report: &str, name: &str, content: &str) -> String {
    let quoted: String = content.split_terminator('\n').flat_map(|line| ["|", line, "\n"]).collect();
    let (before, after) = match report.split_once(&format!("\n@{name}\n")) {
        Some((before, rest)) => (before, rest.find("\n@").map_or("", |at| &rest[at..])),
        None => report.split_once("\n@end").map(|(before, _)| (before, "\n@end\n")).unwrap(),
    };
    format!("{before}\n@{name}\n{quoted}{after}")
}

// Real hosts.

#[test]
fn a_standalone_server_is_fresh_on_every_release() {
    for (name, version, os) in [
        ("bookworm-standalone", "10.11.19", "debian 12"),
        ("trixie-standalone", "11.8.9", "debian 13"),
        ("bullseye-standalone", "10.5.23", "debian 11"),
    ] {
        let facts = facts(name);
        assert_eq!(facts.state(), NodeState::Fresh, "{name}");
        assert_eq!(facts.machine.os, os);
        assert!(facts.machine.debian_family && facts.server_runs() && facts.unit.is_enabled(), "{name}");
        assert_eq!(facts.server.unwrap().to_string(), version);
        assert_eq!(facts.candidate.map(ServerVersion::series), facts.server.map(ServerVersion::series));
        assert!(facts.live().is_some_and(|live| !live.wsrep_on), "{name}");
        assert_eq!(facts.providers.first().map(String::as_str), Some("/usr/lib/galera/libgalera_smm.so"));
        assert!(facts.datadir.initialised && facts.datadir.bytes > 0 && facts.datadir.free > 0, "{name}");
        assert_eq!(facts.datadir.schemas, []);
        assert_eq!((facts.config, facts.intents, facts.sst_grants), (None, vec![], vec![]));
        assert_eq!(facts.processes, [facts.unit.main_pid]);
        for tool in ["mariabackup", "mbstream", "rsync", "socat"] {
            assert!(facts.tools.contains(tool), "{name}: {tool}");
        }
    }
}

#[test]
fn a_bare_host_has_a_candidate_and_nothing_else() {
    let facts = facts("bookworm-bare");
    assert_eq!(facts.state(), NodeState::Bare);
    assert_eq!(facts.server, None);
    assert_eq!(facts.candidate.unwrap().to_string(), "10.11.19");
    assert_eq!(facts.unit.load, "not-found");
    assert!(!facts.datadir.exists && !facts.datadir.initialised && !facts.server_runs());
    assert!(facts.datadir.free > 0, "the free space of the nearest existing directory");
}

#[test]
fn a_members_view_is_read_whole() {
    let facts = facts("bookworm-member");
    let live = facts.live().unwrap();
    assert!(live.is_synced());
    assert_eq!((live.cluster_name.as_str(), live.node_name.as_str()), ("core", "db1"));
    assert_eq!((live.cluster_size, live.conf_id), (3, 3));
    assert_eq!(live.members, ["10.77.1.11", "10.77.1.12", "10.77.1.13"]);
    assert!(matches!(live.last_committed, Seqno::At(seqno) if seqno > 0));
    let known = facts.datadir.grastate.known_uuid();
    assert_eq!(facts.state(), NodeState::Primary { uuid: known.cloned() });
    assert_eq!(live.state_uuid.as_ref(), known);
    assert!(facts.datadir.gvwstate.view().is_some());
    assert_eq!(facts.sst_grants.len(), 1);
    // The write-set cache is a file of its own, larger than all the data here.
    assert!(facts.datadir.cache >= 512 << 20 && facts.datadir.bytes < 512 << 20);
}

/// JSON knows neither, so that what is saved of such a host could not be read again.
#[test]
fn a_clock_is_a_number_or_unknown() {
    let machine = |clock: &str| format!("arch=x86_64\nclock={clock}");
    for (said, expected) in
        [("1700000000.5", 1_700_000_000.5), ("1e999", 0.0), ("nan", 0.0), ("-inf", 0.0), ("", 0.0)]
    {
        let facts = understood(&with_section(&report("bookworm-bare"), "machine", &machine(said)));
        assert!((facts.machine.clock - expected).abs() < 0.1, "{said}: {}", facts.machine.clock);
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<HostFacts>(&json).unwrap(), facts, "{said}");
    }
}

#[test]
fn options_are_read_without_their_secrets() {
    let report = with_section(
        &report("bookworm-member"),
        "options",
        "--bind-address=0.0.0.0\n--wsrep_sst_auth=sst:hunter2\n--loose-wsrep-on=ON\n--wsrep-on=OFF\nnoise",
    );
    let later = "/etc/mysql/z z.cnf\t--skip-networking\n/etc/z.cnf\t--wsrep-sst-auth=a:hunter2\nnoise\n\t";
    let facts = understood(&with_section(&report, "later_options", later));
    let told: Vec<_> = facts.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let auth = "wsrep_sst_auth=sst:${secret:another-value}";
    assert_eq!(told, ["bind_address=0.0.0.0", "wsrep_on=OFF", auth]);
    let later: Vec<_> =
        facts.later_options.iter().map(|it| format!("{} {}={}", it.file, it.name, it.value)).collect();
    assert_eq!(later, ["/etc/mysql/z z.cnf skip_networking=ON", "/etc/z.cnf wsrep_sst_auth="]);
}

#[test]
fn an_address_that_only_the_list_of_peers_tells_is_found_there() {
    let text = with_section(
        &report("bookworm-member"),
        "options",
        "--wsrep_cluster_address=gcomm://10.77.1.99:4567,10.77.1.11?pc.wait_prim=no\n--wsrep_node_address=",
    );
    let text = text.replace("10.77.1.11:0,10.77.1.12:0,10.77.1.13:0", "AUTO,AUTO,AUTO");
    let mut facts = understood(&text);
    facts.machine.addresses = [std::net::IpAddr::from([10, 77, 1, 11])].into();
    assert_eq!(facts.in_effect()["wsrep_node_address"], "10.77.1.11");
}

#[test]
fn an_option_without_a_value_is_a_switch_unless_the_server_says_otherwise() {
    let by_hand =
        "--skip-name-resolve\n--wsrep_notify_cmd=\n--slow-query-log=\n--log-bin\n--relay-log=x\n--log-error";
    let text = with_section(&report("bookworm-member"), "options", by_hand);
    let text = with_section(&text, "optional", "log-bin\tdb1-bin\nlog-error\t\nrelay-log2\tx");
    let told: Vec<_> =
        understood(&text).options.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        told,
        [
            "log_bin=db1-bin",
            "log_error=",
            "relay_log=x",
            "skip_name_resolve=ON",
            "slow_query_log=",
            "wsrep_notify_cmd="
        ]
    );
}

#[test]
fn of_several_lines_of_provider_options_the_last_one_counts_and_the_others_are_known() {
    let lines = "--wsrep_provider_options=socket.ssl_key=/k\n--wsrep-provider-options=a=1\n--wsrep_provider_options=b=2";
    let facts = understood(&with_section(&report("bookworm-member"), "options", lines));
    assert_eq!(facts.options["wsrep_provider_options"], "b=2");
    assert_eq!(facts.void_provider_options, ["socket.ssl_key=/k", "a=1"]);
}

#[test]
fn of_an_option_and_what_takes_it_back_the_last_one_counts() {
    for (lines, wanted) in [
        ("--log-bin=x\n--skip-log-bin", "skip_log_bin=ON"),
        ("--skip-log-bin\n--log-bin=x", "log_bin=x"),
        ("--disable-x\n--skip-x\n--enable_x=1", "enable_x=1"),
    ] {
        let text = with_section(&report("bookworm-member"), "options", lines);
        let told: Vec<_> =
            understood(&text).options.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(told, [wanted], "{lines}");
    }
}

#[test]
fn an_sst_login_in_files_of_others_is_found() {
    let by_hand = "--wsrep-sst-auth=sst:old\n--wsrep_sst_auth=backup:p:w \"x\n--max_connections=9";
    let text = with_section(&report("bookworm-member"), "options", by_hand);
    let text = with_section(&text, "sst_options", "--wsrep-sst-auth=scripts:other\n--encrypt=3");
    let report = Report::parse(&text).unwrap();
    assert_eq!(sst_password_of(&report, "backup").as_deref(), Some("p:w \"x"));
    for user in ["sst", "scripts"] {
        assert_eq!(sst_password_of(&report, user), None, "the server's own, last word counts");
    }
    let mut secrets = Secrets::default();
    secrets.insert(SST_PASSWORD, "p:w \"x".into());
    let facts = HostFacts::read(&report, &secrets).unwrap();
    assert_eq!(facts.options["wsrep_sst_auth"], "backup:${secret:sst-password}");
    assert_eq!(facts.sst_options["wsrep_sst_auth"], "scripts:${secret:another-value}");
    assert_eq!(facts.sst_options["encrypt"], "3");
}

#[test]
fn what_confines_a_server_is_read() {
    let machine = "arch=x86_64\nmemory_kib=2048\nsystemd=252\nselinux=1\napparmor=/usr/sbin/mariadbd";
    let facts = understood(&with_section(&report("bookworm-member"), "machine", machine));
    assert_eq!(
        (facts.machine.memory, facts.machine.systemd, facts.machine.selinux_enforcing),
        (2 << 20, Some(252), true)
    );
    assert_eq!(facts.apparmor.as_deref(), Some("/usr/sbin/mariadbd"));
    let facts = understood(&with_section(&report("bookworm-member"), "machine", "selinux=0\nsystemd=x"));
    assert_eq!(
        (facts.machine.memory, facts.machine.systemd, facts.machine.selinux_enforcing, facts.apparmor),
        (0, None, false, None)
    );
}

#[test]
fn the_option_file_comes_without_its_secret() {
    let facts = facts("bookworm-member");
    let config = facts.config.unwrap();
    assert_eq!(
        (config.mode.as_str(), config.owner.as_str(), config.group.as_str()),
        ("640", "root", "mysql")
    );
    assert!(config.text.contains("wsrep_sst_auth = \"sst:${secret:sst-password}\"\n"), "{}", config.text);
    let foreign =
        HostFacts::read(&Report::parse(&report("bookworm-member")).unwrap(), &Secrets::default()).unwrap();
    assert!(!format!("{foreign:?}").contains("lab-password"));
}

#[test]
fn a_stopped_member_knows_its_position() {
    let facts = facts("bookworm-stopped-member");
    let NodeState::Member { position } = facts.state() else { panic!("{:?}", facts.state()) };
    assert!(matches!(position.seqno, Seqno::At(seqno) if seqno > 0) && !position.uuid.is_zero());
    assert!(!facts.datadir.gvwstate.is_there(), "a clean stop deletes it");
    assert!(!facts.server_runs());
}

#[test]
fn a_joiner_during_its_transfer_is_mute_and_its_donor_a_member() {
    let joiner = facts("bookworm-joining");
    assert!(matches!(joiner.state(), NodeState::Mute { .. }), "{:?}", joiner.state());
    assert_eq!(joiner.unit.active, "activating");
    // The file is there and empty while the transfer runs.
    assert!(!matches!(joiner.datadir.grastate, Grastate::Absent | Grastate::Saved(_)));
    assert!(joiner.datadir.sst_leftovers.contains(&"sst_in_progress".to_owned()));
    let donor = facts("bookworm-donor");
    let live = donor.live().unwrap();
    assert!(live.is_primary() && !live.is_synced());
    assert_eq!((live.local_state.to_string().as_str(), live.cluster_size), ("Donor/Desynced", 3));
    assert!(matches!(donor.state(), NodeState::Primary { .. }));
}

#[test]
fn a_broken_transfer_leaves_an_unclear_node() {
    let facts = facts("bookworm-broken-sst");
    assert!(matches!(facts.state(), NodeState::Unclear { .. }), "{:?}", facts.state());
    assert!(!facts.server_runs());
}

#[test]
fn a_node_cut_off_is_outside_any_primary_component() {
    let facts = facts("bookworm-non-primary");
    let NodeState::NonPrimary { status } = facts.state() else { panic!("{:?}", facts.state()) };
    assert_eq!(status, "NonPrimary, Initialized");
    let live = facts.live().unwrap();
    assert!(!live.is_primary() && !live.is_synced() && !live.ready);
    // Galera prints -1 as an unsigned number here.
    assert_eq!(live.conf_id, 0, "a view of -1 is none");
}

#[test]
fn databases_are_counted_under_their_own_names() {
    let schemas = facts("bookworm-with-databases").datadir.schemas;
    let names: Vec<_> = schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["odd-name.#1", "shop"]);
    assert!(schemas.iter().all(|schema| schema.bytes > 0));
}

#[test]
fn a_masked_unit_is_seen() {
    let facts = facts("bookworm-masked");
    assert!(facts.unit.is_masked() && !facts.unit.is_enabled() && !facts.server_runs());
    assert_eq!(facts.state(), NodeState::Fresh);
    assert_eq!(facts.removed(), None, "somebody else has masked it");
}

#[test]
fn a_removal_is_known_by_record_and_mask() {
    let record = "cluster=shop\nstate_uuid=b819de78-9b4f-11ee-8000-0123456789ab\nby=root@ops, process 7\n";
    let masked = understood(&with_section(&report("bookworm-masked"), "removed", record));
    let removal = masked.removed().expect("a removal");
    assert_eq!((removal.cluster.as_str(), removal.by.as_str()), ("shop", "root@ops, process 7"));
    assert!(removal.state_uuid.is_some());
    let cut_off = understood(&with_section(&report("bookworm-stopped-member"), "removed", record));
    assert_eq!(cut_off.removed(), None, "the unit may still start");
}

#[test]
fn every_place_of_the_intent_is_seen() {
    let file = |path: &str| vec![Intent::File(path.into())];
    assert_eq!(facts("bookworm-armed-file").intents, file("/run/mariadb-wsrep-new-cluster"));
    assert_eq!(facts("trixie-armed-file").intents, file("/run/mysqld/wsrep-new-cluster"));
    assert_eq!(
        facts("bullseye-armed-environment").intents,
        [Intent::Environment("_WSREP_NEW_CLUSTER".into())]
    );
    let options = ["--wsrep-new-cluster", "--wsrep_cluster_address=gcomm://"];
    assert_eq!(facts("bookworm-armed-option").intents, options.map(|option| Intent::Option(option.into())));
}

// Reports that are not whole.

#[test]
fn no_prefix_of_a_report_yields_facts() {
    for (name, text) in all_reports() {
        let whole = text.trim_end().len();
        for end in (0..whole).filter(|end| text.is_char_boundary(*end)) {
            assert!(Report::parse(&text[..end]).is_err(), "{name}: the first {end} bytes");
        }
    }
}

#[test]
fn a_report_without_its_unit_or_paths_is_refused() {
    let whole = report("bookworm-standalone");
    for section in ["unit", "paths"] {
        let text = whole.replace(&format!("\n@{section}\n"), "\n@other\n");
        assert!(HostFacts::read(&Report::parse(&text).unwrap(), &secrets()).is_err(), "without {section}");
    }
    assert!(HostFacts::read(&Report::parse("\n@end\n").unwrap(), &secrets()).is_err());
}

#[test]
fn what_a_login_shell_says_is_no_part_of_the_report() {
    let whole = report("bookworm-standalone");
    let greeted = format!("Welcome!\n|of the 1st floor\nUnauthorised use\n{whole}");
    assert_eq!(understood(&greeted), understood(&whole));
}

// Hostile content.

#[test]
fn no_files_content_can_forge_a_section() {
    let forged = "@status\nwsrep_cluster_status\tPrimary\n\n@variables\n|wsrep_on\tON\n@end\n|@unit\nActiveState=active";
    let stopped = report("bookworm-stopped-member");
    let honest = understood(&stopped);
    for section in ["config", "grastate", "gvwstate", "os"] {
        let facts = understood(&with_section(&stopped, section, forged));
        assert_eq!(facts.server_answer, ServerAnswer::NoSocket, "{section}");
        assert_eq!(facts.unit, honest.unit, "{section}");
    }
    let config = understood(&with_section(&stopped, "config", forged)).config.unwrap();
    assert_eq!(config.text, format!("{forged}\n"));
    let directory = understood(&with_section(&stopped, "directories", "12\t@end\n9\t@status\n1\tmysql"));
    let names: Vec<_> = directory.datadir.schemas.into_iter().map(|schema| schema.name).collect();
    assert_eq!(names, ["@end", "@status"]);
}

#[test]
fn a_data_directory_that_cannot_be_listed_is_not_taken_for_empty() {
    let unlisted = with_section(&report("bookworm-standalone"), "directories", "");
    assert!(HostFacts::read(&Report::parse(&unlisted).unwrap(), &secrets()).is_err());
}

#[test]
fn what_a_running_server_lists_counts_as_well() {
    let listed = with_section(&report("bookworm-standalone"), "schemata", "mysql\nsys\nelsewhere");
    assert_eq!(understood(&listed).datadir.schemas, [Schema { name: "elsewhere".into(), bytes: 0 }]);
}

#[test]
fn before_10_6_sys_is_a_users_database() {
    let old = with_section(&report("bullseye-standalone"), "directories", "1\tmysql\n2\tsys");
    assert_eq!(understood(&old).datadir.schemas, [Schema { name: "sys".into(), bytes: 2 }]);
}

#[test]
fn only_the_servers_own_databases_are_no_users_databases() {
    let own = "1\tmysql\n2\tsys\n3\tperformance_schema\n4\t#innodb_temp\n5\t.sst\n6\tlost+found\n7\tmysql_upgrade_info";
    let facts = understood(&with_section(&report("bookworm-standalone"), "directories", own));
    assert_eq!(facts.datadir.schemas, [Schema { name: "mysql_upgrade_info".into(), bytes: 7 }]);
}

// The server's answer.

#[test]
fn a_server_that_hides_whether_wsrep_is_on_is_mute_not_standalone() {
    let member = report("bookworm-member");
    for variables in ["", "ERROR 1040 (08004): Too many connections", "version\t10.11.19-MariaDB"] {
        let facts = understood(&with_section(&member, "variables", variables));
        assert!(matches!(facts.state(), NodeState::Mute { .. }), "{variables:?}: {:?}", facts.state());
    }
}

#[test]
fn a_silent_socket_says_why() {
    let stopped = report("bookworm-standalone")
        .replace("\n@status\n", "\n@old\n")
        .replace("\n@variables\n", "\n@old\n");
    let why = |error: &str| understood(&with_section(&stopped, "status_error", error)).server_answer;
    assert_eq!(
        why("ERROR 1040 (08004): Too many connections"),
        ServerAnswer::Refused("ERROR 1040 (08004): Too many connections".into())
    );
    let dead =
        "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (111)";
    assert_eq!(why(dead), ServerAnswer::NoSocket);
    assert_eq!(why(&dead.replace("111", "2")), ServerAnswer::NoSocket);
    assert!(
        matches!(why(""), ServerAnswer::Refused(why) if !why.to_string().is_empty()),
        "a time-out prints nothing"
    );
}

fn rows(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn missing_rows_prove_nothing() {
    let nothing = Live::from_rows(&rows(&[]), &rows(&[]));
    assert!(!nothing.is_primary() && !nothing.is_synced() && !nothing.wsrep_on && !nothing.ready);
    assert_eq!((nothing.state_uuid, nothing.cluster_size, nothing.last_committed), (None, 0, Seqno::Unknown));
    assert_eq!(nothing.cluster_status, ClusterStatus::Other(String::new()));
    let whole = [
        ("wsrep_cluster_status", "Primary"),
        ("wsrep_ready", "ON"),
        ("wsrep_connected", "ON"),
        ("wsrep_local_state_comment", "Synced"),
    ];
    let on = rows(&[("wsrep_on", "ON")]);
    assert!(Live::from_rows(&rows(&whole), &on).is_synced());
    for missing in whole {
        let rest: Vec<_> = whole.into_iter().filter(|row| *row != missing).collect();
        assert!(!Live::from_rows(&rows(&rest), &on).is_synced(), "without {}", missing.0);
    }
    assert!(!Live::from_rows(&rows(&whole), &rows(&[])).is_primary());
}

#[test]
fn members_are_addresses_without_ports() {
    let of_size = |size: &str, list: &str| {
        let status = rows(&[("wsrep_incoming_addresses", list), ("wsrep_cluster_size", size)]);
        Live::from_rows(&status, &rows(&[])).members
    };
    let members = |list: &str| of_size(&list.split(',').count().to_string(), list);
    assert_eq!(members("10.0.0.2:3306,10.0.0.1:0"), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(members("[fd00::2]:3306,[fd00::1]:3306"), ["fd00::1", "fd00::2"]);
    assert_eq!(members("[fd00::2],fd00::1,10.0.0.1"), ["10.0.0.1", "fd00::1", "fd00::2"]);
    assert_eq!(members("db1.example.org:3306,,AUTO, 10.0.0.1:3306 "), ["10.0.0.1", "db1.example.org"]);
    assert_eq!(members(""), [""; 0]);
    let status = rows(&[("wsrep_incoming_addresses", "AUTO,,10.0.0.1:0,AUTO"), ("wsrep_cluster_size", "4")]);
    let live = Live::from_rows(&status, &rows(&[]));
    assert_eq!((live.unnamed, live.data_nodes(), live.members.len()), (2, Some(3), 1));
    // As seen on a joiner while whose state transfer another one arrived.
    assert_eq!(of_size("4", "10.0.0.1:0,10.0.0.2:0,10.0.0.3:0"), [""; 0], "an earlier view's");
}

// grastate.dat.

const UUID: &str = "b819de78-9b4f-11ee-8000-0123456789ab";

fn saved(text: &str) -> SavedState {
    match Grastate::parse(Some(text)) {
        Grastate::Saved(state) => state,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn grastate_is_read_in_every_shape_that_galera_writes() {
    let plain =
        format!("# GALERA saved state\nversion: 2.1\nuuid:    {UUID}\nseqno:   7\nsafe_to_bootstrap: 1\n");
    for text in [
        plain.clone(),
        format!("{plain}         "),
        plain.replace('\n', "\r\n"),
        plain.replace(":    ", ":\t"),
    ] {
        let state = saved(&text);
        assert_eq!(state.position.to_string(), format!("{UUID}:7"), "{text:?}");
        assert_eq!(state.safe_to_bootstrap, Some(true), "{text:?}");
    }
    assert_eq!(saved(&plain.replace("  7", " -1")).position.seqno, Seqno::Unknown);
    assert_eq!(saved(&plain.replace("  7", " -5")).position.seqno, Seqno::Unknown);
    assert_eq!(
        saved(&plain.replace("  7", " 9223372036854775807")).position.seqno,
        Seqno::At(i64::MAX as u64)
    );
    assert_eq!(saved(&plain.replace("safe_to_bootstrap: 1\n", "")).safe_to_bootstrap, None);
    assert_eq!(saved(&plain.replace(UUID, &UUID.to_uppercase())).position.uuid.as_str(), UUID);
}

#[test]
fn what_cannot_be_read_is_not_taken_for_absent() {
    let plain = format!("uuid: {UUID}\nseqno: 7\n");
    assert_ne!(Grastate::parse(Some("")), Grastate::Absent);
    for text in [
        "\0\0\0\0".into(),
        plain.replace("seqno: 7", ""),
        plain.replace(": 7", ": seven"),
        plain.replace(": 7", ": 99999999999999999999"),
        plain.replace(UUID, "b819de78"),
        plain.replace("uuid:", "#uuid:"),
    ] {
        assert!(matches!(Grastate::parse(Some(&text)), Grastate::Unreadable(_)), "{text:?}");
    }
    assert_eq!(Grastate::parse(None), Grastate::Absent);
}

#[test]
fn a_view_without_a_saved_state_is_no_fresh_node() {
    let text = with_section(&report("bookworm-masked"), "gvwstate", "my_uuid: 1");
    assert!(matches!(understood(&text).state(), NodeState::Unclear { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "(\\PC|[\n\r\t\0@|=])*") {
        if let Ok(report) = Report::parse(&text) {
            let _ = HostFacts::read(&report, &secrets());
        }
    }

    #[test]
    fn no_content_makes_it_panic_or_speak_for_another_section(
        section in prop::sample::select(vec![
            "os", "machine", "packages", "candidate", "server", "processes", "intent", "tools", "providers",
            "directories", "sst_leftovers", "grastate", "config_mode", "config", "status_error", "sst_grants", "lookups",
        ]),
        content in "(\\PC|[\n\r\t\0@|=:])*",
    ) {
        let whole = report("bookworm-stopped-member");
        let content = if section == "directories" { format!("1\tmysql\n{content}") } else { content };
        let facts = understood(&with_section(&whole, section, &content));
        prop_assert_eq!(&facts.unit, &understood(&whole).unit);
        prop_assert!(facts.live().is_none());
    }

    #[test]
    fn facts_survive_json(index in 0..100_usize) {
        let reports = all_reports();
        let mut facts = understood(&reports[index % reports.len()].1);
        // The last digit of a fraction may change, and nothing is decided by it.
        facts.machine.clock = facts.machine.clock.round();
        let back: HostFacts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        prop_assert_eq!(back, facts);
    }

    #[test]
    fn only_a_uuid_with_digits_is_a_known_history(text in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}") {
        let uuid: StateUuid = text.parse().unwrap();
        let grastate = Grastate::parse(Some(&format!("uuid: {text}\nseqno: -1\n")));
        prop_assert_eq!(grastate.known_uuid(), (!uuid.is_zero()).then_some(&uuid));
    }
}

/// What `glance.sh` prints, as far as it matters here.
fn glance(active: &str, committed: u64, conf_id: u64, uptime: u64) -> galactl::galera::facts::Glance {
    let answer = format!(
        "|wsrep_last_committed\t{committed}\n|wsrep_cluster_conf_id\t{conf_id}\n|wsrep_cluster_status\tPrimary\n\
         |wsrep_local_state_comment\tSynced\n|wsrep_ready\tON\n|wsrep_connected\tON\n|wsrep_on\tON\n"
    );
    let text = format!(
        "@unit\n|ActiveState={active}\n|UnitFileState=enabled\n@processes\n|484\n@status\n{answer}@variables\n{answer}@uptime\n|{uptime}\n\n@end\n"
    );
    Glance::read(&Report::parse(&text).unwrap()).unwrap()
}

#[test]
fn a_glance_brings_a_whole_look_up_to_date() {
    let mut host = facts("bookworm-standalone");
    let (first, second) = (glance("active", 100, 3, 5000), glance("active", 140, 3, 7000));
    second.onto(&mut host);
    assert!(host.live().is_some_and(Live::is_synced), "{:?}", host.server_answer);
    assert_eq!((host.unit.active.as_str(), host.processes.as_slice()), ("active", &[484][..]));
    let rates = second.rates_since(&first).unwrap();
    assert!((rates.write_sets - 20.0).abs() < 1e-9);
    assert_eq!(first.rates_since(&second), None, "the host was booted in between");
    assert!(!second.is_new_since(&first));
    assert!(glance("active", 140, 4, 7000).is_new_since(&first), "another view");
    assert!(glance("failed", 140, 3, 7000).is_new_since(&first), "the unit has ended");
}
