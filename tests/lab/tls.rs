//! Encryption between nodes and to clients: from birth, switched on and off, with certificates that change.
//!
//! The scenes kill galactl at a few steps. To kill it at every step, as it begins and once it has ended:
//!
//! ```text
//! export GALACTL_TLS_RELEASE=bullseye         # or bookworm, trixie; without it, each scene has its own
//! GALACTL_TLS_KILL=on,off lab/scenes tls_is_switched
//! GALACTL_TLS_KILL=ca lab/scenes its_certificates_change
//! GALACTL_TLS_KILL=none lab/scenes tls_is_switched
//! ```
//!
//! That takes twenty minutes for the switch, and four for the authority. `target/scenes/` then has how many rows were
//! acknowledged, and for how long each node was away and out of the view of the others.

mod capture;
mod killed;
mod views;
mod writers;

use std::fs;
use std::time::{Duration, Instant};

use capture::Capture;
use killed::{Kills, Round, at_every_step, up};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use views::Views;
use writers::Writers;

use crate::clients::{Clients, Keeps, SETUP};
use crate::lab::{Lab, until};
use crate::outage::{Shop, TABLE};
use crate::run::{ENCRYPTED, Inventory};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
/// A text that nobody on the network is to read.
const MARKER: &str = "nobody-else-reads-this-row";
const PAIR: &str = "/etc/mysql/galactl/tls.pem";
const APPLY: [&str; 2] = ["apply-config", "--yes"];
const CLEAR: &str = "";

/// MariaDB 10.5, which is the oldest, and mariabackup.
#[test]
#[ignore = "boots real hosts"]
fn a_cluster_is_born_encrypted_and_its_certificates_change() {
    let lab = up("t-tls-born", &HOSTS, "bullseye");
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.sst = "method: mariabackup";
    inventory.rest = format!("{ENCRYPTED}  clients: required\n");
    lab.sql("db1", &format!("{TABLE}; INSERT INTO shop.t VALUES (1, '{MARKER}')"));
    let capture = Capture::begin(&lab);
    inventory.bootstrap();
    only_clients_with_tls_are_let_in(&lab);
    assert!(!capture.end().contains(MARKER), "the row was sent in clear text");
    inventory.assert_whole();
    inventory.settles();

    let servers = servers(&lab);
    certificates_are_renewed(&lab, &mut inventory);
    the_authority_is_changed(&lab, &inventory);
    assert_eq!(self::servers(&lab), servers, "a server was restarted, or it is another cluster");
    one_of_another_authority_stays_out(&lab, &inventory);
    all_have_expired_and_none_is_primary(&lab, &inventory);
    all_have_expired_and_nothing_runs(&lab, &inventory);
    the_authority_has_expired_as_well(&lab, &inventory);
    keys_are_nowhere_else(&lab, &inventory);
}

/// Over the network, with the node's own name.
fn only_clients_with_tls_are_let_in(lab: &Lab) {
    lab.sql("db1", "CREATE USER app IDENTIFIED BY 'x'; GRANT ALL ON shop.* TO app");
    let client = |options: &str, statement: &str| {
        lab.try_on(
            "db2",
            &format!("mariadb --no-defaults -h db1 -u app -px {options} -BN -e \"{statement}\" 2>&1"),
        )
    };
    let verified = "--ssl-ca=/etc/mysql/galactl/ca.pem --ssl-verify-server-cert";
    let (written, said) = client(verified, &format!("INSERT INTO shop.t VALUES (2, '{MARKER}')"));
    assert!(written, "{said}");
    let (let_in, said) = client("--skip-ssl", "SELECT 1");
    assert!(!let_in && said.contains("ERROR"), "a client in clear text was let in: {said}");
}

fn certificates_are_renewed(lab: &Lab, inventory: &mut Inventory<'_>) {
    let before = served(lab);
    inventory.rest += "  valid_days: 1000\n  renew_before_days: 500\n";
    let (ledger, writers) = (inventory.ledger(), Writers::start(lab, inventory, &HOSTS));
    let ran = inventory.galactl(&APPLY).expect_code(0);
    ran.says(&["ok db1/tls/certificate", "ok db3/tls/load"]);
    println!("certificates were renewed: {} rows acknowledged, no error", writers.assert_no_error());
    assert!(ledger.assert_nothing_lost().contains(" 0 failed, 0 unknown"), "a client noticed it");
    for ((old, new), host) in before.iter().zip(served(lab)).zip(HOSTS) {
        assert_ne!(*old, new, "{host} serves its old certificate");
    }
    inventory.galactl(&APPLY).expect_code(0).says(&["Nothing to do"]);
}

fn the_authority_is_changed(lab: &Lab, inventory: &Inventory<'_>) {
    let kills = Kills::of("ca");
    for round in Kills::rounds(&[kills], &[("->", ""), ("ok", "")]) {
        lab.on("db3", &format!("cp -p {PAIR} /root/old.pem"));
        inventory
            .galactl(&["tls", "--new-ca", "--yes"])
            .expect_code(0)
            .says(&["galactl-ca.key.", "apply-config"]);
        let (ledger, writers) = (inventory.ledger(), Writers::start(lab, inventory, &HOSTS));
        match kills {
            Kills::Every => at_every_step(inventory, *round),
            Kills::Never => drop(inventory.galactl(&APPLY).expect_code(0)),
            Kills::Few => {
                for mark in ["-> db2/tls/load-both", "-> db2/tls/certificate", "-> db2/tls/ca"] {
                    inventory.galactl_killed(&APPLY, mark, || {});
                }
                inventory.galactl(&APPLY).expect_code(0).says(&["ok db3/tls/load-ca"]);
            }
        }
        println!("the authority was changed: {} rows acknowledged, no error", writers.assert_no_error());
        assert!(ledger.assert_nothing_lost().contains(" 0 failed, 0 unknown"), "a client noticed it");
        for host in HOSTS {
            let trusted =
                lab.on(host, "grep -c BEGIN /etc/mysql/galactl/ca.pem; ls -l /etc/mysql/galactl/tls.pem");
            assert!(trusted.starts_with("1\n-rw-r----- 1 root mysql"), "{host}: {trusted}");
        }
        inventory.galactl(&APPLY).expect_code(0).says(&["Nothing to do"]);
        inventory.assert_whole();
    }
}

/// With the certificate that it had before, a node is not let in, and galactl gives it another one.
fn one_of_another_authority_stays_out(lab: &Lab, inventory: &Inventory<'_>) {
    let (up, _) = lab.try_on(
        "db3",
        &format!("systemctl stop mariadb && cp -p {PAIR} /root/new.pem && cp -p /root/old.pem {PAIR} && timeout 60 systemctl start mariadb"),
    );
    assert!(!up, "a node with a certificate of the old authority was let in");
    lab.on("db3", "systemctl stop mariadb; systemctl reset-failed mariadb; true");
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(0)
        .says(&["db3/tls/certificate", "ok db3/galera/join"]);
    inventory.assert_whole();
}

/// They have loaded certificates that expired, and do not find each other again after a trouble of the network.
fn all_have_expired_and_none_is_primary(lab: &Lab, inventory: &Inventory<'_>) {
    let (before, servers) = (lab.sql("db1", "SELECT COUNT(*) FROM shop.t"), servers(lab));
    give_expired(lab, inventory);
    for host in HOSTS {
        lab.sql(host, "SET GLOBAL wsrep_provider_options = 'socket.ssl_reload=1'");
    }
    let status = |host: &str| lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_status'");
    for host in HOSTS {
        lab.fault("cut", host);
    }
    until("nobody is Primary", || HOSTS.iter().all(|host| status(host).ends_with("non-Primary")));
    for host in HOSTS {
        lab.fault("heal", host);
    }
    // A host that was cut off is unreachable for a moment more.
    let recover = ["recover", "--yes"];
    until("all hosts are found again", || inventory.galactl(&["recover", "--dry-run"]).code != 4);
    let ran = inventory.galactl(&recover).expect_code(2);
    ran.says(&["its certificate expired on", "ok db1/tls/load", "ok db3/tls/load", "galactl recover"]);
    // They may find each other while the next plan is made or carried out, and then it ends with that.
    until("the cluster is whole", || inventory.galactl(&recover).code == 0);
    inventory.assert_whole();
    assert_eq!(self::servers(lab), servers, "a server was restarted, or it is another cluster");
    for host in HOSTS {
        assert_eq!(lab.sql(host, "SELECT COUNT(*) FROM shop.t"), before, "{host}");
    }
}

/// All hosts have certificates of the inventory's authority that have ended.
fn give_expired(lab: &Lab, inventory: &Inventory<'_>) {
    for host in HOSTS {
        let expired = expired(lab, inventory, host);
        let file = inventory.file("expired.pem");
        fs::write(&file, expired).expect("a file");
        lab.give(host, file.as_ref());
        lab.on(host, &format!("cat /root/expired.pem > {PAIR}; rm /root/expired.pem"));
    }
}

fn all_have_expired_and_nothing_runs(lab: &Lab, inventory: &Inventory<'_>) {
    let before = lab.sql("db1", "SELECT COUNT(*) FROM shop.t");
    inventory.galactl(&["stop", "--yes"]).expect_code(0);
    give_expired(lab, inventory);
    let (up, _) = lab.try_on("db1", "openssl x509 -in /etc/mysql/galactl/tls.pem -noout -checkend 0");
    assert!(!up, "the certificate is valid");
    let ran = inventory.galactl(&["recover", "--yes"]).expect_code(0);
    ran.says(&["its certificate expired on", "ok db1/tls/certificate"]);
    inventory.assert_whole();
    for host in HOSTS {
        let rows = lab.sql(host, "SELECT COUNT(*) FROM shop.t");
        assert_eq!(rows, before, "{host}");
    }
}

/// galactl makes no certificate with an authority that has expired. It names the command that makes another one, and the
/// cluster is up again with that.
fn the_authority_has_expired_as_well(lab: &Lab, inventory: &Inventory<'_>) {
    inventory.galactl(&["stop", "--yes"]).expect_code(0);
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "galactl, of old");
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2025, 1, 1));
    let key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("an authority").pem();
    fs::write(inventory.file("galactl-ca.pem"), authority).expect("a file");
    fs::write(inventory.file("galactl-ca.key"), key.serialize_pem()).expect("a file");
    give_expired(lab, inventory);
    for host in HOSTS {
        lab.give(host, inventory.file("galactl-ca.pem").as_ref());
        lab.on(host, "cat /root/galactl-ca.pem > /etc/mysql/galactl/ca.pem; rm /root/galactl-ca.pem");
    }
    inventory.galactl(&["recover", "--yes"]).expect_code(1).says(&["--new-ca", "nothing was changed"]);
    inventory.galactl(&["tls", "--new-ca", "--yes"]).expect_code(0);
    inventory
        .galactl(&["recover", "--yes"])
        .expect_code(0)
        .says(&["ok db1/tls/ca", "ok db1/tls/certificate"]);
    inventory.assert_whole();
    inventory.galactl(&APPLY).expect_code(0).says(&["Nothing to do"]);
}

/// A certificate of the inventory's authority that ended long ago, with its key.
fn expired(lab: &Lab, inventory: &Inventory<'_>, host: &str) -> String {
    let text = |name| fs::read_to_string(inventory.file(name)).expect("a file of the authority");
    let key = KeyPair::from_pem(&text("galactl-ca.key")).expect("a key");
    let issuer = Issuer::from_ca_cert_pem(&text("galactl-ca.pem"), key).expect("an authority");
    let names = vec![host.to_owned(), lab.address(host)];
    let mut params = CertificateParams::new(names).expect("names");
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2025, 1, 1));
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let own = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&own, &issuer).expect("a certificate");
    certificate.pem() + &own.serialize_pem()
}

/// Private keys are in files that their program reads, and in no journal, plan or log.
fn keys_are_nowhere_else(lab: &Lab, inventory: &Inventory<'_>) {
    for host in HOSTS {
        let key =
            lab.on(host, &format!("sed -n '/BEGIN PRIVATE KEY/,/END PRIVATE KEY/p' {PAIR} | sed -n 2p"));
        assert!(key.len() > 40, "{host} has no key: {key}");
        let found = lab.on(
            host,
            &format!("grep -rlF '{key}' /etc /var/lib/galactl /var/log /run/log /tmp 2>/dev/null; true"),
        );
        assert!(found.lines().all(|file| file.starts_with("/etc/mysql/galactl/tls.pem")), "{host}: {found}");
        let journals = inventory.file("state");
        let kept = std::process::Command::new("grep").args(["-rlF", &key, &journals]).output().expect("grep");
        assert!(kept.stdout.is_empty(), "a key stands in galactl's journals");
    }
    let mode =
        fs::metadata(inventory.file("galactl-ca.key")).expect("the key of the authority").permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}

/// The certificate that each serves for group communication, as its digest.
fn served(lab: &Lab) -> Vec<String> {
    let ask = |host: &str| {
        lab.on(
            host,
            &format!("openssl s_client -connect {}:4567 -cert {PAIR} -key {PAIR} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256", lab.address(host)),
        )
    };
    HOSTS.iter().map(|host| ask(host)).collect()
}

/// Each server's process, and the state UUID of its cluster.
fn servers(lab: &Lab) -> Vec<String> {
    let asked = "systemctl show mariadb -p MainPID,NRestarts; mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_state_uuid'\"";
    HOSTS.iter().map(|host| lab.on(host, asked)).collect()
}

/// Once a node is down in the first round, that is a run of its own, with other steps.
const SWITCHES: [Round; 4] =
    [("->", ""), ("ok", ""), ("->", "/galera/join-both"), ("ok", "/galera/join-both")];

/// A cluster in clear text is switched on, cut off at each kind of step, and off again, while all nodes are written to.
#[test]
#[ignore = "boots real hosts"]
fn tls_is_switched_on_and_off_while_clients_write() {
    let lab = up("t-tls-switch", &HOSTS, "trixie");
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.sst = "method: mariabackup";
    let state = Shop::open(&lab, &inventory).state;
    lab.sql("db1", SETUP);
    assert!(said_between_nodes(&lab).contains(MARKER), "nothing was captured");

    let (on, off) = (Kills::of("on"), Kills::of("off"));
    for round in Kills::rounds(&[on, off], &SWITCHES) {
        inventory.rest = ENCRYPTED.into();
        while_clients_write(&lab, "on", || match on {
            Kills::Few => switched_on_bit_by_bit(&inventory),
            Kills::Never => drop(inventory.galactl(&APPLY).expect_code(0)),
            Kills::Every => at_every_step(&inventory, *round),
        });
        inventory.assert_whole();
        inventory.settles();
        for host in HOSTS {
            let options = lab.sql(host, "SELECT @@wsrep_provider_options");
            assert!(
                options.contains("socket.ssl = YES") && !options.contains("socket.dynamic = true"),
                "{options}"
            );
        }
        assert!(!said_between_nodes(&lab).contains(MARKER), "the row was sent in clear text");

        inventory.rest = CLEAR.into();
        while_clients_write(&lab, "off", || match off {
            Kills::Every => at_every_step(&inventory, *round),
            Kills::Few | Kills::Never => {
                let ran = inventory.galactl(&["apply-config", "--yes", "--ledger"]).expect_code(0);
                ran.says(&["in two rounds", "nothing is lost: every confirmed row is on"]);
            }
        });
        assert!(said_between_nodes(&lab).contains(MARKER), "TLS is still spoken");
        inventory.assert_whole();
        for host in HOSTS {
            let uuid = lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
            assert!(uuid.ends_with(&state), "{host}: {uuid}");
            // So that the next round has them to put in place again.
            lab.on(host, "rm -r /etc/mysql/galactl");
        }
    }
}

/// Clients write to all nodes over the network. None of their rows is lost, and no node is left out.
fn while_clients_write(lab: &Lab, way: &str, switch: impl FnOnce()) {
    let endpoints = HOSTS.map(|host| (lab.address(host), 3306));
    let clients = Clients::start(&endpoints, &[Keeps::For(Duration::from_secs(2))]);
    let (views, began) = (Views::begin(lab, &HOSTS), Instant::now());
    switch();
    let account = clients.stop();
    println!(
        "switched {way} in {:.0} s: {} rows acknowledged, {} failed, {} of these unknown, the longest took {:.1?}",
        began.elapsed().as_secs_f64(),
        account.confirmed.len(),
        account.failed.len(),
        account.unknown,
        account.longest
    );
    account.assert_nothing_lost(lab, &HOSTS);
    views.assert_nobody_was_left_out();
}

fn switched_on_bit_by_bit(inventory: &Inventory<'_>) {
    inventory.galactl_killed_in(&APPLY, 2, "/tls/certificate");
    inventory.galactl_killed_in(&APPLY, 1, "/galera/config-sst");
    inventory.galactl_killed_in(&APPLY, 1, "/galera/leave-both");
    inventory.galactl_killed_in(&APPLY, 1, "/galera/config-both");
    // A node is down, and joins in the first round, which is a run of its own then.
    inventory.galactl_killed_in(&APPLY, 2, "/galera/join");
    inventory.galactl(&APPLY).expect_code(2).says(&["next: galactl apply-config "]);
    inventory.galactl_killed_in(&APPLY, 1, "/galera/config");
    inventory.galactl_killed_in(&APPLY, 2, "/galera/join");
    inventory.galactl(&APPLY).expect_code(0);
    inventory.galactl(&APPLY).expect_code(0).says(&["Nothing to do"]);
}

/// What can be read on the network while a row goes from one node to the others.
fn said_between_nodes(lab: &Lab) -> String {
    let capture = Capture::begin(lab);
    let number = lab.sql(
        "db1",
        &format!("INSERT INTO shop.t SELECT COUNT(*), '{MARKER}' FROM shop.t; SELECT COUNT(*) FROM shop.t"),
    );
    for host in HOSTS {
        lab.on(
            host,
            &format!(
                "until [ \"$(mariadb -BN -e 'SELECT COUNT(*) FROM shop.t')\" = {number} ]; do sleep 0.1; done"
            ),
        );
    }
    capture.end()
}

/// Bare hosts with rsync, and an arbitrator: what state transfers need is installed.
#[test]
#[ignore = "boots real hosts"]
fn bare_hosts_with_rsync_and_an_arbitrator_are_born_encrypted() {
    let lab = Lab::up("t-tls-rsync", &["db1:bookworm:bare", "db2:bookworm:bare", "arb1:bookworm:bare"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.cluster += "\n  install: true";
    inventory.arbitrators = vec![("arb1".into(), String::new())];
    inventory.rest = format!("{ENCRYPTED}  clients: off\n");
    let capture = Capture::begin(&lab);
    let mut shop = Shop::open(&lab, &inventory);
    shop.write_many("db1", 5);
    lab.sql("db1", &format!("INSERT INTO shop.t VALUES (900000, '{MARKER}')"));
    // A whole transfer, with the row in it.
    lab.on("db2", "systemctl stop mariadb; rm -rf /var/lib/mysql/*");
    inventory.galactl(&["add-node", "db2", "--yes"]).expect_code(0).says(&["ok db2/galera/join"]);
    assert!(!capture.end().contains(MARKER), "the row was sent in clear text");
    assert!(
        lab.on("db2", "journalctl -u mariadb --no-pager").contains("stunnel"),
        "the transfer was not encrypted"
    );
    inventory.assert_whole();
    inventory.settles();

    // Clients are to be served with it as well: not before the restart, which follows the renewal.
    inventory.rest = format!("{ENCRYPTED}  valid_days: 1000\n  renew_before_days: 500\n");
    let ran = inventory.galactl(&APPLY).expect_code(0);
    ran.says(&["ok arb1/tls/certificate", "ok arb1/tls/restart", "ok db2/tls/load"]);
    inventory.galactl(&APPLY).expect_code(0).says(&["Nothing to do"]);
    let access = lab.on("arb1", "stat -c '%a %U' /etc/galactl/tls.pem");
    assert_eq!(access, "400 nobody");
}
