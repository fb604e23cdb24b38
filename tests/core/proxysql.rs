//! What galactl tells a ProxySQL, tried against the tables of ProxySQL's own source.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use galactl::galera::config::fill_in;
use galactl::galera::health;
use galactl::galera::inventory;
use galactl::galera::inventory::Inventory;
use galactl::galera::proxy::Kind;
use galactl::galera::proxy::facts::ProxyFacts;
use galactl::galera::proxy::proxysql::inventory::{ADMIN_PASSWORD, MONITOR_PASSWORD, user_secret};
use galactl::galera::proxy::proxysql::{act, files, settings, weights};
use galactl::kernel::facts::Report;
use galactl::kernel::model::{Secrets, sha256};
use proptest::prelude::*;

use crate::support::Shape;
use crate::support::admin::{Admin, variables};

const SECTION: &str = r#"proxies:
  - {name: lb1, address: 10.0.0.31, kind: proxysql}
endpoint:
  write_port: 3306
  read_port: 3307
proxysql:
  users:
    - name: shop
      password: {env: SHOP_PASSWORD}
    - name: report
      password: {env: REPORT_PASSWORD}
  rules:
    - {match_digest: "^SELECT .* FOR UPDATE", to: writer}
    - {match_digest: '^SELECT\s+''x'' \\', to: reader}
"#;
const AWKWARD: &str = r#"it's "a\b"; -- ${x} \"#;

fn parsed(nodes: usize, more: &str) -> Inventory {
    let text = Shape::of(nodes).more(more).text();
    inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:#?}")).0
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert_both(&ADMIN_PASSWORD, "adminpassword".into());
    secrets.insert_both(&MONITOR_PASSWORD, "monitorpassword".into());
    secrets.insert_both(&user_secret(&"shop".parse().unwrap()), AWKWARD.into());
    secrets.insert_both(&user_secret(&"report".parse().unwrap()), "x".into());
    secrets.insert_both(&user_secret(&"audit".parse().unwrap()), "y".into());
    secrets
}

/// The file's text, with its secrets.
fn file(inventory: &Inventory) -> String {
    let text = settings::text(inventory, inventory.endpoint.unwrap(), inventory.proxysql.as_ref().unwrap());
    fill_in(&text, &secrets()).unwrap()
}

fn set_up(inventory: &Inventory) -> Admin {
    let mut admin = Admin::new();
    admin.load(&file(inventory));
    admin
}

#[test]
fn the_statements_are_those_of_the_inventory() {
    let inventory = parsed(3, SECTION);
    let text = settings::text(&inventory, inventory.endpoint.unwrap(), inventory.proxysql.as_ref().unwrap());
    let last = text.lines().last().unwrap();
    assert_eq!(last, "LOAD MYSQL SERVERS TO RUNTIME;", "the digest must not be there before all the rest");
    insta::assert_snapshot!("proxysql_single", text);
}

#[test]
fn every_statement_is_accepted_and_every_value_arrives_as_it_was_written() {
    let admin = set_up(&parsed(3, SECTION));
    let passwords = admin.rows("SELECT password FROM mysql_users ORDER BY username DESC");
    assert_eq!(passwords, [AWKWARD, "x"]);
    let rules =
        admin.rows("SELECT match_digest FROM mysql_query_rules WHERE match_digest NOT NULL ORDER BY rule_id");
    assert_eq!(rules, ["^SELECT .* FOR UPDATE", r"^SELECT\s+'x' \\"]);
    let reads = admin.rows("SELECT destination_hostgroup FROM mysql_query_rules WHERE proxy_port = 3307");
    assert_eq!(reads, ["30"]);
    let variable = |name: &str| {
        admin
            .rows(&format!("SELECT variable_value FROM global_variables WHERE variable_name = '{name}'"))
            .remove(0)
    };
    assert_eq!(variable("admin-admin_credentials"), "admin:adminpassword");
    assert_eq!(variable("mysql-monitor_password"), "monitorpassword");
    assert_eq!(variable("admin-mysql_ifaces"), "127.0.0.1:6032");
}

/// A connection that was made before goes on; the account of the monitor is another one; and so on: what the tables
/// do not tell.
#[test]
fn everything_takes_effect_and_is_saved() {
    let admin = set_up(&parsed(3, SECTION));
    let parts: BTreeSet<_> = admin.disk.keys().map(|(part, _)| part.as_str()).collect();
    let all = ["ADMIN VARIABLES", "MYSQL QUERY RULES", "MYSQL SERVERS", "MYSQL USERS", "MYSQL VARIABLES"];
    assert_eq!(parts.into_iter().collect::<Vec<_>>(), all);
    let interfaces = |tables: &std::collections::BTreeMap<(String, &str), Vec<String>>| {
        let of_mysql = &tables[&("MYSQL VARIABLES".to_owned(), "global_variables")];
        of_mysql.iter().find_map(|line| line.strip_prefix("mysql-interfaces=").map(str::to_owned)).unwrap()
    };
    assert_eq!(interfaces(&admin.runtime), "0.0.0.0:6033", "it is bound at the start");
    assert_eq!(
        interfaces(&admin.disk),
        "0.0.0.0:3306;0.0.0.0:3307",
        "the next start binds the inventory's ports"
    );
    for (key, rows) in &admin.disk {
        let same = |rows: &[String]| {
            rows.iter().filter(|row| !row.contains("-interfaces=")).cloned().collect::<Vec<_>>()
        };
        assert_eq!(same(rows), same(&admin.runtime[key]), "{key:?}");
    }
}

#[test]
fn every_variable_is_one_of_proxysqls_and_its_value_is_within_its_limits() {
    let admin = set_up(&parsed(3, SECTION));
    for (name, kind) in variables() {
        let value = admin
            .rows(&format!("SELECT variable_value FROM global_variables WHERE variable_name = '{name}'"))
            .remove(0);
        let fits = match kind.split_once("..") {
            // Those that galactl leaves alone are 0 here.
            Some((least, most)) => {
                let (value, least, most): (i64, i64, i64) =
                    (value.parse().unwrap(), least.parse().unwrap(), most.parse().unwrap());
                value == 0 || (least..=most).contains(&value)
            }
            None => kind == "text" || ["0", "true", "false"].contains(&value.as_str()),
        };
        assert!(fits, "{name} = {value}, and may be {kind}");
    }
}

#[test]
fn one_node_takes_the_writes_or_all_do() {
    let writers = |more: &str| {
        set_up(&parsed(3, more)).rows("SELECT max_writers FROM mysql_galera_hostgroups").remove(0)
    };
    assert_eq!(writers(SECTION), "1");
    assert_eq!(writers(&SECTION.replace("endpoint:\n", "endpoint:\n  writes: any\n")), "3");
}

#[test]
fn the_first_node_takes_the_writes_and_keeps_what_it_lost_when_the_file_is_loaded_again() {
    let inventory = parsed(3, SECTION);
    let mut admin = set_up(&inventory);
    assert_eq!(admin.order(), ["10.0.0.11", "10.0.0.12", "10.0.0.13"]);
    admin.load(&(weights::heaviest("10.0.0.13", 3306).join(";\n") + ";"));
    assert_eq!(admin.order(), ["10.0.0.13", "10.0.0.11", "10.0.0.12"]);
    admin.load(&file(&inventory));
    assert_eq!(admin.order(), ["10.0.0.13", "10.0.0.11", "10.0.0.12"], "the role is not given back unasked");
    admin.load(&file(&parsed(5, SECTION)));
    assert_eq!(
        admin.order(),
        ["10.0.0.13", "10.0.0.11", "10.0.0.12", "10.0.0.14", "10.0.0.15"],
        "new ones come last"
    );
    admin.load(&file(&parsed(2, SECTION)));
    assert_eq!(admin.order(), ["10.0.0.11", "10.0.0.12"]);
}

/// Weights and rows that others have left there.
#[test]
fn what_others_did_by_hand_is_put_right() {
    let inventory = parsed(3, SECTION);
    for by_hand in [
        "UPDATE mysql_servers SET weight = 1;",
        "UPDATE mysql_servers SET weight = 0 WHERE hostname = '10.0.0.11';",
        "UPDATE mysql_servers SET weight = 10000000 WHERE hostname = '10.0.0.12';",
        "UPDATE mysql_servers SET status = 'OFFLINE_SOFT';",
        "UPDATE mysql_servers SET hostgroup_id = 40 WHERE hostname = '10.0.0.13';",
        "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (30, '10.0.0.11');",
        "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (10, '192.0.2.1');",
        "DELETE FROM mysql_servers;",
        "DELETE FROM mysql_galera_hostgroups;",
        "INSERT INTO mysql_users (username) VALUES ('old');",
    ] {
        let mut admin = set_up(&inventory);
        admin.load(by_hand);
        admin.load(&file(&inventory));
        let weights: BTreeSet<_> = admin.rows("SELECT weight FROM mysql_servers").into_iter().collect();
        assert_eq!(weights.len(), 3, "{by_hand}");
        assert_eq!(admin.rows("SELECT DISTINCT hostgroup_id FROM mysql_servers"), ["10"], "{by_hand}");
        assert_eq!(admin.rows("SELECT DISTINCT status FROM mysql_servers"), ["ONLINE"], "{by_hand}");
        assert_eq!(admin.rows("SELECT COUNT(*) FROM mysql_users"), ["2"], "{by_hand}");
        assert_eq!(admin.rows("SELECT COUNT(*) FROM mysql_galera_hostgroups"), ["1"], "{by_hand}");
    }
}

#[test]
fn of_equal_weights_the_writer_stays_the_writer() {
    let inventory = parsed(3, SECTION);
    let mut admin = set_up(&inventory);
    admin.load("UPDATE mysql_servers SET weight = 500000;");
    let writer = admin.writer();
    admin.load(&file(&inventory));
    assert_eq!(admin.writer(), writer);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The heaviest is the named one, no two are equal, and the others stand to each other as before.
    #[test]
    fn moves_are_exact(nodes in 2usize..8, moves in prop::collection::vec(0usize..8, 1..12)) {
        let mut admin = set_up(&parsed(nodes, SECTION));
        for place in moves {
            let node = format!("10.0.0.{}", 11 + place % nodes);
            let others = |admin: &Admin| admin.order().into_iter().filter(|it| *it != node).collect::<Vec<_>>();
            let before = others(&admin);
            admin.load(&(weights::heaviest(&node, 3306).join(";\n") + ";"));
            prop_assert_eq!(admin.writer(), node.clone());
            prop_assert_eq!(others(&admin), before);
            let weights = admin.rows("SELECT COUNT(DISTINCT weight) FROM mysql_servers");
            prop_assert_eq!(weights, [nodes.to_string()]);
        }
    }
}

#[test]
fn an_account_of_a_proof_is_added_and_removed_and_never_saved() {
    let mut admin = set_up(&parsed(3, SECTION));
    let users = |admin: &Admin| admin.rows("SELECT username FROM mysql_users ORDER BY username");
    let saved = admin.disk[&("MYSQL USERS".to_owned(), "mysql_users")].clone();
    for _ in 0..2 {
        admin.load(&act::with_account("galactl_test_1", AWKWARD));
    }
    assert_eq!(users(&admin), ["galactl_test_1", "report", "shop"]);
    let password = "SELECT password FROM mysql_users WHERE username = 'galactl_test_1'";
    assert_eq!(admin.rows(password), [AWKWARD]);
    assert_eq!(admin.runtime[&("MYSQL USERS".to_owned(), "mysql_users")], ["3"]);
    admin.load(&act::without_account("galactl_test_1"));
    assert_eq!(users(&admin), ["report", "shop"]);
    assert_eq!(admin.disk[&("MYSQL USERS".to_owned(), "mysql_users")], saved);
}

/// As `apply-config --ledger` does it: the file is loaded while the ledger writes.
#[test]
fn accounts_for_a_while_are_kept_while_the_file_is_loaded_and_are_never_saved() {
    let mut admin = set_up(&parsed(3, SECTION));
    admin.load("INSERT INTO mysql_users (username) VALUES ('galactlXledger_1');");
    let own = [
        "galactl_ledger_0123456789abcdef",
        "galactl_load_0123456789abcdef",
        "galactl_write_test_0123456789abcdef",
    ];
    for user in own {
        admin.load(&act::with_account(user, "x"));
    }
    admin.load(&file(&parsed(3, &SECTION.replace("name: report", "name: audit"))));
    let users = admin.rows("SELECT username FROM mysql_users ORDER BY username");
    assert_eq!(users, ["audit", own[0], own[1], own[2], "shop"]);
    assert_eq!(admin.runtime[&("MYSQL USERS".to_owned(), "mysql_users")], ["5"]);
    let saved = admin.rows("SELECT username FROM disk.mysql_users ORDER BY username");
    assert_eq!(saved, ["audit", "shop"]);
}

/// `run.sh` with a client and a systemctl that only answer. Gives its exit code, what it said, and what was loaded.
fn run(word: &str, loaded: &str, denied: bool) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let here = folder.path().display();
    let client = format!(
        "#!/bin/sh\ncase \"$*\" in\n*'SELECT 1') exit {} ;;\n*runtime_mysql_galera*) echo '{loaded}' ;;\n*--execute=*) echo same ;;\n*) cat >> {here}/told ;;\nesac\n",
        i32::from(denied)
    );
    for (name, text) in [("mariadb", client.as_str()), ("systemctl", "#!/bin/sh\n"), ("sleep", "#!/bin/sh\n")]
    {
        std::fs::write(at(name), text).unwrap();
        std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::write(at("galactl-proxysql.cnf"), "").unwrap();
    std::fs::write(at("galactl-proxysql.sql"), "SELECT '@digest@';\n").unwrap();
    let script = Kind::Proxysql.program().run.replace("=/etc/galactl", &format!("={here}/galactl"));
    let path = format!("{here}:{}", std::env::var("PATH").unwrap());
    let output =
        std::process::Command::new("sh").args(["-c", &script, "sh", word]).env("PATH", path).output();
    let output = output.unwrap();
    let told = std::fs::read_to_string(at("told")).unwrap_or_default();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap(), told)
}

/// Each load makes all nodes writers for up to a second.
#[test]
fn statements_that_a_proxysql_has_are_not_loaded_again_unless_that_is_asked_for() {
    let digest = &sha256(b"SELECT '@digest@';\n")[..16];
    let (now, all) = (format!("galactl {digest}"), format!("SELECT '{digest}';\n"));
    for (word, loaded, told) in
        [("", now.as_str(), ""), ("", "galactl 0", &all), ("", "", &all), ("anew", &now, &all)]
    {
        assert_eq!(run(word, loaded, false), (0, String::new(), told.to_owned()), "{word} {loaded}");
    }
}

#[test]
fn where_no_password_fits_the_way_out_is_told() {
    let (code, said, told) = run("", "", true);
    assert_eq!((code, told.as_str()), (1, ""));
    let way = "sudo systemctl stop proxysql && sudo mv /var/lib/proxysql/proxysql.db /var/lib/proxysql/proxysql.db.old";
    assert!(said.contains(way) && said.contains("the same command sets it up"), "{said}");
}

#[test]
fn only_connections_for_writes_are_waited_for() {
    let inventory = parsed(3, SECTION);
    let admin = set_up(&inventory);
    for (group, host, used) in [(10, "10.0.0.11", 3), (30, "10.0.0.11", 5), (10, "10.0.0.12", 7)] {
        let insert = "INSERT INTO stats_mysql_connection_pool (hostgroup, srv_host, srv_port, ConnUsed) VALUES (?1, ?2, 3306, ?3)";
        admin.memory.execute(insert, rusqlite::params![group, host, used]).unwrap();
    }
    let in_use = |index: usize| admin.rows(act::in_use(&inventory.nodes[index]).trim().trim_end_matches(';'));
    assert_eq!([in_use(0), in_use(1), in_use(2)], [["3"], ["7"], ["0"]]);
}

/// ProxySQL 2 binds an IPv6 address for IPv6 alone, and stores one of a node without brackets.
#[test]
fn addresses_of_ipv6_are_written_as_proxysql_takes_them() {
    let more = SECTION.replace("10.0.0.31", "2001:db8::31");
    let text = Shape::of(1).more(&more).text().replace("10.0.0.11", "2001:db8::11");
    let (inventory, _) = inventory::parse(text.as_bytes()).unwrap();
    let admin = set_up(&inventory);
    assert_eq!(admin.order(), ["2001:db8::11"]);
    let interfaces = settings::interfaces(&inventory, inventory.endpoint.unwrap());
    assert_eq!(interfaces, "0.0.0.0:3306;0.0.0.0:3307;[::]:3306;[::]:3307");
}

/// What one look finds, with the secrets of these files in it.
#[test]
fn no_secret_is_left_in_what_was_seen_and_the_files_are_known_again() {
    let inventory = parsed(3, SECTION);
    let texts = files::texts(&inventory, inventory.endpoint.unwrap());
    let sections = ["first-start", "login", "statements"].iter().zip(&texts).map(|(name, text)| {
        let filled = fill_in(text, &secrets()).unwrap();
        let lines: String = filled.lines().flat_map(|line| ["|", line, "\n"]).collect();
        format!("@{name}_mode\n|600 root root\n@{name}\n{lines}")
    });
    let report = format!("@unit\n|ActiveState=active\n{}@end\n", sections.collect::<String>());
    let report = Report::parse(&report).unwrap();
    let seen = |secrets: &Secrets| {
        let facts = ProxyFacts::read(Kind::Proxysql, &report, secrets).unwrap();
        ["first-start", "login", "statements"].map(|name| facts.program.file(name).unwrap().text.clone())
    };
    assert_eq!(seen(&secrets()).to_vec(), texts);
    let nothing = format!("{:?}", seen(&Secrets::default()));
    assert!(nothing.contains("${secret:another-value}"));
    for (_, value) in secrets().iter().filter(|(_, value)| value.len() > 2) {
        assert!(!nothing.contains(value), "{value}");
    }
}

/// Connections that a ProxySQL keeps open, and those of its monitor, never end; those of other proxies' clients do.
#[test]
fn what_a_proxysql_keeps_open_is_no_session_that_must_end() {
    let query = health::act::sessions(&parsed(3, SECTION));
    assert!(query.contains("NOT (COMMAND = 'Sleep' AND (HOST LIKE '10.0.0.31:%'))"), "{query}");
    assert!(query.contains("USER <> 'galactl-monitor'"), "{query}");
    let haproxy = parsed(3, "proxies:\n  - {name: lb1, address: 10.0.0.31}\n");
    let query = health::act::sessions(&haproxy);
    assert!(!query.contains("Sleep") && !query.contains("galactl-monitor"), "{query}");
}

#[test]
fn it_speaks_tls_with_both_sides_as_the_inventory_has_clients_speak() {
    for (clients, servers, users) in [("off", "0", "0"), ("offered", "1", "0"), ("required", "1", "1")] {
        let tls = format!("tls: {{ca: {{generate: true}}, clients: {clients}}}\n");
        let admin = set_up(&parsed(3, &format!("{SECTION}{tls}")));
        assert_eq!(admin.rows("SELECT DISTINCT use_ssl FROM mysql_servers"), [servers], "{clients}");
        assert_eq!(admin.rows("SELECT DISTINCT use_ssl FROM mysql_users"), [users], "{clients}");
        let offered =
            admin.rows("SELECT variable_value FROM global_variables WHERE variable_name = 'mysql-have_ssl'");
        assert_eq!(offered == ["true"], servers == "1", "{clients}");
    }
}
