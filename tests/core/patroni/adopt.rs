//! Clusters that others have set up: the inventory that describes them, and what apply-config makes of their files.

use galactl::kernel::facts::ConfigFile;
use galactl::kernel::inventory::raw::RawSsh;
use galactl::kernel::model::{Address, Secrets};
use galactl::patroni::adopt::{Adopted, Member, adopt, of_cluster, of_host};
use galactl::patroni::config::{FoundFile, Password, obstacles, redact};
use galactl::patroni::facts::{Answer, HbaRule, HostFacts, Surroundings};
use galactl::patroni::inventory;
use galactl::patroni::judge::codes;
use galactl::patroni::model::Account;
use galactl::patroni::plan::{NoPlan, Plan, apply_config, needed};
use serde_json::{Value, json};

use super::inventory_of;
use super::world::World;

/// As a person writes it, with the defaults of Patroni's own documentation.
const BY_HAND: &str = "\
scope: core
name: NAME
restapi: {listen: '0.0.0.0:8008', connect_address: 'ADDRESS:8008'}
etcd:
  hosts: 10.77.3.11:2379,10.77.3.12:2379,10.77.3.13:2379
bootstrap:
  dcs: {ttl: 45}
postgresql:
  listen: 0.0.0.0:5432
  connect_address: ADDRESS:5432
  data_dir: /var/lib/postgresql/15/main
  bin_dir: /usr/lib/postgresql/15/bin
  authentication:
    replication: {username: replicator, password: r3pl-by-hand}
    superuser: {username: postgres, password: sup3r-by-hand}
    rewind: {username: rewind_user, password: r3wind-by-hand}
  parameters: {work_mem: MEMORY, random_page_cost: 1.1}
  callbacks: {on_role_change: /usr/local/bin/tell}
tags: {clonefrom: true}
";

/// As Debian's pg_createconfig_patroni makes it.
const DEBIANS: &str = "\
scope: '15-main'
namespace: '/postgresql-common/'
name: pg1
zookeeper: {hosts: ['10.0.0.1:2181']}
restapi: {listen: '10.77.3.11:8008', connect_address: '10.77.3.11:8008'}
postgresql:
  listen: '*:5432'
  connect_address: 10.77.3.11:5432
  data_dir: /var/lib/postgresql/15/main
  bin_dir: /usr/lib/postgresql/15/bin
  config_dir: /etc/postgresql/15/main
  authentication:
    superuser: {username: postgres}
    replication: {username: replicator, password: rep-pass}
";

/// As roles for Ansible make it: packages of other archives, TLS before etcd, a file of another name.
const ROLES: &str = "\
scope: postgres-cluster
name: pgnode01
namespace: /service
restapi: {listen: '10.0.0.1:8008', connect_address: '10.0.0.1:8008', authentication: {username: patroni, password: s3cret}}
etcd3:
  hosts: 10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379
  protocol: https
  cacert: /etc/patroni/tls/ca.crt
postgresql:
  listen: 10.0.0.1,127.0.0.1:5432
  connect_address: 10.0.0.1:5432
  data_dir: /pgdata/16/main
  bin_dir: /usr/lib/postgresql/16/bin
  config_dir: /pgdata/16/main
  authentication:
    replication: {username: replicator, password: s3cret}
    superuser: {username: postgres, password: s3cret}
watchdog: {mode: automatic}
tags: {nofailover: false, noloadbalance: false}
";

fn rule(line: &str) -> HbaRule {
    let words: Vec<_> = line.split(' ').collect();
    let list = |text: &str| text.split(',').map(str::to_owned).collect();
    HbaRule {
        kind: words[0].into(),
        databases: list(words[1]),
        users: list(words[2]),
        address: (words.len() > 4).then(|| words[3].split('/').next().unwrap().to_owned()),
        netmask: words[3].split_once('/').map(|(_, prefix)| match prefix {
            "24" => "255.255.255.0".into(),
            _ => "255.255.255.255".into(),
        }),
        method: (*words.last().unwrap()).to_owned(),
    }
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for (account, value) in Account::ALL.into_iter().zip(["sup3r-by-hand", "r3pl-by-hand", "r3wind-by-hand"])
    {
        secrets.insert(account.password(), value.into());
    }
    secrets
}

/// The cluster of the reports with files that somebody else wrote, and what they say of the servers.
fn by_hand(text: &str) -> World {
    let mut world = World::whole();
    for at in 1..=3 {
        let node = format!("pg{at}");
        let text = text
            .replace("NAME", &node)
            .replace("ADDRESS", &format!("10.77.3.1{at}"))
            .replace("MEMORY", if at == 3 { "8MB" } else { "4MB" });
        let facts = world.node(&node);
        facts.config = Some(ConfigFile {
            mode: "640".into(),
            owner: "root".into(),
            group: "postgres".into(),
            text: redact(&text, &secrets()),
        });
        facts.patroni.config = Answer::Told(configuration());
        let live = world.live(&node);
        live.hba = vec![
            rule("local all all peer"),
            rule("host replication replicator 127.0.0.1/32 md5"),
            rule("host all all 10.5.0.0/24 scram-sha-256"),
            rule("host shop app 10.6.0.0/24 scram-sha-256"),
        ];
        live.settings.insert("listen_addresses".into(), "0.0.0.0".into());
        live.at_start = vec!["listen_addresses".into(), "shared_buffers".into()];
    }
    world
}

fn configuration() -> Value {
    json!({
        "ttl": 45, "loop_wait": 10, "retry_timeout": 10, "synchronous_mode": true,
        "master_start_timeout": 120,
        "postgresql": {"use_pg_rewind": true, "use_slots": true, "parameters": {
            "shared_buffers": "64MB", "wal_log_hints": "on", "log_lock_waits": true,
            "hot_standby": "on", "restore_command": "false",
        }},
    })
}

fn adopted(world: &World, configuration: &Value) -> Adopted {
    let reached: Vec<Address> =
        ["pg1.example", "10.77.3.12", "10.77.3.13"].map(|it| it.parse().unwrap()).into();
    let seen: Vec<(&HostFacts, FoundFile)> = world
        .observation
        .seen()
        .map(|(_, facts)| (facts, FoundFile::read(&facts.config.as_ref().unwrap().text).unwrap()))
        .collect();
    let members = seen.iter().zip(&reached);
    let members = members.map(|((facts, file), reached_at)| Member { reached_at, file, facts });
    adopt(members.rev().collect(), &[], configuration, &RawSsh::default())
}

/// The same hosts with the inventory of this text.
fn with_inventory(mut world: World, text: &str) -> World {
    world.inventory = inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:?}\n{text}")).0;
    world
}

#[track_caller]
fn planned(plan: Result<Plan, NoPlan>) -> Plan {
    plan.unwrap_or_else(|why| panic!("{why:?}"))
}

#[test]
fn a_cluster_of_galactls_own_is_described_and_nothing_is_to_be_done() {
    let world = World::whole_with(
        "clients: [10.0.5.0/24]\nfailover: fast\nsynchronous: {mode: strict}\npostgresql: {settings: {work_mem: 5MB, max_connections: 150}}",
    );
    let mut world = world;
    let configuration = galactl::patroni::config::DynamicConfig::of(&world.inventory).to_json();
    for node in ["pg1", "pg2", "pg3"] {
        let rules = galactl::patroni::config::lines(&world.inventory);
        let live = world.live(node);
        live.hba = rules.iter().filter(|line| !line.contains("::1")).map(|line| rule(line)).collect();
        live.settings.insert("max_connections".into(), "150".into());
    }
    let Adopted { text, notes } = adopted(&world, &configuration);
    assert_eq!(notes, []);
    assert!(text.contains("clients: ['10.0.5.0/24']") && !text.contains("etcd:"), "{text}");
    let before = format!(
        "{:?}",
        (&world.inventory.nodes[1].settings, world.inventory.synchronous, world.inventory.failover)
    );
    let world = with_inventory(world, &text);
    assert_eq!(
        before,
        format!(
            "{:?}",
            (&world.inventory.nodes[1].settings, world.inventory.synchronous, world.inventory.failover)
        )
    );
    let plan = planned(needed(&world.basis()));
    assert!(plan.is_empty(), "{:?}", plan.steps().map(|step| &step.id).collect::<Vec<_>>());
}

#[test]
fn what_a_person_wrote_is_described_and_what_cannot_be_said_is_noted() {
    let world = by_hand(BY_HAND);
    let Adopted { text, notes } = adopted(&world, &configuration());
    let notes: Vec<_> =
        notes.iter().map(|note| (text.lines().nth(note.line.wrapping_sub(1)), note.text.as_str())).collect();
    insta::assert_snapshot!("adopted-by-hand", format!("{text}\n{notes:#?}"));
    let shown = format!("{text}{notes:?}{:?}", FoundFile::read(BY_HAND));
    assert!(!shown.contains("by-hand"), "a password is shown: {shown}");
}

#[test]
fn files_of_others_are_replaced_once_it_is_told_what_is_lost() {
    let world = by_hand(BY_HAND);
    let text = adopted(&world, &configuration()).text;
    let world = with_inventory(world, &text);
    let plan = planned(needed(&world.basis()));
    let acts: Vec<_> = plan.steps().map(|step| step.id.replace("/patroni", "")).collect();
    assert_eq!(
        acts[..7],
        ["pg2/config", "pg2/reload", "pg3/config", "pg3/reload", "pg1/config", "pg1/reload", "pg1/configure"]
    );
    // What moved from the dynamic configuration into the files is no reason for a restart.
    let restart = plan.steps().find(|step| step.id == "pg2/patroni/restart").unwrap();
    assert_eq!(restart.why, "a server takes listen_addresses only when it starts");
    let everywhere = "pg1, pg2 and pg3: ";
    let told = |words: &str| plan.warnings.iter().any(|it| it.starts_with(everywhere) && it.contains(words));
    for words in [
        "`postgresql.callbacks.on_role_change`",
        "`tags.clonefrom`",
        "`local all all peer`",
        "`host shop app 10.6.0.0/24 scram-sha-256`",
    ] {
        assert!(told(words), "{words}: {:?}", plan.warnings);
    }
    // A rule of clients or of Patroni's own accounts has another one of galactl's in its place.
    assert!(!told("10.5.0.0/24") && !told("replicator"), "{:?}", plan.warnings);
    assert!(plan.consequences.iter().any(|it| it.contains("/etc/patroni/config.yml.galactl-previous")));
}

/// Why pg2's file must stay.
#[track_caller]
fn must_stay(world: &World) -> String {
    match apply_config(&world.basis()) {
        Err(NoPlan::Refused(refusals)) => {
            assert!(refusals.iter().all(|it| it.code == codes::CONFIG_DRIFT), "{refusals:?}");
            refusals.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_galactls_could_not_stand_in_for_must_stay() {
    let text = adopted(&by_hand(BY_HAND), &configuration()).text;
    for (there, instead, words) in [
        ("    rewind: {username: rewind_user, password: r3wind-by-hand}\n", "", "no account `rewind`"),
        ("username: replicator", "username: repl", "`replication` is `repl`"),
        ("password: r3pl-by-hand", "password: another-one", "another password of the account `replication`"),
        (
            "{username: replicator, password: r3pl-by-hand}",
            "{username: replicator}",
            "no password of the account `replication`",
        ),
        (
            "  bin_dir:",
            "  config_dir: /etc/postgresql/15/main\n  bin_dir:",
            "its settings in /etc/postgresql/15/main",
        ),
        ("scope: core", "scope: other", "its `scope` is `other`"),
    ] {
        let changed = BY_HAND.replace(there, instead);
        assert_ne!(changed, BY_HAND);
        let told = must_stay(&with_inventory(by_hand(&changed), &text));
        assert!(told.contains(words), "{words}: {told}");
    }
    let mut world = by_hand(BY_HAND);
    for node in ["pg1", "pg2", "pg3"] {
        world.live(node).md5_accounts = vec!["app".into(), "replicator".into()];
    }
    assert!(
        must_stay(&with_inventory(world, &text))
            .contains("the password of replicator is kept as an MD5 hash")
    );
}

#[test]
fn clients_whose_passwords_are_md5_hashes_are_not_promised_scram() {
    let mut world = by_hand(BY_HAND);
    for node in ["pg1", "pg2", "pg3"] {
        let live = world.live(node);
        live.md5_accounts = vec!["app".into()];
        live.hba = vec![rule("host all all 10.5.0.0/24 md5")];
    }
    let text = adopted(&world, &configuration()).text;
    assert!(!text.contains("clients"), "{text}");
    let world = with_inventory(world, &text.replace("nodes:", "clients: [10.5.0.0/24]\nnodes:"));
    let plan = planned(apply_config(&world.basis()));
    assert!(plan.warnings.iter().any(|it| it.contains("app cannot log in")), "{:?}", plan.warnings);
}

#[test]
fn a_file_of_somebody_else_stays_where_a_node_comes_back() {
    let others = |scope: &str| {
        let text = BY_HAND.replace("scope: core", scope);
        let mut there = by_hand(&text);
        let mut world = World::whole();
        let facts = world.node("pg3");
        facts.config = there.node("pg3").config.clone();
        (facts.server, facts.servers) = (Answer::Nobody("no socket".into()), Vec::new());
        world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
        let plan = planned(galactl::patroni::plan::bootstrap(&world.basis()));
        plan.steps().map(|step| step.id.clone()).filter(|id| id.starts_with("pg3/")).collect::<Vec<_>>()
    };
    assert_eq!(others("scope: core"), ["pg3/patroni/createcluster", "pg3/patroni/join"]);
    // One of another cluster would lead the node there.
    assert_eq!(
        others("scope: other"),
        ["pg3/patroni/createcluster", "pg3/patroni/config", "pg3/patroni/join"]
    );
}

#[test]
fn what_galactl_must_not_manage_is_named_all_at_once() {
    let told = |text: &str, path: &str, unit: &str| {
        of_host(&Surroundings {
            runs: true,
            units: vec![unit.into()],
            started_with: vec![path.into()],
            files: vec![path.into()],
            file: FoundFile::read(text),
            ..Surroundings::default()
        })
        .join("\n")
    };
    let debians = told(DEBIANS, "/etc/patroni/15-main.yml", "patroni@15-main");
    let roles = told(ROLES, "/etc/patroni/patroni.yml", "patroni");
    insta::assert_snapshot!("adopt-obstacles", format!("{debians}\n\n{roles}"));
    let own = by_hand(BY_HAND);
    let file =
        FoundFile::read(&own.observation.seen().next().unwrap().1.config.as_ref().unwrap().text).unwrap();
    assert_eq!(obstacles(&file), [""; 0]);
    assert!(file.accounts.values().all(|login| login.password == Password::Known));
    let members = [];
    let standby = of_cluster(&members, &json!({"standby_cluster": {"host": "10.0.0.9"}}));
    assert!(standby[0].contains("standby_cluster"), "{standby:?}");
}

#[test]
fn etcd_on_hosts_of_nodes_that_the_inventory_names_as_existing_is_no_strangers() {
    let world = by_hand(BY_HAND);
    let inventory = "version: 1\nengine: patroni\ncluster: {name: core}\netcd: {endpoints: ['10.77.3.11:2379']}\nnodes: [{name: pg1, address: 10.77.3.11}, {name: pg2, address: 10.77.3.12}, {name: pg3, address: 10.77.3.13}]\n";
    let mut world = with_inventory(world, inventory);
    world.node("pg1").etcd.settings.as_mut().unwrap().text = "ETCD_DATA_DIR=/var/lib/etcd/by-hand\n".into();
    let refused = galactl::patroni::judge::hosts::refusals(&world.basis());
    assert_eq!(refused, [], "{refused:?}");
    let _ = inventory_of(inventory);
}
