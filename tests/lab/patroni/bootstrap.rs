//! The main job of the second engine: fresh hosts become a verified cluster.

use super::{NODES, all_untouched, assert_whole, hosts, sql};
use crate::lab::Lab;
use crate::run::Inventory;

/// A dry run changes nothing and shows what is carried out; a second run does nothing; a saved plan is carried out once.
#[test]
#[ignore = "boots real hosts"]
fn fresh_hosts_of_debian_12_become_a_cluster_and_a_second_run_does_nothing() {
    let lab = hosts("t-pg-birth", "bookworm");
    let inventory = Inventory::of_patroni(&lab, &NODES);
    let before = all_untouched(&lab);
    let dry = inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0);
    assert_eq!(all_untouched(&lab), before, "a dry run changed something");
    assert!(dry.stdout.contains("pg1/patroni/found") && dry.stderr.is_empty(), "{dry:?}");
    let file = inventory.file("plan.json");
    inventory.galactl(&["plan", "--out", &file, "--detailed-exitcode"]).expect_code(2);
    let ran = inventory.galactl_alone(&["apply", &file, "--yes"]).expect_code(0);
    assert!(ran.stderr.contains(dry.stdout.trim_end()), "what ran is not what the dry run showed");
    assert_whole(&lab);
    assert_eq!(sql(&lab, "pg1", "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'galactl%'"), "0");
    assert_eq!(sql(&lab, "pg1", "SHOW data_checksums"), "on");

    // Debian 12's Patroni loses commits by etcd's v3 API.
    let config = lab.on("pg2", "cat /etc/patroni/config.yml; stat -c '%a %U:%G' /etc/patroni/config.yml");
    assert!(config.contains("\netcd:\n") && config.ends_with("640 root:postgres"), "{config}");
    no_password_is_shown(&lab, &ran.text());

    let before = all_untouched(&lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
    inventory.galactl_alone(&["apply", &file, "--yes"]).expect_code(4).says(&["refused[stale]"]);
    assert_eq!(all_untouched(&lab), before, "the second run changed something");
}

/// Passwords are in Patroni's file, and in nothing that anybody else reads.
fn no_password_is_shown(lab: &Lab, narration: &str) {
    let passwords = lab.on("pg1", "sed -n 's/^ *password: \"\\(.*\\)\"$/\\1/p' /etc/patroni/config.yml");
    assert_eq!(passwords.lines().count(), 3, "one for each account");
    for password in passwords.lines() {
        assert_eq!(password.len(), 32, "a generated password");
        assert!(!narration.contains(password), "the password was shown");
        for node in NODES {
            let readable = lab.on(node, "journalctl --no-pager; cat /proc/*/cmdline | tr '\\0' ' '");
            assert!(!readable.contains(password), "the password is in {node}'s journal or in a command line");
        }
    }
}

/// With sudo, and hosts on which nothing is installed: no package starts a cluster of its own.
#[test]
#[ignore = "boots real hosts"]
fn bare_hosts_of_debian_13_through_deploy_and_sudo() {
    let lab = Lab::up("t-pg-bare", &["pg1:trixie:bare", "pg2:trixie:bare", "pg3:trixie:bare"]);
    let mut inventory = Inventory::of_patroni(&lab, &NODES);
    inventory.user = "deploy";
    inventory.rest = "synchronous:\n  mode: strict".into();
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["refused[not-installed] pg1", "install: true"]);
    inventory.cluster += "\n  install: true";
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    assert_whole(&lab);
    for node in NODES {
        let left = lab.on(
            node,
            "pg_lsclusters -h | grep -v galactl; ls /var/lib/etcd; ls /usr/sbin/policy-rc.d 2>&1; true",
        );
        assert!(left.contains("galactl-shop") && !left.contains("default"), "{node}: {left}");
    }
    assert!(lab.on("pg1", "cat /etc/patroni/config.yml").contains("\netcd3:\n"));
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}
