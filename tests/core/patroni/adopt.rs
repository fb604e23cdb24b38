//! Clusters that others have set up: the inventory that describes them, and what apply-config makes of their files.

use galactl::kernel::facts::ConfigFile;
use galactl::kernel::inventory::raw::RawSsh;
use galactl::kernel::model::{Address, Secrets};
use galactl::patroni::adopt::{Adopted, Member, adopt, of_cluster, of_host};
use galactl::patroni::config::{DynamicConfig, FoundFile, Password, in_effect, obstacles, redact};
use galactl::patroni::facts::{Answer, HbaRule, HostFacts, Rights, Surroundings};
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
            refusals.iter().flat_map(|it| [it.to_string(), format!("; {}\n", it.remedy)]).collect()
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
        (
            "/var/lib/postgresql/15/main",
            "/var/lib/postgresql/17/main",
            "its data are in /var/lib/postgresql/17",
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

const ALL: [&str; 3] = ["pg1", "pg2", "pg3"];

/// The same cluster and its own inventory, after a change of what the servers say.
fn changed(text: &str, change: impl Fn(&mut galactl::patroni::facts::Live)) -> World {
    let inventory = adopted(&by_hand(BY_HAND), &configuration()).text;
    let mut world = by_hand(text);
    for node in ALL {
        change(world.live(node));
    }
    with_inventory(world, &inventory)
}

#[test]
fn a_server_of_another_version_or_place_keeps_its_file() {
    let told = must_stay(&changed(BY_HAND, |live| live.version = "17.2 (Debian 17.2-1.pgdg120+1)".into()));
    assert!(told.contains("is PostgreSQL 17, and galactl's file is of PostgreSQL 15"), "{told}");
    let told = must_stay(&changed(BY_HAND, |live| {
        live.settings.insert("data_directory".into(), "/srv/data".into());
    }));
    assert!(told.contains("its server runs in /srv/data"), "{told}");
    // The file need not say where the settings are: Patroni took it when it started.
    let told = must_stay(&changed(BY_HAND, |live| {
        live.settings.insert("config_file".into(), "/etc/postgresql/15/main/postgresql.conf".into());
    }));
    for words in [
        "its settings in /etc/postgresql/15/main",
        "DATA/postgresql.base.conf",
        "pg_ident.conf",
        "systemctl restart patroni",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }

    let world = by_hand(&BY_HAND.replace("/15/", "/17/"));
    let facts = world.observation.seen().next().unwrap().1;
    let file = FoundFile::read(&facts.config.as_ref().unwrap().text).unwrap();
    let reached_at: Address = "10.77.3.11".parse().unwrap();
    let told =
        of_cluster(&[Member { reached_at: &reached_at, file: &file, facts }], &configuration()).join("; ");
    assert!(told.contains("pg1 has Debian 12: its data are in /var/lib/postgresql/17/main"), "{told}");
    let file = FoundFile { server: Some(("10.9.9.9".into(), 5432)), ..file };
    let told =
        of_cluster(&[Member { reached_at: &reached_at, file: &file, facts }], &configuration()).join("; ");
    assert!(told.contains("for its Patroni, and /etc/patroni/config.yml says 10.9.9.9"), "{told}");
}

#[test]
fn an_account_of_another_name_is_made_before_the_file_names_it() {
    for (there, instead, words) in [
        ("username: replicator", "username: repl", "createuser --replication --pwprompt replicator"),
        (
            "    superuser: {username: postgres, password: sup3r-by-hand}\n",
            "",
            "createuser --superuser --pwprompt postgres",
        ),
    ] {
        let told = must_stay(&changed(&BY_HAND.replace(there, instead), |_| {}));
        let at = |words: &str| told.find(words).unwrap_or_else(|| panic!("{words}: {told}"));
        assert!(at(words) < at("scram-sha-256; only then write it under"), "{told}");
    }
}

type ChangeOfRights = fn(&mut Vec<Rights>);

#[test]
fn accounts_that_could_not_log_in_by_scram_keep_the_file() {
    let rights = |name: &str| Rights {
        name: name.into(),
        login: true,
        replication: name == "replicator",
        superuser: name == "postgres",
        scram: true,
    };
    let all = || Account::ALL.map(|it| rights(it.user())).to_vec();
    planned(apply_config(&changed(BY_HAND, |live| live.accounts = Some(all())).basis()));
    let cases: [(ChangeOfRights, &str); 4] = [
        (|all| all[1].scram = false, "the account `replicator` has no password that is kept for scram"),
        (|all| all[1].replication = false, "`replicator` lacks the right REPLICATION"),
        (|all| all[2].login = false, "`rewind_user` lacks the right LOGIN"),
        (|all| drop(all.remove(1)), "its server has no account `replicator`"),
    ];
    for (change, words) in cases {
        let mut accounts = all();
        change(&mut accounts);
        let told = must_stay(&changed(BY_HAND, |live| live.accounts = Some(accounts.clone())));
        assert!(told.contains(words), "{words}: {told}");
    }
    let told =
        must_stay(&changed(BY_HAND, |live| live.hba.push(rule("host replication all 10.77.3.0/24 trust"))));
    assert!(
        told.contains("lets `replicator` in by trust") && !told.contains("`postgres` in by trust"),
        "{told}"
    );
    let local = changed(BY_HAND, |live| live.hba.push(rule("host all all 127.0.0.1/32 trust")));
    planned(apply_config(&local.basis()));
}

#[test]
fn what_listens_at_fewer_addresses_is_told() {
    let told = |text: &str| planned(apply_config(&changed(text, |_| {}).basis())).warnings.join("\n");
    let all = told(BY_HAND);
    assert!(all.contains("pg1: its REST API listens everywhere, and with galactl's file at 10.77.3.11: nobody reaches it at 127.0.0.1"), "{all}");
    let two = told(&BY_HAND.replace("'0.0.0.0:8008'", "'ADDRESS,192.168.1.11:8008'"));
    assert!(two.contains("listens at 10.77.3.11 and 192.168.1.11, and with galactl's file at 10.77.3.11: nobody reaches it at 192.168.1.11"), "{two}");
    let same = told(&BY_HAND.replace("'0.0.0.0:8008'", "'ADDRESS:8008'"));
    assert!(!same.contains("REST API"), "{same}");
    let world = changed(BY_HAND, |live| {
        live.settings.insert("listen_addresses".into(), "127.0.0.1,192.168.1.11".into());
    });
    let told = planned(apply_config(&world.basis())).warnings.join("\n");
    assert!(told.contains("its server listens at 127.0.0.1 and 192.168.1.11"), "{told}");
}

#[test]
fn switches_are_read_as_patroni_reads_them() {
    let world =
        by_hand(&BY_HAND.replace("{clonefrom: true}", "{nofailover: yes, nosync: no, noloadbalance: off}"));
    let Adopted { text, notes } = adopted(&world, &configuration());
    assert!(text.contains("failover: no") && !text.contains("synchronous: no"), "{text}");
    assert!(notes.iter().all(|note| !note.text.contains("noloadbalance")), "{notes:?}");
    // Where the inventory says otherwise, that is told.
    for (there, path) in [
        ("tags: {nofailover: yes", "`tags.nofailover`"),
        ("watchdog: {mode: automatic}\ntags: {a: true", "`watchdog.mode`"),
    ] {
        let text = BY_HAND.replace("tags: {clonefrom: true", there);
        let told = planned(apply_config(&changed(&text, |_| {}).basis())).warnings.join("\n");
        assert!(told.contains(path), "{told}");
    }
    let text = BY_HAND.replace("tags: {clonefrom: true", "watchdog: {mode: off}\ntags: {nosync: no");
    let told = planned(apply_config(&changed(&text, |_| {}).basis())).warnings.join("\n");
    assert!(!told.contains("watchdog") && !told.contains("nosync"), "{told}");
}

#[test]
fn secrets_in_values_are_neither_shown_nor_written_down() {
    let hba = BY_HAND.replace(
        "  callbacks:",
        "  pg_hba: ['host all all 10.0.0.0/8 ldap ldapserver=x ldapbindpasswd=\"s3-bind\"', 'host all all 10.1.0.0/16 radius radiussecrets=s3-radius']\n  callbacks:",
    );
    let hba = hba
        .replace("tags:", "# see postgres://u:s3-url@h/\nlog: {format: 'x postgres://u:s3-url@h/'}\ntags:");
    let shown = redact(&hba, &secrets());
    assert!(!shown.contains("s3-") && shown.contains("/usr/local/bin/tell"), "{shown}");

    let mut configuration = configuration();
    let parameters = &mut configuration["postgresql"]["parameters"];
    parameters["archive_command"] = json!("AWS_SECRET_ACCESS_KEY=s3-key wal-g push %p");
    parameters["authentication_timeout"] = json!("17s");
    let mut world = by_hand(BY_HAND);
    let Adopted { text, notes } = adopted(&world, &configuration);
    assert!(!text.contains("s3-key") && !format!("{notes:?}").contains("s3-key"), "{text}");
    assert!(
        notes.iter().any(|note| note.text.contains("`archive_command`: a secret may stand")),
        "{notes:?}"
    );
    assert!(
        text.contains("authentication_timeout: '17s'") || text.contains("authentication_timeout: 17s"),
        "{text}"
    );
    for node in ALL {
        world.node(node).patroni.config = Answer::Told(configuration.clone());
    }
    let world = with_inventory(world, &adopted(&by_hand(BY_HAND), &self::configuration()).text);
    let plan = planned(apply_config(&world.basis()));
    let shown = serde_json::to_string(&plan).unwrap()
        + &format!("{:?}{:?}", plan, DynamicConfig::of(&world.inventory).differences(&configuration));
    assert!(!shown.contains("s3-key"), "{shown}");
    let why = &plan.steps().find(|step| step.id == "pg1/patroni/configure").unwrap().why;
    assert!(why.contains("authentication_timeout is 17s"), "{why}");
}

#[test]
fn who_is_kept_out_now_is_not_let_in_unseen() {
    let mut world = by_hand(BY_HAND);
    for node in ALL {
        world.live(node).hba = [
            "host all evil 10.5.0.0/24 reject",
            "host all all 10.5.0.0/24 scram-sha-256",
            "host all all 10.6.0.0/24 scram-sha-256",
        ]
        .map(rule)
        .to_vec();
    }
    let Adopted { text, notes } = adopted(&world, &configuration());
    assert!(text.contains("clients: ['10.6.0.0/24']"), "{text}");
    assert!(notes.iter().any(|note| note.text.contains("left out of `clients` is 10.5.0.0/24")), "{notes:?}");
    let plan = planned(apply_config(&with_inventory(world, &text).basis()));
    let told = plan.warnings.join("\n");
    assert!(
        told.contains("who was kept out by `host all evil 10.5.0.0/24 reject` of pg_hba may get in"),
        "{told}"
    );
}

#[test]
fn settings_that_patroni_leaves_out_of_a_file_are_not_in_effect() {
    let dynamic = json!({"postgresql": {"parameters": {"max_connections": 150}}});
    let file = "postgresql: {parameters: {max_connections: 300, wal_log_hints: off, work_mem: 8MB}}";
    let all = in_effect(&dynamic, file);
    assert_eq!(all.get("max_connections").map(String::as_str), Some("150"));
    assert_eq!(all.get("work_mem").map(String::as_str), Some("8MB"));
    assert!(!all.contains_key("wal_log_hints"));
}

#[test]
fn what_patronis_connections_ask_for_beside_a_password_is_missed() {
    let text = BY_HAND.replace("password: r3pl-by-hand}", "password: r3pl-by-hand, sslmode: verify-full}");
    let told = planned(apply_config(&changed(&text, |_| {}).basis())).warnings.join("\n");
    assert!(
        told.contains("`postgresql.authentication.replication.sslmode` is not in galactl's file"),
        "{told}"
    );
    assert!(!told.contains("replication.password"), "{told}");
}

#[test]
fn what_galactl_would_not_find_stands_against_managing_it() {
    let told = |there: &str, instead: &str| {
        let text = BY_HAND.replace("ADDRESS", "10.0.0.1").replace(there, instead);
        obstacles(&FoundFile::read(&text).unwrap()).join("\n")
    };
    assert_eq!(told("", ""), "");
    assert!(
        told("work_mem: MEMORY", "unix_socket_directories: '..'")
            .contains("`unix_socket_directories` is `..`")
    );
    assert_eq!(told("work_mem: MEMORY", "unix_socket_directories: '/tmp, /run/postgresql'"), "");
    let rest = "{listen: '0.0.0.0:8008', connect_address: '10.0.0.1:8008'}";
    assert!(
        told(rest, "{listen: '10.9.0.1:8008', connect_address: '10.9.0.1:8008'}")
            .contains("its REST API is at 10.9.0.1")
    );
    assert_eq!(told(rest, "{listen: '0.0.0.0:8008', connect_address: '10.9.0.1:8008'}"), "");
    assert!(told("etcd:\n", "etcd3:\n  protocol: https\n").contains("galactl asks etcd without TLS"));
    assert_eq!(told("etcd:\n", "etcd3:\n  protocol: http\n"), "");

    let dynamic = json!({"postgresql": {"parameters": {"unix_socket_directories": "/tmp"}}});
    assert!(of_cluster(&[], &dynamic)[0].contains("`unix_socket_directories` is `/tmp`"));
    let variables = of_host(&Surroundings {
        variables: vec!["PATRONI_SCOPE".into()],
        file: FoundFile::read(BY_HAND),
        ..Surroundings::default()
    });
    assert!(variables[0].contains("PATRONI_SCOPE"), "{variables:?}");
}

#[test]
fn nodes_stand_in_the_order_of_the_rules_that_let_them_replicate() {
    let mut world = by_hand(BY_HAND);
    for node in ALL {
        world.live(node).hba = ["12", "13", "11"]
            .map(|it| rule(&format!("host replication replicator 10.77.3.{it}/32 scram-sha-256")))
            .to_vec();
    }
    let text = adopted(&world, &configuration()).text;
    let at = |name: &str| text.find(&format!("- name: {name}")).unwrap();
    assert!(at("pg2") < at("pg3") && at("pg3") < at("pg1"), "{text}");
}

#[test]
fn where_no_node_has_a_patroni_that_is_safe_none_is_named_as_an_example() {
    let mut world = World::whole();
    for node in ALL {
        let endpoint = world.etcd(node);
        std::mem::swap(&mut endpoint.v2, &mut endpoint.v3);
    }
    let told = |world: &World| format!("{:?}", galactl::patroni::judge::hosts::refusals(&world.basis()));
    let all = told(&world);
    assert!(
        all.contains("loses acknowledged commits") && all.contains("install 3.0.3 or later on all nodes"),
        "{all}"
    );
    assert!(!all.contains("as the other nodes have it"), "{all}");
    world.node("pg1").packages.get_mut("patroni").unwrap().installed = Some("4.0.7-1.pgdg120+1".into());
    assert!(told(&world).contains("as the other nodes have it"));
}
